// AgentNode: the agent machine as a process of a simulated host.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "kernel/agent/agent.hpp"
#include "kernel/runtime/durable_order.hpp"
#include "tests/simulation/containers.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/surroundings.hpp"

namespace mesolite::simulation {

class AgentNode final : public Node {
 public:
  // What it finds on its host; all outlive the node.
  struct Host {
    const std::string& name;
    const Clock& clock;
    Disk& disk;
    Containers& containers;
  };

  // `ended` is called when it ends by itself.
  AgentNode(Surroundings& around, Host host, std::uint64_t incarnation,
            std::function<void()> ended);
  // It is killed; what it started runs on.
  ~AgentNode() override;

  const std::string& name() const override { return host_.name; }
  std::uint64_t epoch() const override { return epoch_; }
  void connected() override;
  void disconnected() override;
  void received(Message message) override;
  void received_from(PeerId peer, Message message) override;
  void peer_lost(PeerId peer) override;
  void end_turn() override;

  const agent::Agent& machine() const { return machine_; }
  Time now() const { return host_.clock.local(around_.timeline.now()); }
  // It has ended by itself.
  bool finished() const { return finished_; }
  // SIGTERM.
  void shut_down();

 private:
  // What waits for the disk, and over which connection to the master it was to go.
  struct Waiting {
    agent::Output output;
    std::uint64_t link = 0;
  };

  // Goes on from what an earlier agent has left behind.
  void recover();
  void step(agent::Input input);
  void leave(Waiting waiting);
  void perform(agent::SendToMaster& send);
  void perform(agent::ReconnectMaster& reconnect);
  void perform(agent::SendToPeer& send);
  void perform(agent::DisconnectPeer& cut);
  void perform(agent::Launch& start);
  void perform(agent::Terminate& end);
  void perform(agent::Destroy& end);
  void perform(agent::RetireSandbox& left);
  void perform(agent::RecoverContainers& left);
  void perform(agent::RunCheck& check);
  void perform(agent::Checkpoint& record);
  void perform(agent::Finished& finished);
  void perform(Event& event);
  void perform(auto&) {}  // nobody here asks for it, or sees it
  void flush();
  // Later, if it is still there.
  void later(Duration wait, std::function<void(AgentNode&)> work);
  void check_load() const;

  Surroundings& around_;
  const Host host_;
  const std::function<void()> ended_;
  agent::Agent machine_;
  agent::Outbox outbox_;
  std::uint64_t epoch_ = 0;  // of the master that it follows
  bool finished_ = false;
  std::vector<Message> to_master_;
  std::map<PeerId, std::vector<Message>> to_peers_;
  runtime::DurableOrder<Waiting> order_;
  std::uint64_t link_ = 0;  // to the master, counted
  Time last_durable_{};
  Alarm alarm_{around_, host_.clock, *this};
};

}  // namespace mesolite::simulation
