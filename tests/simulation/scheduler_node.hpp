// SchedulerNode: the real session of a scheduler's driver, and a scheduler that launches, declines,
// kills and asks as the seed says, and keeps a table of its tasks.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sdk/src/framework/scheduler_session.hpp"
#include "tests/simulation/surroundings.hpp"

namespace mesolite::simulation {

// What a scheduler remembers of a task, as frameworks are advised to: on disk.
struct KnownTask {
  AgentId agent;
  TaskState state = TaskState::staging;
};

// What survives a scheduler's crash, if it stores it.
struct SchedulerMemory {
  FrameworkId framework_id;
  std::map<TaskId, KnownTask> tasks;
  std::uint64_t tasks_named = 0;
};

class SchedulerNode final : public Node {
 public:
  SchedulerNode(Surroundings& around, std::string name, SchedulerMemory memory);
  ~SchedulerNode() override;

  void connected() override;
  void disconnected() override;
  void received(Message message) override;
  void end_turn() override;

  const std::string& name() const { return name_; }
  const SchedulerMemory& memory() const { return memory_; }
  bool subscribed() const { return session_->phase() == SchedulerPhase::subscribed; }
  // Its session has ended: its framework was shut out.
  bool ended() const { return ended_; }
  // Tasks that have not ended, as far as it knows.
  std::size_t tasks_open() const;
  // It launches nothing more.
  void retire();

 private:
  void carry_out();
  void tell(const SchedulerCallback& callback);
  void offered(const Offer& offer);
  void launch(const Offer& offer);
  void updated(const TaskStatus& status);
  void ask_about_open_tasks();
  void live();

  Surroundings& around_;
  const std::string name_;
  SchedulerMemory memory_;
  const bool partition_aware_;
  SchedulerOptions options_;
  std::unique_ptr<ClientAuthentication> authentication_;
  std::unique_ptr<SchedulerSession> session_;
  bool ended_ = false;
  Alarm alarm_{around_, *this};
};

}  // namespace mesolite::simulation
