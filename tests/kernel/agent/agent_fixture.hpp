// An agent machine and the words to talk to it. Every turn ends with a check of all invariants.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "kernel/agent/agent.hpp"

namespace mesolite::agent {

inline const FrameworkId framework_id{"F"};

class AgentFixture : public testing::Test {
 protected:
  AgentFixture();

  // A new machine with `configuration`.
  void start();
  // start(), connected to a master and registered as agent "A".
  void start_registered();

  // One turn at the present moment: each input a step, then advance.
  void turn(std::vector<Input> inputs);
  void from_master(Message message) { turn({ReceivedFromMaster{std::move(message)}}); }
  void from_peer(PeerId peer, Message message) {
    turn({ReceivedFromPeer{peer, std::move(message)}});
  }
  // Called at the end of each turn, while its outputs are at hand.
  virtual void carry_out() {}
  // Lets time pass, one turn for each deadline on the way; outputs add up.
  void pass(Duration span);

  // ---- what the last turn said ------------------------------------------------------------------
  template <class Kind>
  std::vector<Kind> outputs() const {
    std::vector<Kind> found;
    for (const auto& output : outbox) {
      if (const auto* kind = std::get_if<Kind>(&output)) found.push_back(*kind);
    }
    return found;
  }
  template <class Kind>
  std::vector<Kind> to_master() const {
    return messages<Kind>(outputs<SendToMaster>());
  }
  template <class Kind>
  std::vector<Kind> to_peers() const {
    return messages<Kind>(outputs<SendToPeer>());
  }
  // The updates sent to the master, batches joined.
  std::vector<AgentUpdate> updates() const;
  // REQUIRES: exactly one was sent.
  TaskStatus update() const;
  bool said(std::string_view event) const;

  // ---- what the master and executors say --------------------------------------------------------
  static TaskInfo command_task(const std::string& id, const std::string& line = "true");
  static TaskInfo executor_task(const std::string& id, const std::string& executor);
  static ExecutorInfo executor_info(const std::string& id);
  static FrameworkInfo framework(const FrameworkId& id = framework_id);
  static RunTasks run(std::vector<TaskInfo> tasks);
  static KillAgentTask kill(const std::string& task, std::optional<Duration> grace = {});

  // Acknowledges an update as its framework does.
  void acknowledge(const TaskStatus& status);

  // Launches a command task and gives its container.
  Launch launch(const TaskInfo& task);
  // … and says that it runs; the update RUNNING is acknowledged.
  Launch launch_running(const TaskInfo& task);
  // A first task for the executor, whose process runs.
  Launch start_executor(const std::string& task, const std::string& executor);
  // Its process connects and registers over `peer`.
  void register_executor(const Launch& launch, PeerId peer);
  static RegisterExecutor registration(const Launch& launch);
  static TaskStatus status(const std::string& task, TaskState task_state, std::uint64_t sequence);

  Configuration configuration;
  Time now{Duration(1'000'000s)};
  std::unique_ptr<Agent> agent;
  Outbox outbox;

 private:
  template <class Kind, class Sent>
  static std::vector<Kind> messages(const std::vector<Sent>& all) {
    std::vector<Kind> found;
    for (const auto& sent : all) {
      if (const auto* kind = std::get_if<Kind>(&sent.message)) found.push_back(*kind);
    }
    return found;
  }
};

}  // namespace mesolite::agent
