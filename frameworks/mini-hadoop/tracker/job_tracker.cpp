#include "frameworks/mini-hadoop/tracker/job_tracker.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::hadoop {
namespace {

std::string task_name(TaskKind kind, std::uint32_t index) {
  return (kind == TaskKind::map ? "map " : "reduce ") + std::to_string(index);
}

}  // namespace

JobTracker::JobTracker(JobPlan plan)
    : plan_(std::move(plan)), maps_(plan_.maps), reduces_(plan_.reduces) {
  // From the last to the first, as each is put before those that are there.
  for (std::uint32_t map = plan_.maps; map-- > 0;) enqueue(TaskKind::map, map);
  for (std::uint32_t reduce = plan_.reduces; reduce-- > 0;) enqueue(TaskKind::reduce, reduce);
  notice_success();
}

void JobTracker::notice_success() {
  if (maps_done_ == plan_.maps && reduces_done_ == plan_.reduces) state_ = JobState::succeeded;
}

// ---- what runs next ----------------------------------------------------------------------------

bool JobTracker::reduces_may_start() const {
  return maps_done_ >= std::ceil(plan_.slow_start * static_cast<double>(maps_.size()));
}

bool JobTracker::wants_slots() const {
  if (state_ != JobState::running) return false;
  return !pending_maps_.empty() || (!pending_reduces_.empty() && reduces_may_start()) ||
         !stragglers_.empty();
}

bool JobTracker::is_avoided(const AgentId& agent) const {
  const auto is_bad = [&](const auto& seen) {
    return seen.second.failures >= plan_.agent_failures_max;
  };
  const auto found = agents_.find(agent);
  if (found == agents_.end() || !is_bad(*found)) return false;
  return !std::all_of(agents_.begin(), agents_.end(), is_bad);
}

std::optional<AttemptId> JobTracker::assign(const AgentId& agent) {
  agents_.try_emplace(agent);
  if (!wants_slots() || is_avoided(agent)) return std::nullopt;
  if (!pending_maps_.empty()) {
    const auto map = choose_map(agents_[agent]);
    if (!map) return std::nullopt;
    dequeue(TaskKind::map, *map);
    return start(TaskKind::map, *map, agent);
  }
  if (!pending_reduces_.empty() && reduces_may_start()) {
    const std::uint32_t reduce = pending_reduces_.front();
    pending_reduces_.pop_front();
    return start(TaskKind::reduce, reduce, agent);
  }
  return start_second(agent);
}

void JobTracker::enqueue(TaskKind kind, std::uint32_t index) {
  queue(kind).push_front(index);
  if (kind != TaskKind::map) return;
  if (hosts_of(index).empty()) maps_at_[""].push_front(index);
  for (const std::string& host : hosts_of(index)) maps_at_[host].push_front(index);
}

void JobTracker::dequeue(TaskKind kind, std::uint32_t index) {
  auto& pending = queue(kind);
  pending.erase(std::find(pending.begin(), pending.end(), index));
}

// ---- near the input ----------------------------------------------------------------------------

const std::vector<std::string>& JobTracker::hosts_of(std::uint32_t map) const {
  static const std::vector<std::string> none;
  return map < plan_.map_hosts.size() ? plan_.map_hosts[map] : none;
}

bool JobTracker::lies_at_known_agent(std::uint32_t map) const {
  const auto& hosts = hosts_of(map);
  return std::any_of(agents_.begin(), agents_.end(), [&](const auto& agent) {
    return std::find(hosts.begin(), hosts.end(), agent.second.host) != hosts.end();
  });
}

// The pending map that shall start there; none if the slot had better wait for one.
std::optional<std::uint32_t> JobTracker::choose_map(Agent& agent) {
  for (const std::string& host : {agent.host, std::string()}) {
    const auto found = maps_at_.find(host);
    if (found == maps_at_.end()) continue;
    auto& maps = found->second;
    while (!maps.empty() && maps_[maps.front()].state != TaskState::pending) maps.pop_front();
    if (maps.empty()) continue;
    agent.waiting_since.reset();
    return maps.front();
  }
  if (!agent.waiting_since) agent.waiting_since = now_;
  const std::uint32_t first = pending_maps_.front();
  const bool waits = is_waiting(agent) && lies_at_known_agent(first);
  return waits ? std::nullopt : std::optional(first);
}

bool JobTracker::is_waiting(const Agent& agent) const {
  return agent.waiting_since && now_ - *agent.waiting_since < plan_.locality_wait;
}

bool JobTracker::waits_for_input(const AgentId& agent) const {
  const auto found = agents_.find(agent);
  return found != agents_.end() && !pending_maps_.empty() && is_waiting(found->second);
}

// ---- attempts begin ----------------------------------------------------------------------------

std::optional<AttemptId> JobTracker::start_second(const AgentId& agent) {
  for (auto straggler = stragglers_.rbegin(); straggler != stragglers_.rend(); ++straggler) {
    const AttemptId first = *straggler;
    if (is_running(first) && tasks(first.kind)[first.index].runs.front().agent == agent) continue;
    stragglers_.erase(std::next(straggler).base());
    if (!is_running(first)) return start_second(agent);
    return start(first.kind, first.index, agent);
  }
  return std::nullopt;
}

AttemptId JobTracker::start(TaskKind kind, std::uint32_t index, const AgentId& agent) {
  Task& task = tasks(kind)[index];
  task.state = TaskState::running;
  if (kind == TaskKind::map) {
    const auto& hosts = hosts_of(index);
    maps_near_input_ += std::count(hosts.begin(), hosts.end(), agents_[agent].host) > 0 ? 1 : 0;
  }
  task.runs.push_back({task.attempts, agent, 0, now_});
  ++(kind == TaskKind::map ? running_maps_ : running_reduces_);
  return {plan_.stage, kind, index, task.attempts++};
}

void JobTracker::started(const AttemptId& id, const AgentId& agent) {
  if (!knows(id) || tasks(id.kind)[id.index].attempts > id.attempt) return;
  Task& task = tasks(id.kind)[id.index];
  if (task.state == TaskState::done) put_back(id.kind, id.index);  // its output was lost
  if (task.state == TaskState::pending) dequeue(id.kind, id.index);
  task.attempts = id.attempt;
  start(id.kind, id.index, agent);
}

// ---- what became of it -------------------------------------------------------------------------

bool JobTracker::knows(const AttemptId& id) const {
  return id.stage == plan_.stage && id.kind != TaskKind::unknown &&
         id.index < tasks(id.kind).size();
}

bool JobTracker::is_running(const AttemptId& id) const {
  if (!knows(id)) return false;
  const auto& runs = tasks(id.kind)[id.index].runs;
  return std::any_of(runs.begin(), runs.end(),
                     [&](const Run& run) { return run.attempt == id.attempt; });
}

bool JobTracker::is_done(const AttemptId& id) const {
  if (!knows(id)) return false;
  const Task& task = tasks(id.kind)[id.index];
  return task.state == TaskState::done && task.done_attempt == id.attempt;
}

JobTracker::Ended JobTracker::take_run(const AttemptId& id) {
  if (state_ != JobState::running || !is_running(id)) return {};
  Task& task = tasks(id.kind)[id.index];
  const auto run = std::find_if(task.runs.begin(), task.runs.end(),
                                [&](const Run& each) { return each.attempt == id.attempt; });
  Ended ended{&task, *run};
  task.runs.erase(run);
  task.agent = ended.run.agent;
  --(id.kind == TaskKind::map ? running_maps_ : running_reduces_);
  return ended;
}

void JobTracker::finished(const AttemptId& id, const AgentId& agent, const TaskReport& report) {
  if (id.kind == TaskKind::map && report.runs.size() != plan_.reduces) {
    return failed(id, "it reported " + std::to_string(report.runs.size()) + " partitions");
  }
  const auto [task, run] = take_run(id);
  if (task == nullptr) return;
  const bool is_map = id.kind == TaskKind::map;
  for (const Run& other : task->runs) {
    actions_.push_back(
        {TrackerAction::Kind::kill, {plan_.stage, id.kind, id.index, other.attempt}});
    --(is_map ? running_maps_ : running_reduces_);
  }
  task->runs.clear();
  task->state = TaskState::done;
  task->done_attempt = id.attempt;
  task->agent = agent;
  task->report = report;
  Finished& finished = is_map ? finished_maps_ : finished_reduces_;
  finished.time += now_ - run.since;
  ++finished.attempts;
  ++(is_map ? maps_done_ : reduces_done_);
  if (is_map) actions_.push_back({TrackerAction::Kind::announce, id});
  notice_success();
}

void JobTracker::put_back(TaskKind kind, std::uint32_t index) {
  Task& task = tasks(kind)[index];
  if (task.state == TaskState::done) --(kind == TaskKind::map ? maps_done_ : reduces_done_);
  task.state = TaskState::pending;
  task.report = {};
  enqueue(kind, index);
}

void JobTracker::give_up(TaskKind kind, std::uint32_t index, const std::string& how_often,
                         const std::string& reason) {
  state_ = JobState::failed;
  failure_reason_ = task_name(kind, index) + " " + how_often + ", the last time on agent " +
                    tasks(kind)[index].agent.value + ": " + reason;
}

void JobTracker::failed(const AttemptId& id, const std::string& reason) {
  const auto [task, run] = take_run(id);
  if (task == nullptr) return;
  ++agents_[run.agent].failures;
  if (task->runs.empty()) put_back(id.kind, id.index);
  if (++task->failures < plan_.failures_max) return;
  give_up(id.kind, id.index, "failed " + std::to_string(task->failures) + " times", reason);
}

void JobTracker::lost(const AttemptId& id, const std::string& reason) {
  const auto [task, run] = take_run(id);
  if (task != nullptr && task->runs.empty()) lose_task(id.kind, id.index, reason);
}

void JobTracker::lose_task(TaskKind kind, std::uint32_t index, const std::string& reason) {
  put_back(kind, index);
  Task& task = tasks(kind)[index];
  if (++task.losses < plan_.losses_max) return;
  give_up(kind, index, "was lost " + std::to_string(task.losses) + " times", reason);
}

void JobTracker::progressed(const AttemptId& id, double done) {
  if (!is_running(id)) return;
  for (Run& run : tasks(id.kind)[id.index].runs) {
    if (run.attempt == id.attempt) run.share = std::clamp(done, run.share, 1.0);
  }
}

void JobTracker::agent_lost(const AgentId& agent, const std::string& reason) {
  agents_.erase(agent);
  for (const TaskKind kind : {TaskKind::map, TaskKind::reduce}) {
    for (std::uint32_t index = 0; index < tasks(kind).size(); ++index) {
      if (state_ != JobState::running) return;
      const Task& task = tasks(kind)[index];
      const auto there = std::find_if(task.runs.begin(), task.runs.end(),
                                      [&](const Run& run) { return run.agent == agent; });
      if (there != task.runs.end()) lost({plan_.stage, kind, index, there->attempt}, reason);
      // What writes the output has left it where all can see it, other maps had it there.
      const bool output_gone =
          task.state == TaskState::done && task.agent == agent && kind != output_kind();
      if (output_gone) lose_task(kind, index, reason);
    }
  }
}

bool JobTracker::output_lost(std::uint32_t map, std::uint32_t attempt, const std::string& reason) {
  if (state_ != JobState::running || map >= maps_.size()) return false;
  const Task& task = maps_[map];
  if (task.state != TaskState::done) return false;
  if (task.done_attempt != attempt) return task.done_attempt > attempt;
  lose_task(TaskKind::map, map, reason);
  return false;
}

// ---- time --------------------------------------------------------------------------------------

void JobTracker::advance(Time now) {
  now_ = now;
  stragglers_.clear();
  if (state_ != JobState::running) return;
  give_way_to_maps(now);
  if (agents_.size() < 2) return;  // a second attempt needs another agent
  for (const TaskKind kind : {TaskKind::reduce, TaskKind::map}) find_stragglers(kind);
}

void JobTracker::give_way_to_maps(Time now) {
  const bool waits = std::any_of(agents_.begin(), agents_.end(),
                                 [&](const auto& agent) { return is_waiting(agent.second); });
  const bool starving =
      !pending_maps_.empty() && running_maps_ == 0 && running_reduces_ > 0 && !waits;
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

void JobTracker::find_stragglers(TaskKind kind) {
  const Finished& finished = kind == TaskKind::map ? finished_maps_ : finished_reduces_;
  if (!queue(kind).empty() || finished.attempts == 0) return;
  const double mean = to_seconds(finished.time) / static_cast<double>(finished.attempts);
  const double patience =
      std::max(to_seconds(plan_.speculative_after), plan_.speculative_ratio * mean);
  std::vector<std::pair<double, AttemptId>> slow;  // with the time that it still needs
  for (std::uint32_t index = 0; index < tasks(kind).size(); ++index) {
    const Task& task = tasks(kind)[index];
    if (task.runs.size() != 1) continue;
    const Run& run = task.runs.front();
    const double elapsed = to_seconds(now_ - run.since);
    if (elapsed < patience) continue;
    const double left = elapsed * (1 - run.share) / std::max(run.share, 0.01);
    if (left > mean / 2) slow.push_back({left, {plan_.stage, kind, index, run.attempt}});
  }
  std::sort(slow.begin(), slow.end());
  for (const auto& [left, id] : slow) stragglers_.push_back(id);
}

std::vector<TrackerAction> JobTracker::take_actions() {
  return std::exchange(actions_, {});
}

// ---- how it stands -----------------------------------------------------------------------------

JobProgress JobTracker::progress() const {
  const auto share = [](const std::vector<Task>& tasks, std::uint32_t done) {
    double sum = done;
    for (const Task& task : tasks) {
      double most = 0;
      for (const Run& run : task.runs) most = std::max(most, run.share);
      sum += most;
    }
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
  sums.add(counter::maps_near_input, maps_near_input_);
  return sums;
}

std::vector<AttemptId> JobTracker::running(TaskKind kind) const {
  std::vector<AttemptId> ids;
  for (std::uint32_t index = 0; index < tasks(kind).size(); ++index) {
    for (const Run& run : tasks(kind)[index].runs) {
      ids.push_back({plan_.stage, kind, index, run.attempt});
    }
  }
  return ids;
}

MapOutputInfo JobTracker::output_for(std::uint32_t partition, std::uint32_t map) const {
  const Task& task = maps_[map];
  MESOLITE_CHECK(task.state == TaskState::done, "only a map that is done has an output");
  const RunInfo& run = task.report.runs[partition];
  return {map, task.done_attempt, task.report.host, run.length, run.records};
}

std::vector<MapOutputInfo> JobTracker::outputs_for(std::uint32_t partition) const {
  std::vector<MapOutputInfo> outputs;
  for (std::uint32_t map = 0; map < maps_.size(); ++map) {
    if (maps_[map].state == TaskState::done) outputs.push_back(output_for(partition, map));
  }
  return outputs;
}

std::vector<AttemptId> JobTracker::committed() const {
  MESOLITE_CHECK(state_ == JobState::succeeded, "only what is done counts");
  std::vector<AttemptId> attempts;
  for (std::uint32_t index = 0; index < tasks(output_kind()).size(); ++index) {
    const std::uint32_t attempt = tasks(output_kind())[index].done_attempt;
    attempts.push_back({plan_.stage, output_kind(), index, attempt});
  }
  return attempts;
}

void JobTracker::check_invariants() const {
  for (const TaskKind kind : {TaskKind::map, TaskKind::reduce}) {
    std::size_t counts[3] = {};
    std::size_t runs = 0;
    for (const Task& task : tasks(kind)) {
      ++counts[static_cast<int>(task.state)];
      runs += task.runs.size();
      MESOLITE_CHECK((task.state == TaskState::running) == !task.runs.empty(),
                     "a task runs while it has an attempt that does");
    }
    const bool is_map = kind == TaskKind::map;
    const auto& pending = is_map ? pending_maps_ : pending_reduces_;
    MESOLITE_CHECK(counts[0] == pending.size(), "the queue holds exactly the pending tasks");
    MESOLITE_CHECK(runs == (is_map ? running_maps_ : running_reduces_), "running is counted");
    MESOLITE_CHECK(counts[2] == (is_map ? maps_done_ : reduces_done_), "done is counted");
    for (const std::uint32_t index : pending) {
      MESOLITE_CHECK(tasks(kind)[index].state == TaskState::pending,
                     "the queue is of pending ones");
    }
  }
}

}  // namespace mesolite::hadoop
