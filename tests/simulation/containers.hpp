// Containers: what runs on a host, and the launcher that started it. It goes on without the agent,
// and remembers how what has ended did end until it is told to forget it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "kernel/agent/io.hpp"
#include "tests/simulation/executor_node.hpp"
#include "tests/simulation/surroundings.hpp"

namespace mesolite::simulation {

class Containers {
 public:
  // Where outcomes go: agent::Launched, agent::Exited and agent::ContainerRecovered.
  using Tell = std::function<void(agent::Input)>;

  // `clock` is that of the host; it outlives them.
  Containers(Surroundings& around, std::string host, const Clock& clock);
  // The host dies, and all that runs there.
  ~Containers();
  Containers(const Containers&) = delete;
  Containers& operator=(const Containers&) = delete;

  // The agent that runs now; null: there is none.
  void serve(Tell tell) { tell_ = std::move(tell); }

  void launch(const agent::Launch& output);
  void terminate(const ContainerId& container);
  void destroy(const ContainerId& container);
  // Tells how each that is known is; ends all others.
  void recover(const agent::RecoverContainers& left);
  void forget(const ContainerId& container) { ended_.erase(container); }
  void crash_some_executor();

 private:
  struct Container {
    ContainerContext context;
    std::unique_ptr<ExecutorNode> executor;  // null: a command task
    bool running = false;
    bool recovered = false;  // while it was being launched
    bool stubborn = false;   // does not mind SIGTERM
  };

  void start(const ContainerId& id, const std::map<std::string, std::string>& environment);
  void start_executor(Container& container, const std::map<std::string, std::string>& environment);
  void report(const ContainerId& id);
  void exit(const ContainerId& id, std::int32_t status);
  void exit_in(const ContainerId& id, Duration wait, std::int32_t status);
  void tell(agent::Input input) const;
  // Later, if this host is still there.
  void later(Duration wait, std::function<void()> work);

  Surroundings& around_;
  const std::string host_;
  const Clock& clock_;
  Tell tell_;
  std::map<ContainerId, Container> containers_;
  std::map<ContainerId, std::int32_t> ended_;  // status of each
  const std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace mesolite::simulation
