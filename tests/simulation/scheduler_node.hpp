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
  std::uint64_t instance = 0;  // its tasks have names of their own
  std::uint64_t tasks_named = 0;
  std::size_t open = 0;  // of tasks, those that have not ended
  bool shared = false;  // an older instance may have heard, and acknowledged, what this one has not
};

// What kind of framework it is; the same for all its instances.
struct Character {
  std::vector<std::string> roles;
  std::vector<FrameworkCapability> capabilities;
  Duration failover_timeout{30s};
  std::uint64_t tasks_open_max = 10;
  bool partition_aware = false;
  bool checkpoint = false;

  static Character draw(const Surroundings& around);
};

class SchedulerNode final : public Node {
 public:
  SchedulerNode(Surroundings& around, std::string name, Character character,
                SchedulerMemory memory);
  ~SchedulerNode() override;

  const std::string& name() const override { return name_; }
  std::uint64_t epoch() const override { return epoch_; }
  void connected() override;
  void disconnected() override;
  void received(Message message) override;
  void end_turn() override;

  const Character& character() const { return character_; }
  const SchedulerMemory& memory() const { return memory_; }
  Time now() const { return clock_.local(around_.timeline.now()); }
  bool subscribed() const { return session_->phase() == SchedulerPhase::subscribed; }
  // Its session has ended: its framework was shut out, or it tore it down.
  bool ended() const { return ended_; }
  // It launches nothing more.
  void retire();
  void tear_down();

 private:
  void carry_out();
  void perform(SchedulerOutput& output, std::vector<Message>& messages);
  void tell(const SchedulerCallback& callback);
  void subscribed_now();
  void updated(const TaskStatus& status);

  // ---- scheduler_work.cpp: what it does of its own accord
  // ---------------------------------------------------
  void offered(const std::vector<Offer>& offers);
  void answer(const Offer& offer);
  void launch(const Offer& offer);
  // The offer's, with those kept ones that can be used together with it.
  std::vector<Offer> joined(const Offer& offer);
  // Reserves, unreserves, makes or destroys a volume: `left` becomes what there is afterwards.
  Operation conversion(const std::string& role, Resources& left);
  // The tasks of one launch, or a group; with what is `left`, as far as it goes.
  Operation launch_operation(const Offer& offer, Resources left);
  TaskInfo task_for(const Offer& offer, const ExecutorId& executor);
  // A request that must launch nothing.
  void accept_wrongly(std::vector<OfferId> offers, TaskInfo task);
  void live();
  void act();
  void kill_some_task();
  void ask_about_open_tasks();

  Surroundings& around_;
  const std::string name_;
  const Character character_;
  const Clock clock_;
  SchedulerMemory memory_;
  SchedulerOptions options_;
  std::unique_ptr<ClientAuthentication> authentication_;
  std::unique_ptr<SchedulerSession> session_;
  std::uint64_t epoch_ = 0;
  bool ended_ = false;
  std::vector<Offer> kept_;  // offers that wait for an answer
  Alarm alarm_{around_, clock_, *this};
};

}  // namespace mesolite::simulation
