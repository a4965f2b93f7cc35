#include "frameworks/mini-hadoop/tracker/job_tracker.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::hadoop {
namespace {

std::string task_name(TaskKind kind, std::uint32_t index) {
  return (kind == TaskKind::map ? "map " : "reduce ") + std::to_string(index);
}

}  // namespace

JobTracker::JobTracker(JobPlan plan) : plan_(plan), maps_(plan.maps), reduces_(plan.reduces) {
  MESOLITE_CHECK(plan.reduces > 0, "a job has at least one reduce");
  for (std::uint32_t map = 0; map < plan.maps; ++map) pending_maps_.push_back(map);
  for (std::uint32_t reduce = 0; reduce < plan.reduces; ++reduce) {
    pending_reduces_.push_back(reduce);
  }
}

// ---- what runs next ----------------------------------------------------------------------------

bool JobTracker::reduces_may_start() const {
  return maps_done_ >= std::ceil(plan_.slow_start * static_cast<double>(maps_.size()));
}

bool JobTracker::wants_slots() const {
  if (state_ != JobState::running) return false;
  return !pending_maps_.empty() || (!pending_reduces_.empty() && reduces_may_start());
}

bool JobTracker::is_avoided(const AgentId& agent) const {
  const auto is_bad = [&](const auto& seen) { return seen.second >= plan_.agent_failures_max; };
  const auto found = agents_.find(agent);
  if (found == agents_.end() || !is_bad(*found)) return false;
  return !std::all_of(agents_.begin(), agents_.end(), is_bad);
}

std::optional<AttemptId> JobTracker::assign(const AgentId& agent) {
  agents_.try_emplace(agent, 0);
  if (!wants_slots() || is_avoided(agent)) return std::nullopt;
  return start(pending_maps_.empty() ? TaskKind::reduce : TaskKind::map, agent);
}

AttemptId JobTracker::start(TaskKind kind, const AgentId& agent) {
  const std::uint32_t index = queue(kind).front();
  queue(kind).pop_front();
  Task& task = tasks(kind)[index];
  task.state = TaskState::running;
  task.agent = agent;
  task.share = 0;
  ++task.attempts;
  ++(kind == TaskKind::map ? running_maps_ : running_reduces_);
  return last_attempt(kind, index);
}

AttemptId JobTracker::last_attempt(TaskKind kind, std::uint32_t index) const {
  return {plan_.stage, kind, index, tasks(kind)[index].attempts - 1};
}

// ---- what became of it -------------------------------------------------------------------------

JobTracker::Task* JobTracker::running_task(const AttemptId& id) {
  return is_running(id) ? &tasks(id.kind)[id.index] : nullptr;
}

bool JobTracker::is_in(const AttemptId& id, TaskState state) const {
  if (id.stage != plan_.stage || id.index >= tasks(id.kind).size()) return false;
  const Task& task = tasks(id.kind)[id.index];
  return task.state == state && task.attempts == id.attempt + 1;
}

void JobTracker::finished(const AttemptId& id, const AgentId& agent, const TaskReport& report) {
  Task* const task = running_task(id);
  if (task == nullptr || state_ != JobState::running) return;
  if (id.kind == TaskKind::map && report.runs.size() != plan_.reduces) {
    return failed(id, "it reported " + std::to_string(report.runs.size()) + " partitions");
  }
  task->state = TaskState::done;
  task->agent = agent;
  task->report = report;
  if (id.kind == TaskKind::map) {
    --running_maps_;
    ++maps_done_;
    actions_.push_back({TrackerAction::Kind::announce, id});
    return;
  }
  --running_reduces_;
  if (++reduces_done_ == plan_.reduces) state_ = JobState::succeeded;
}

void JobTracker::put_back(TaskKind kind, std::uint32_t index) {
  Task& task = tasks(kind)[index];
  const bool is_map = kind == TaskKind::map;
  if (task.state == TaskState::running) --(is_map ? running_maps_ : running_reduces_);
  if (task.state == TaskState::done) --(is_map ? maps_done_ : reduces_done_);
  task.state = TaskState::pending;
  task.share = 0;
  task.report = {};
  // To the front: others may be waiting for it.
  queue(kind).push_front(index);
}

void JobTracker::give_up(TaskKind kind, std::uint32_t index, const std::string& how_often,
                         const std::string& reason) {
  state_ = JobState::failed;
  failure_reason_ = task_name(kind, index) + " " + how_often + ", the last time on agent " +
                    tasks(kind)[index].agent.value + ": " + reason;
}

void JobTracker::failed(const AttemptId& id, const std::string& reason) {
  Task* const task = running_task(id);
  if (task == nullptr || state_ != JobState::running) return;
  ++agents_[task->agent];
  put_back(id.kind, id.index);
  if (++task->failures < plan_.failures_max) return;
  give_up(id.kind, id.index, "failed " + std::to_string(task->failures) + " times", reason);
}

void JobTracker::lost(const AttemptId& id, const std::string& reason) {
  if (running_task(id) == nullptr || state_ != JobState::running) return;
  lose_task(id.kind, id.index, reason);
}

void JobTracker::lose_task(TaskKind kind, std::uint32_t index, const std::string& reason) {
  put_back(kind, index);
  Task& task = tasks(kind)[index];
  if (++task.losses < plan_.losses_max) return;
  give_up(kind, index, "was lost " + std::to_string(task.losses) + " times", reason);
}

void JobTracker::progressed(const AttemptId& id, double done) {
  if (Task* const task = running_task(id)) task->share = std::clamp(done, task->share, 1.0);
}

void JobTracker::agent_lost(const AgentId& agent, const std::string& reason) {
  agents_.erase(agent);
  for (const TaskKind kind : {TaskKind::map, TaskKind::reduce}) {
    for (std::uint32_t index = 0; index < tasks(kind).size(); ++index) {
      if (state_ != JobState::running) return;
      const Task& task = tasks(kind)[index];
      if (task.agent != agent) continue;
      // A finished reduce has its output where all can see it, a finished map had it there.
      const bool gone = task.state == TaskState::running ||
                        (task.state == TaskState::done && kind == TaskKind::map);
      if (gone) lose_task(kind, index, reason);
    }
  }
}

void JobTracker::output_lost(std::uint32_t map, std::uint32_t attempt, const std::string& reason) {
  if (state_ != JobState::running || map >= maps_.size()) return;
  const Task& task = maps_[map];
  if (task.state != TaskState::done || task.attempts != attempt + 1) return;
  lose_task(TaskKind::map, map, reason);
}

// ---- time --------------------------------------------------------------------------------------

void JobTracker::advance(Time now) {
  const bool starving = state_ == JobState::running && !pending_maps_.empty() &&
                        running_maps_ == 0 && running_reduces_ > 0;
  if (!starving) {
    starving_since_.reset();
  } else if (!starving_since_) {
    starving_since_ = now;
  } else if (now - *starving_since_ >= plan_.starvation_timeout) {
    // The reduces hold all slots and wait for a map that has none.
    actions_.push_back({TrackerAction::Kind::kill, running(TaskKind::reduce).back()});
    starving_since_ = now;
  }
}

std::vector<TrackerAction> JobTracker::take_actions() {
  return std::exchange(actions_, {});
}

// ---- how it stands -----------------------------------------------------------------------------

JobProgress JobTracker::progress() const {
  const auto share = [](const std::vector<Task>& tasks, std::uint32_t done) {
    double sum = done;
    for (const Task& task : tasks) sum += task.state == TaskState::running ? task.share : 0;
    return tasks.empty() ? 1.0 : sum / static_cast<double>(tasks.size());
  };
  return {.maps = plan_.maps,
          .maps_done = maps_done_,
          .reduces = plan_.reduces,
          .reduces_done = reduces_done_,
          .running = running_maps_ + running_reduces_,
          .map_share = share(maps_, maps_done_),
          .reduce_share = share(reduces_, reduces_done_)};
}

Counters JobTracker::counters() const {
  Counters sums;
  for (const Task& task : maps_) sums.add(task.report.counters);
  for (const Task& task : reduces_) sums.add(task.report.counters);
  return sums;
}

std::vector<AttemptId> JobTracker::running(TaskKind kind) const {
  std::vector<AttemptId> ids;
  for (std::uint32_t index = 0; index < tasks(kind).size(); ++index) {
    if (tasks(kind)[index].state == TaskState::running) ids.push_back(last_attempt(kind, index));
  }
  return ids;
}

MapOutputInfo JobTracker::output_for(std::uint32_t partition, std::uint32_t map) const {
  const Task& task = maps_[map];
  MESOLITE_CHECK(task.state == TaskState::done, "only a map that is done has an output");
  const RunInfo& run = task.report.runs[partition];
  return {map, task.attempts - 1, task.report.host, run.length, run.records};
}

std::vector<MapOutputInfo> JobTracker::outputs_for(std::uint32_t partition) const {
  std::vector<MapOutputInfo> outputs;
  for (std::uint32_t map = 0; map < maps_.size(); ++map) {
    if (maps_[map].state == TaskState::done) outputs.push_back(output_for(partition, map));
  }
  return outputs;
}

AttemptId JobTracker::committed(std::uint32_t reduce) const {
  MESOLITE_CHECK(reduces_[reduce].state == TaskState::done, "only a reduce that is done counts");
  return last_attempt(TaskKind::reduce, reduce);
}

void JobTracker::check_invariants() const {
  for (const TaskKind kind : {TaskKind::map, TaskKind::reduce}) {
    std::uint32_t counts[3] = {};
    for (const Task& task : tasks(kind)) ++counts[static_cast<int>(task.state)];
    const bool is_map = kind == TaskKind::map;
    const auto& pending = is_map ? pending_maps_ : pending_reduces_;
    MESOLITE_CHECK(counts[0] == pending.size(), "the queue holds exactly the pending tasks");
    MESOLITE_CHECK(counts[1] == (is_map ? running_maps_ : running_reduces_), "running is counted");
    MESOLITE_CHECK(counts[2] == (is_map ? maps_done_ : reduces_done_), "done is counted");
    for (const std::uint32_t index : pending) {
      MESOLITE_CHECK(tasks(kind)[index].state == TaskState::pending,
                     "the queue is of pending ones");
    }
  }
}

}  // namespace mesolite::hadoop
