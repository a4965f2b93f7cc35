#include "frameworks/mini-spark/tracker/driver_core.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "frameworks/mini-spark/api/accumulator.hpp"

namespace mesolite::spark {

void DriverCore::add_observer(Observer* observer) {
  const Lock lock(mutex_);
  observers_.push_back(observer);
}

void DriverCore::announce(AppEvent event) {
  const Lock lock(mutex_);
  note(std::move(event));
}

void DriverCore::note(AppEvent event) {
  event.time = now_();
  for (Observer* const observer : observers_) observer->observe(event);
}

// ---- jobs --------------------------------------------------------------------------------------

Result<std::vector<std::string>> DriverCore::run(const JobRequest& request) {
  JobRun job;
  job.stages = plan_stages(request.action, request.partitions);
  job.results.resize(request.partitions.size());
  for (std::size_t i = 0; i < request.partitions.size(); ++i) job.place[request.partitions[i]] = i;
  const std::string refusal = backend_->refusal(job.stages);
  if (!refusal.empty()) return failure(refusal);
  std::vector<StagePlan> plans;
  for (const PlannedStage& stage : job.stages) plans.push_back(stage.plan);
  {
    Lock lock(mutex_);
    if (broken_) return failure(*broken_);
    const JobNumber number = tracker_.submit(std::move(plans), request.pool, request.weight);
    jobs_[number] = &job;
    if (!observers_.empty()) note_job(number, job);
    react(lock);
  }
  backend_->wake();
  Lock lock(mutex_);
  changed_.wait(lock, [&job] { return job.ended; });
  if (job.error) return failure(*job.error);
  return std::move(job.results);
}

void DriverCore::note_job(JobNumber number, const JobRun& job) {
  AppEvent event;
  event.kind = AppEventKind::job_started;
  event.job = number;
  event.name = job.stages.back().plan.name;
  std::map<std::uint64_t, std::uint64_t> makers;
  const std::vector<std::uint64_t> ids = tracker_.stage_ids(number);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const StagePlan& plan = job.stages[i].plan;
    StageShape shape{ids[i], plan.name, static_cast<std::uint32_t>(plan.partitions.size())};
    shape.steps = job.stages[i].steps;
    shape.kept = job.stages[i].kept;
    for (const std::uint64_t need : plan.needs) shape.parents.push_back(makers[need]);
    makers[plan.node] = ids[i];
    event.stages.push_back(std::move(shape));
  }
  note(std::move(event));
}

void DriverCore::react(Lock& lock) {
  const std::vector<TrackerEvent> events = tracker_.take_events();
  if (events.empty()) return;
  std::vector<Kill> kills;
  for (const TrackerEvent& event : events) handle(event, kills);
  if (kills.empty()) return;
  lock.unlock();
  for (const Kill& kill : kills) backend_->kill(kill.executor, kill.serial);
  lock.lock();
}

void DriverCore::handle(const TrackerEvent& event, std::vector<Kill>& kills) {
  AppEvent noted;
  noted.job = event.job;
  noted.stage = event.stage;
  noted.reason = event.reason;
  switch (event.kind) {
    case TrackerEvent::Kind::kill:
      kills.push_back({event.executor, event.serial});
      return;
    case TrackerEvent::Kind::stage_started:
      noted.kind = AppEventKind::stage_started;
      break;
    case TrackerEvent::Kind::stage_ended:
      noted.kind = AppEventKind::stage_ended;
      break;
    case TrackerEvent::Kind::job_failed:
    case TrackerEvent::Kind::job_succeeded: {
      noted.kind = AppEventKind::job_ended;
      const auto found = jobs_.find(event.job);
      if (event.kind == TrackerEvent::Kind::job_failed) found->second->error = event.reason;
      found->second->ended = true;
      jobs_.erase(found);
      changed_.notify_all();
      break;
    }
  }
  if (!observers_.empty()) note(std::move(noted));
}

void DriverCore::fail_all(const std::string& reason) {
  Lock lock(mutex_);
  broken_ = reason;
  std::vector<JobNumber> numbers;
  for (const auto& [number, job] : jobs_) numbers.push_back(number);
  for (const JobNumber number : numbers) tracker_.cancel(number, reason);
  react(lock);
}

// ---- tasks -------------------------------------------------------------------------------------

std::optional<Assignment> DriverCore::next(ExecutorNumber executor) {
  Lock lock(mutex_);
  auto launch = tracker_.next(executor, now_());
  if (!launch) return std::nullopt;
  Assignment assignment;
  for (const PlannedStage& stage : jobs_.at(launch->job)->stages) {
    if (stage.plan.node != launch->node) continue;
    assignment.node = stage.node;
    assignment.bytes = stage.bytes;
  }
  for (const std::uint64_t shuffle : launch->needs) {
    assignment.outputs.emplace_back(shuffle, outputs_of(shuffle));
  }
  tasks_[launch->place.serial] = {launch->job, launch->node, launch->place, executor};
  if (!observers_.empty()) {
    AppEvent event;
    event.kind = AppEventKind::task_started;
    event.job = launch->job;
    event.stage = launch->place.stage;
    event.serial = launch->place.serial;
    event.partition = launch->place.partition;
    event.attempt = launch->place.attempt;
    event.executor = executor;
    note(std::move(event));
  }
  assignment.launch = std::move(*launch);
  return assignment;
}

std::shared_ptr<const ShuffleOutputs> DriverCore::outputs_of(std::uint64_t shuffle) {
  auto& [epoch, outputs] = outputs_[shuffle];
  const std::uint64_t now = tracker_.epoch(shuffle);
  if (!outputs || epoch != now) {
    epoch = now;
    outputs = std::make_shared<const ShuffleOutputs>(tracker_.outputs(shuffle));
  }
  return outputs;
}

void DriverCore::ended(std::uint64_t serial, TaskOutcome outcome) {
  Lock lock(mutex_);
  const auto found = tasks_.find(serial);
  if (found == tasks_.end()) return;
  const RunningTask task = found->second;
  tasks_.erase(found);
  if (!observers_.empty()) {
    AppEvent event;
    event.kind = AppEventKind::task_ended;
    event.job = task.job;
    event.stage = task.place.stage;
    event.serial = serial;
    event.partition = task.place.partition;
    event.attempt = task.place.attempt;
    event.executor = task.executor;
    event.reason = outcome.reason;
    event.metrics = outcome.metrics;
    event.cached = outcome.cached;
    event.evicted = outcome.evicted;
    note(std::move(event));
  }
  take(task, outcome);
  tracker_.evicted(task.executor, outcome.evicted);
  react(lock);
  const bool grown = tracker_.take_grown();
  lock.unlock();
  if (grown) backend_->wake();
}

void DriverCore::take(const RunningTask& task, TaskOutcome& outcome) {
  const std::uint64_t serial = task.place.serial;
  switch (outcome.end) {
    case TaskEnd::finished: {
      // The job may end with this task, so its result goes first; an attempt that was overtaken
      // has been forgotten by the tracker and brings the same.
      const auto job = jobs_.find(task.job);
      if (job != jobs_.end() && job->second->stages.back().plan.node == task.node) {
        job->second->results[job->second->place.at(task.place.partition)] =
            std::move(outcome.result.data);
      }
      const bool counts =
          tracker_.finished(serial, std::move(outcome.output), outcome.cached, now_());
      if (!counts) return;
      std::map<std::uint64_t, std::string> parts;
      for (auto& [id, packed] : outcome.accumulators) {
        parts[std::strtoull(id.c_str(), nullptr, 10)] = std::move(packed.data);
      }
      AccumulatorTable::of_process().merge(parts);
      return;
    }
    case TaskEnd::fetch_failed:
      return tracker_.fetch_failed(serial, outcome.shuffle, outcome.map, outcome.reason);
    default:
      return tracker_.failed(serial, outcome.reason);
  }
}

// ---- executors ---------------------------------------------------------------------------------

void DriverCore::add_executor(ExecutorNumber executor, const std::string& host) {
  const Lock lock(mutex_);
  tracker_.add_executor(executor, host);
  AppEvent event;
  event.kind = AppEventKind::executor_added;
  event.executor = executor;
  event.name = host;
  note(std::move(event));
}

void DriverCore::lose_executor(ExecutorNumber executor, const std::string& reason) {
  {
    Lock lock(mutex_);
    AppEvent event;
    event.kind = AppEventKind::executor_lost;
    event.executor = executor;
    event.reason = reason;
    note(std::move(event));
    std::erase_if(tasks_, [&](const auto& entry) { return entry.second.executor == executor; });
    tracker_.lose_executor(executor, reason);
    react(lock);
  }
  backend_->wake();
}

std::size_t DriverCore::pending() const {
  const Lock lock(mutex_);
  return tracker_.pending();
}

bool DriverCore::is_needed(ExecutorNumber executor) const {
  const Lock lock(mutex_);
  return tracker_.is_needed(executor);
}

void DriverCore::advance() {
  bool grown = false;
  {
    const Lock lock(mutex_);
    tracker_.advance(now_());
    grown = tracker_.take_grown();
  }
  if (grown) backend_->wake();
}

void DriverCore::forget(std::uint64_t node) {
  {
    const Lock lock(mutex_);
    tracker_.drop_shuffle(node);
    drop_cached(node);
    outputs_.erase(node);
  }
  backend_->forget_shuffle(node);
  backend_->forget_cached(node);
}

void DriverCore::unpersist(std::uint64_t rdd) {
  {
    const Lock lock(mutex_);
    drop_cached(rdd);
  }
  backend_->forget_cached(rdd);
}

void DriverCore::drop_cached(std::uint64_t rdd) {
  if (!tracker_.drop_cached(rdd)) return;
  AppEvent event;
  event.kind = AppEventKind::rdd_dropped;
  event.rdd = rdd;
  note(std::move(event));
}

std::vector<StageView> DriverCore::view() const {
  const Lock lock(mutex_);
  return tracker_.view();
}

}  // namespace mesolite::spark
