#include "tests/frameworks/mini-hadoop/fake_cluster.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

namespace mesolite::hadoop {

class FakeCluster::Agent final : public ExecutorDriver {
 public:
  Agent(FakeCluster& cluster, AgentId id, Resources resources)
      : cluster_(cluster), id_(std::move(id)), free_(std::move(resources)) {}
  ~Agent() override {
    if (tracker_) tracker_->finish();
  }

  const AgentId& id() const { return id_; }
  const Resources& free() const { return free_; }
  TaskTracker* tracker() { return tracker_.get(); }
  bool changed = true;  // worth an offer
  std::map<TaskId, Resources> running;

  void reserve(const TaskInfo& task) {
    if (running.empty() && !tracker_) free_ -= task.executor->resources;
    free_ -= task.resources;
    running[task.id] = task.resources;
  }

  void launch(const TaskInfo& task) {
    if (!tracker_) start_executor(*task.executor);
    tracker_->launch_task(*this, task);
  }

  void ended(const TaskId& task) {
    const auto found = running.find(task);
    if (found == running.end()) return;
    free_ += found->second;
    running.erase(found);
    changed = true;
  }

  void send_status_update(TaskStatus status) override {
    status.agent_id = id_;
    cluster_.post([cluster = &cluster_, id = id_, status = std::move(status)] {
      cluster->deliver(id, status);
    });
  }
  void send_framework_message(std::string data) override {
    cluster_.post([cluster = &cluster_, id = id_, data = std::move(data)] {
      if (cluster->find(id) == nullptr || cluster->loses_message()) return;
      cluster->scheduler_->framework_message(*cluster, id, ExecutorId{"task-tracker"}, data);
    });
  }
  // What an agent posted to itself goes with it.
  void post(std::function<void()> work) override {
    cluster_.post([cluster = &cluster_, id = id_, work = std::move(work)] {
      if (cluster->find(id) != nullptr) work();
    });
  }
  void post_after(Duration delay, std::function<void()> work) override {
    cluster_.post_after(delay, [cluster = &cluster_, id = id_, work = std::move(work)] {
      if (cluster->find(id) != nullptr) work();
    });
  }
  void stop() override {}
  void abort() override {}

 private:
  void start_executor(const ExecutorInfo& executor) {
    const std::string sandbox = cluster_.options_.sandboxes + "/" + id_.value;
    std::filesystem::create_directories(sandbox);
    tracker_ = std::make_unique<TaskTracker>(cluster_.files_, cluster_.catalogue_, sandbox);
    AgentInfo agent;
    agent.id = id_;
    agent.ip = "127.0.0.1";
    tracker_->registered(*this, executor, FrameworkInfo{}, agent);
  }

  FakeCluster& cluster_;
  const AgentId id_;
  Resources free_;
  std::unique_ptr<TaskTracker> tracker_;
};

FakeCluster::FakeCluster(Options options, FileSystem& files, const JobCatalogue& catalogue)
    : options_(std::move(options)), files_(files), catalogue_(catalogue) {
  for (int i = 0; i < options_.agents; ++i) add_agent();
}

FakeCluster::~FakeCluster() = default;

void FakeCluster::add_agent() {
  agents_.push_back(std::make_unique<Agent>(*this, AgentId("A" + std::to_string(agents_made_++)),
                                            Resources::parse(options_.resources).value()));
}

FakeCluster::Agent* FakeCluster::find(const AgentId& id) {
  const auto found = std::find_if(agents_.begin(), agents_.end(),
                                  [&](const auto& agent) { return agent->id() == id; });
  return found == agents_.end() ? nullptr : found->get();
}

void FakeCluster::run(Scheduler& scheduler, AfterUpdate after_update) {
  scheduler_ = &scheduler;
  after_update_ = std::move(after_update);
  scheduler.registered(*this, FrameworkId{"F"}, MasterInfo{});
  while (!stopped_) {
    make_offers();
    if (!stopped_) next_work()();
  }
  agents_.clear();
}

std::function<void()> FakeCluster::next_work() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (!queue_.empty()) {
      auto work = std::move(queue_.front());
      queue_.pop_front();
      return work;
    }
    if (timers_.empty()) {
      changed_.wait(lock);
    } else if (changed_.wait_until(lock, timers_.begin()->first) == std::cv_status::timeout) {
      auto work = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      return work;
    }
  }
}

void FakeCluster::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(work));
  changed_.notify_one();
}

void FakeCluster::post_after(Duration delay, std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  timers_.emplace(Clock::now() + delay, std::move(work));
  changed_.notify_one();
}

void FakeCluster::make_offers() {
  std::vector<Offer> offers;
  for (std::size_t i = 0; i < agents_.size() && !suppressed_ && !stopped_; ++i) {
    Agent& agent = *agents_[i];
    if (!std::exchange(agent.changed, false)) continue;
    Offer& offer = offers.emplace_back();
    offer.id = OfferId{++offers_made_};
    offer.agent_id = agent.id();
    offer.hostname = "host" + agent.id().value.substr(1);
    offer.resources = agent.free();
    if (agent.tracker() != nullptr) offer.executor_ids = {ExecutorId{"task-tracker"}};
    offers_[offer.id] = agent.id();
  }
  if (!offers.empty()) scheduler_->resource_offers(*this, offers);
}

void FakeCluster::launch_tasks(std::vector<OfferId> offers, std::vector<TaskInfo> tasks, Filters) {
  const AgentId id = offers_.at(offers.at(0));
  for (const TaskInfo& task : tasks) {
    ++launched_;
    find(id)->reserve(task);
    post([this, id, task] {
      if (Agent* const agent = find(id)) agent->launch(task);
    });
  }
}

void FakeCluster::revive_offers(std::vector<std::string>) {
  suppressed_ = false;
  for (const auto& agent : agents_) agent->changed = true;
}

void FakeCluster::kill_task(const TaskId& task, std::optional<KillPolicy>) {
  for (const auto& agent : agents_) {
    const bool started = agent->tracker() != nullptr && agent->running.contains(task);
    if (started) agent->tracker()->kill_task(*agent, task, {});
  }
}

void FakeCluster::reconcile_tasks(std::vector<TaskReference> tasks) {
  for (const TaskReference& task : tasks) {
    const bool known = std::any_of(agents_.begin(), agents_.end(), [&](const auto& agent) {
      return agent->running.contains(task.task_id);
    });
    if (known) continue;
    TaskStatus status;
    status.task_id = task.task_id;
    status.agent_id = task.agent_id;
    status.state = TaskState::lost;
    status.reason = UpdateReason::reconciliation;
    post([this, status] { scheduler_->status_updates(*this, {status}); });
  }
}

bool FakeCluster::loses_message() {
  if (messages_to_lose_ == 0) return false;
  --messages_to_lose_;
  return true;
}

void FakeCluster::send_framework_message(const AgentId& id, const ExecutorId&, std::string data) {
  post([this, id, data = std::move(data)] {
    Agent* const agent = find(id);
    if (agent == nullptr || agent->tracker() == nullptr || loses_message()) return;
    agent->tracker()->framework_message(*agent, data);
  });
}

void FakeCluster::deliver(const AgentId& id, TaskStatus status) {
  Agent* const agent = find(id);
  if (agent == nullptr) return;
  if (is_terminal(status.state)) agent->ended(status.task_id);
  scheduler_->status_updates(*this, {status});
  if (after_update_) after_update_(status);
}

void FakeCluster::lose_agent(const AgentId& id) {
  const auto found = std::find_if(agents_.begin(), agents_.end(),
                                  [&](const auto& agent) { return agent->id() == id; });
  if (found == agents_.end()) return;
  std::vector<TaskStatus> updates;
  for (const auto& [task, resources] : (*found)->running) {
    TaskStatus status;
    status.task_id = task;
    status.agent_id = id;
    status.state = TaskState::lost;
    status.reason = UpdateReason::agent_removed;
    updates.push_back(status);
  }
  agents_.erase(found);
  scheduler_->status_updates(*this, updates);
  scheduler_->agent_lost(*this, id, "its host is gone");
  add_agent();
}

void FakeCluster::stop(bool) {
  stopped_ = true;
}

}  // namespace mesolite::hadoop
