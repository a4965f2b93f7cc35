// AgentNode: the agent machine on a simulated host, with the containers that it starts.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernel/agent/agent.hpp"
#include "tests/simulation/executor_node.hpp"
#include "tests/simulation/surroundings.hpp"

namespace mesolite::simulation {

class AgentNode final : public Node {
 public:
  AgentNode(Surroundings& around, std::string name, std::uint64_t incarnation);
  // The host dies, and all that runs there.
  ~AgentNode() override;

  void connected() override;
  void disconnected() override;
  void received(Message message) override;
  void received_from(PeerId peer, Message message) override;
  void peer_lost(PeerId peer) override;
  void end_turn() override;

  const agent::Agent& machine() const { return machine_; }
  const std::string& name() const { return name_; }
  void crash_some_executor();

 private:
  struct Container {
    ContainerContext context;
    std::unique_ptr<ExecutorNode> executor;  // null: a command task
    bool running = false;
    bool stubborn = false;  // does not mind SIGTERM
  };

  void step(agent::Input input);
  void carry_out();
  void flush();
  void launch(const agent::Launch& output);
  void start(const ContainerId& id, const std::map<std::string, std::string>& environment);
  void exit(const ContainerId& id, std::int32_t status);
  void exit_in(const ContainerId& id, Duration wait, std::int32_t status);
  // Later, if this host is still there.
  void later(Duration wait, std::function<void(AgentNode&)> work);

  Surroundings& around_;
  const std::string name_;
  agent::Agent machine_;
  agent::Outbox outbox_;
  std::vector<Message> to_master_;
  std::map<PeerId, std::vector<Message>> to_peers_;
  std::map<ContainerId, Container> containers_;
  Alarm alarm_{around_, *this};
};

}  // namespace mesolite::simulation
