#include "tests/integration/recording_scheduler.hpp"

#include <unistd.h>

#include <utility>

namespace mesolite::harness {

TaskInfo shell_task(const std::string& id, const std::string& line, const std::string& resources) {
  TaskInfo task;
  task.id = TaskId(id);
  task.name = id;
  task.resources = Resources::parse(resources).value();
  task.command.emplace().value = line;
  return task;
}

RecordingScheduler::RecordingScheduler(std::vector<TaskInfo> tasks)
    : waiting_(tasks.begin(), tasks.end()) {}

void RecordingScheduler::resource_offers(SchedulerDriver& driver,
                                         const std::vector<Offer>& offers) {
  const std::lock_guard lock(mutex_);
  for (const Offer& offer : offers) {
    ++offers_;
    std::vector<TaskInfo> tasks;
    Resources left = offer.resources;
    while (!waiting_.empty() && left.contains(waiting_.front().resources)) {
      left -= waiting_.front().resources;
      tasks.push_back(std::move(waiting_.front()));
      tasks.back().agent_id = offer.agent_id;
      waiting_.pop_front();
    }
    if (tasks.empty()) {
      driver.decline_offers({offer.id});
    } else {
      driver.launch_tasks({offer.id}, std::move(tasks));
    }
  }
}

void RecordingScheduler::reregistered(SchedulerDriver&, const MasterInfo&) {
  const std::lock_guard lock(mutex_);
  ++reregistrations_;
}

void RecordingScheduler::status_update(SchedulerDriver&, const TaskStatus& update) {
  const std::lock_guard lock(mutex_);
  updates_[update.task_id.value].push_back(update);
}

void RecordingScheduler::agent_lost(SchedulerDriver&, const AgentId&, const std::string&) {
  const std::lock_guard lock(mutex_);
  ++agents_lost_;
}

void RecordingScheduler::error(SchedulerDriver&, const std::string& message) {
  const std::lock_guard lock(mutex_);
  error_ = message;
}

std::vector<TaskState> RecordingScheduler::states(const std::string& task) const {
  const std::lock_guard lock(mutex_);
  std::vector<TaskState> states;
  if (const auto found = updates_.find(task); found != updates_.end()) {
    for (const TaskStatus& update : found->second) states.push_back(update.state);
  }
  return states;
}

TaskStatus RecordingScheduler::last(const std::string& task) const {
  const std::lock_guard lock(mutex_);
  const auto found = updates_.find(task);
  return found == updates_.end() ? TaskStatus{} : found->second.back();
}

std::size_t RecordingScheduler::reregistrations() const {
  const std::lock_guard lock(mutex_);
  return reregistrations_;
}

std::size_t RecordingScheduler::agents_lost() const {
  const std::lock_guard lock(mutex_);
  return agents_lost_;
}

std::size_t RecordingScheduler::offers() const {
  const std::lock_guard lock(mutex_);
  return offers_;
}

std::string RecordingScheduler::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

SchedulerOptions scheduler_options(const std::string& master, const std::string& name) {
  SchedulerOptions options;
  options.master = master;
  options.framework.name = name;
  options.framework.user = ::geteuid() == 0 ? "root" : "";
  return options;
}

}  // namespace mesolite::harness
