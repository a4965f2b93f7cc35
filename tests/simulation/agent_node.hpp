// AgentNode: the agent machine on a simulated host, with the containers that it starts.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernel/agent/agent.hpp"
#include "kernel/runtime/durable_order.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/executor_node.hpp"
#include "tests/simulation/surroundings.hpp"

namespace mesolite::simulation {

class AgentNode final : public Node {
 public:
  // `disk` is that of its host; it outlives the node. `ended` is called when it ends by itself.
  AgentNode(Surroundings& around, std::string name, std::uint64_t incarnation, Disk& disk,
            std::function<void()> ended);
  // The host dies, and all that runs there.
  ~AgentNode() override;

  const std::string& name() const override { return name_; }
  std::uint64_t epoch() const override { return epoch_; }
  void connected() override;
  void disconnected() override;
  void received(Message message) override;
  void received_from(PeerId peer, Message message) override;
  void peer_lost(PeerId peer) override;
  void end_turn() override;

  const agent::Agent& machine() const { return machine_; }
  Time now() const { return clock_.local(around_.timeline.now()); }
  // It has ended by itself.
  bool finished() const { return finished_; }
  void crash_some_executor();
  // SIGTERM.
  void shut_down();

 private:
  struct Container {
    ContainerContext context;
    std::unique_ptr<ExecutorNode> executor;  // null: a command task
    bool running = false;
    bool stubborn = false;  // does not mind SIGTERM
  };

  void step(agent::Input input);
  void perform(agent::Output& output);
  void leave(agent::Output output);
  void send_to_master(Message message);
  void flush();
  void persist(agent::Checkpoint& record);
  void launch(const agent::Launch& output);
  void start(const ContainerId& id, const std::map<std::string, std::string>& environment);
  void exit(const ContainerId& id, std::int32_t status);
  void exit_in(const ContainerId& id, Duration wait, std::int32_t status);
  // Later, if this host is still there.
  void later(Duration wait, std::function<void(AgentNode&)> work);
  void check_load() const;

  Surroundings& around_;
  const std::string name_;
  const Clock clock_;
  Disk& disk_;
  const std::function<void()> ended_;
  agent::Agent machine_;
  agent::Outbox outbox_;
  std::uint64_t epoch_ = 0;  // of the master that it follows
  bool finished_ = false;
  std::vector<Message> to_master_;
  std::map<PeerId, std::vector<Message>> to_peers_;
  runtime::DurableOrder<agent::Output> order_;
  Time last_durable_{};
  std::map<ContainerId, Container> containers_;
  Alarm alarm_{around_, clock_, *this};
};

}  // namespace mesolite::simulation
