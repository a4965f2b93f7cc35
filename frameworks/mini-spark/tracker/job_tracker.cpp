#include "frameworks/mini-spark/tracker/job_tracker.hpp"

#include <algorithm>
#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::spark {

// ---- jobs and stages ---------------------------------------------------------------------------

JobNumber JobTracker::submit(std::vector<StagePlan> stages, const std::string& pool,
                             double weight) {
  MESOLITE_CHECK(!stages.empty() && !stages.back().makes_shuffle, "a job ends with an action");
  const JobNumber number = ++last_job_;
  Job& job = jobs_[number];
  job.pool = pool;
  job.weight = weight;
  for (StagePlan& plan : stages) {
    Stage& stage = job.stages.emplace_back();
    stage.id = ++last_stage_;
    for (const std::uint32_t partition : plan.partitions) {
      stage.tasks.emplace_back().partition = partition;
    }
    if (plan.makes_shuffle && !shuffles_.contains(plan.node)) {
      Shuffle& shuffle = shuffles_[plan.node];
      shuffle.outputs.resize(plan.partitions.size());
      shuffle.missing = plan.partitions.size();
    }
    stage.plan = std::move(plan);
  }
  update(number);
  return number;
}

void JobTracker::cancel(JobNumber job, const std::string& reason) {
  if (jobs_.contains(job)) end_job(job, reason);
}

bool JobTracker::complete(std::uint64_t shuffle) const {
  const auto found = shuffles_.find(shuffle);
  return found != shuffles_.end() && found->second.missing == 0;
}

bool JobTracker::ready(const Stage& stage) const {
  return std::all_of(stage.plan.needs.begin(), stage.plan.needs.end(),
                     [this](std::uint64_t shuffle) { return complete(shuffle); });
}

bool JobTracker::stage_done(const Stage& stage) const {
  if (stage.plan.makes_shuffle) return complete(stage.plan.node);
  return stage.done == stage.tasks.size();
}

void JobTracker::update_all() {
  std::vector<JobNumber> numbers;
  for (const auto& [number, job] : jobs_) numbers.push_back(number);
  for (const JobNumber number : numbers) update(number);
}

void JobTracker::update(JobNumber number) {
  const auto found = jobs_.find(number);
  if (found == jobs_.end()) return;
  auto& stages = found->second.stages;
  // From the end of the job: a stage is wanted if one that is not done needs its shuffle.
  std::set<std::uint64_t> wanted{stages.back().plan.node};
  for (auto stage = stages.rbegin(); stage != stages.rend(); ++stage) {
    const bool done = stage_done(*stage);
    if (stage->runs && (done || !ready(*stage))) {
      stage->runs = false;
      events_.push_back({TrackerEvent::Kind::stage_ended, number, stage->id});
    }
    if (done || !wanted.contains(stage->plan.node)) continue;
    wanted.insert(stage->plan.needs.begin(), stage->plan.needs.end());
    if (ready(*stage)) start(number, *stage);
  }
  if (stage_done(stages.back())) end_job(number, std::nullopt);
}

void JobTracker::start(JobNumber number, Stage& stage) {
  if (!stage.runs) {
    stage.runs = true;
    events_.push_back({TrackerEvent::Kind::stage_started, number, stage.id});
  }
  const Shuffle* const made = stage.plan.makes_shuffle ? &shuffles_.at(stage.plan.node) : nullptr;
  for (std::uint32_t task = 0; task < stage.tasks.size(); ++task) {
    TaskState& state = stage.tasks[task].state;
    const bool there = made != nullptr && made->outputs[task].executor != 0;
    if (made != nullptr && !there && state == TaskState::done) {  // its output was lost
      state = TaskState::waiting;
      --stage.done;
    }
    if (there && state == TaskState::waiting) {  // another job made it
      state = TaskState::done;
      ++stage.done;
    }
    if (state == TaskState::waiting) enqueue(stage, task);
  }
}

void JobTracker::enqueue(Stage& stage, std::uint32_t task) {
  stage.tasks[task].state = TaskState::queued;
  ++stage.queued;
  grown_ = true;
  for (const std::uint64_t rdd : stage.plan.cached) {
    const auto found = cached_.find({rdd, stage.tasks[task].partition});
    if (found == cached_.end()) continue;
    return stage.at[found->second].push_back(task);
  }
  stage.anywhere.push_back(task);
}

void JobTracker::end_job(JobNumber number, std::optional<std::string> error) {
  const auto found = jobs_.find(number);
  for (const Stage& stage : found->second.stages) {
    if (stage.runs) events_.push_back({TrackerEvent::Kind::stage_ended, number, stage.id});
  }
  std::erase_if(attempts_, [&](const auto& entry) {
    const Attempt& attempt = entry.second;
    if (attempt.job != number) return false;
    events_.push_back({TrackerEvent::Kind::kill, number, 0, attempt.executor, entry.first});
    return true;
  });
  jobs_.erase(found);
  using Kind = TrackerEvent::Kind;
  events_.push_back(
      {error ? Kind::job_failed : Kind::job_succeeded, number, 0, 0, 0, error.value_or("")});
}

// ---- executors ---------------------------------------------------------------------------------

void JobTracker::add_executor(ExecutorNumber executor, const std::string& host) {
  executors_[executor] = host;
}

void JobTracker::lose_executor(ExecutorNumber executor, const std::string& reason) {
  std::erase_if(cached_, [&](const auto& entry) { return entry.second == executor; });
  for (auto& [id, shuffle] : shuffles_) {
    for (std::uint32_t map = 0; map < shuffle.outputs.size(); ++map) {
      if (shuffle.outputs[map].executor == executor) lose_output(shuffle, map);
    }
  }
  std::vector<std::uint64_t> lost;
  for (const auto& [serial, attempt] : attempts_) {
    if (attempt.executor == executor) lost.push_back(serial);
  }
  for (const std::uint64_t serial : lost) {
    const auto attempt = end_attempt(serial);
    if (!attempt) continue;  // its job has failed meanwhile
    Stage& stage = stage_of(*attempt);
    put_back(stage, attempt->task);
    if (++stage.tasks[attempt->task].losses < options_.losses_max) continue;
    end_job(attempt->job, place_text(*attempt) + ": its executor was lost " +
                              std::to_string(options_.losses_max) + " times, at last: " + reason);
  }
  executors_.erase(executor);
  update_all();
}

bool JobTracker::is_needed(ExecutorNumber executor) const {
  const bool keeps_cached = std::any_of(
      cached_.begin(), cached_.end(), [&](const auto& entry) { return entry.second == executor; });
  if (keeps_cached) return true;
  return std::any_of(shuffles_.begin(), shuffles_.end(), [&](const auto& entry) {
    const auto& outputs = entry.second.outputs;
    return std::any_of(outputs.begin(), outputs.end(),
                       [&](const Output& output) { return output.executor == executor; });
  });
}

// ---- what runs next ----------------------------------------------------------------------------

std::vector<JobNumber> JobTracker::order() const {
  std::vector<JobNumber> numbers;
  for (const auto& [number, job] : jobs_) numbers.push_back(number);
  if (options_.mode == PoolMode::fifo) return numbers;
  std::map<std::string, double> busy;  // tasks of each pool, by its weight
  for (const auto& [number, job] : jobs_) busy[job.pool] += job.running / job.weight;
  std::stable_sort(numbers.begin(), numbers.end(), [&](JobNumber a, JobNumber b) {
    const Job& first = jobs_.at(a);
    const Job& second = jobs_.at(b);
    if (first.pool != second.pool) return busy[first.pool] < busy[second.pool];
    return false;  // within a pool by age
  });
  return numbers;
}

std::optional<TaskLaunch> JobTracker::next(ExecutorNumber executor, Time now) {
  for (const JobNumber number : order()) {
    Job& job = jobs_.at(number);
    for (std::size_t index = 0; index < job.stages.size(); ++index) {
      Stage& stage = job.stages[index];
      if (!stage.runs) continue;
      auto task = pick(stage, executor, now);
      if (!task) task = pick_doubted(stage, number, executor);
      if (task) return launch(number, index, *task, executor, now);
    }
  }
  return std::nullopt;
}

std::optional<std::uint32_t> JobTracker::pop(Stage& stage, std::deque<std::uint32_t>& queue) {
  while (!queue.empty()) {
    const std::uint32_t task = queue.front();
    queue.pop_front();
    if (stage.tasks[task].state != TaskState::queued) continue;
    --stage.queued;
    return task;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> JobTracker::pick(Stage& stage, ExecutorNumber executor, Time now) {
  if (stage.queued == 0) return std::nullopt;
  if (const auto local = stage.at.find(executor); local != stage.at.end()) {
    if (const auto task = pop(stage, local->second)) {
      stage.last_local = now;
      return task;
    }
  }
  if (const auto task = pop(stage, stage.anywhere)) return task;
  if (stage.last_local == Time{}) stage.last_local = now;
  for (auto& [other, queue] : stage.at) {
    const bool waits =
        executors_.contains(other) && now - stage.last_local < options_.locality_wait;
    if (waits) continue;
    if (const auto task = pop(stage, queue)) return task;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> JobTracker::pick_doubted(Stage& stage, JobNumber job,
                                                      ExecutorNumber executor) {
  for (auto at = stage.doubted.begin(); at != stage.doubted.end(); ++at) {
    const std::uint32_t task = *at;
    const bool here = std::any_of(attempts_.begin(), attempts_.end(), [&](const auto& entry) {
      const Attempt& attempt = entry.second;
      return attempt.job == job && &stage_of(attempt) == &stage && attempt.task == task &&
             attempt.executor == executor;
    });
    if (here) continue;
    stage.doubted.erase(at);
    if (stage.tasks[task].state == TaskState::running) return task;
    return std::nullopt;
  }
  return std::nullopt;
}

TaskLaunch JobTracker::launch(JobNumber number, std::size_t index, std::uint32_t task,
                              ExecutorNumber executor, Time now) {
  Job& job = jobs_.at(number);
  Stage& stage = job.stages[index];
  Task& chosen = stage.tasks[task];
  chosen.state = TaskState::running;
  ++chosen.alive;
  ++stage.running;
  ++job.running;
  const std::uint64_t serial = ++last_serial_;
  attempts_[serial] = {number, index, task, chosen.attempts, executor, now};
  return {number,
          stage.plan.node,
          {stage.id, chosen.partition, chosen.attempts++, serial},
          stage.plan.needs};
}

// ---- what became of it -------------------------------------------------------------------------

std::optional<JobTracker::Attempt> JobTracker::end_attempt(std::uint64_t serial) {
  const auto found = attempts_.find(serial);
  if (found == attempts_.end()) return std::nullopt;
  const Attempt attempt = found->second;
  attempts_.erase(found);
  Stage& stage = stage_of(attempt);
  --stage.tasks[attempt.task].alive;
  --stage.running;
  --jobs_.at(attempt.job).running;
  return attempt;
}

void JobTracker::put_back(Stage& stage, std::uint32_t task) {
  Task& lost = stage.tasks[task];
  if (lost.state != TaskState::running || lost.alive > 0) return;
  lost.state = TaskState::waiting;
  lost.doubted = false;
  if (stage.runs) enqueue(stage, task);
}

bool JobTracker::finished(std::uint64_t serial, MapOutput output,
                          const std::vector<CachedPartition>& cached, Time now) {
  const auto found = attempts_.find(serial);
  if (found == attempts_.end()) return false;
  const ExecutorNumber executor = found->second.executor;
  for (const auto& kept : cached) cached_[{kept.rdd, kept.partition}] = executor;
  const Attempt attempt = *end_attempt(serial);
  Stage& stage = stage_of(attempt);
  Task& task = stage.tasks[attempt.task];
  if (task.state != TaskState::running) return false;
  task.state = TaskState::done;
  ++stage.done;
  stage.times.push_back(now - attempt.started);
  kill_others(attempt);
  const bool first = !std::exchange(task.counted, true);
  if (stage.plan.makes_shuffle) {
    Shuffle& shuffle = shuffles_.at(stage.plan.node);
    Output& place = shuffle.outputs[attempt.task];
    if (place.executor == 0) --shuffle.missing;
    place = {std::move(output), executor};
    shuffle.epoch = ++last_epoch_;
    if (shuffle.missing == 0) update_all();
  } else if (stage.done == stage.tasks.size()) {
    update(attempt.job);
  }
  return first;
}

void JobTracker::kill_others(const Attempt& winner) {
  if (stage_of(winner).tasks[winner.task].alive == 0) return;
  std::vector<std::uint64_t> losers;
  for (const auto& [serial, attempt] : attempts_) {
    if (attempt.job == winner.job && attempt.stage == winner.stage && attempt.task == winner.task) {
      losers.push_back(serial);
      events_.push_back(
          {TrackerEvent::Kind::kill, attempt.job, 0, attempt.executor, serial, "was overtaken"});
    }
  }
  for (const std::uint64_t serial : losers) end_attempt(serial);
}

std::string JobTracker::place_text(const Attempt& attempt) const {
  const Stage& stage = jobs_.at(attempt.job).stages[attempt.stage];
  const auto host = executors_.find(attempt.executor);
  return "stage " + std::to_string(stage.id) + " (" + stage.plan.name + "), partition " +
         std::to_string(stage.tasks[attempt.task].partition) + ", attempt " +
         std::to_string(attempt.number + 1) + " on " +
         (host == executors_.end() ? "a lost executor" : host->second);
}

void JobTracker::failed(std::uint64_t serial, const std::string& reason) {
  const auto attempt = end_attempt(serial);
  if (!attempt) return;
  Stage& stage = stage_of(*attempt);
  ++stage.failures;
  put_back(stage, attempt->task);
  Task& task = stage.tasks[attempt->task];
  if (++task.failures < options_.failures_max || task.state == TaskState::done) return;
  end_job(attempt->job, place_text(*attempt) + ": " + reason);
}

void JobTracker::lose_output(Shuffle& shuffle, std::uint32_t map) {
  if (shuffle.outputs[map].executor == 0) return;
  shuffle.outputs[map] = {};
  ++shuffle.missing;
  shuffle.epoch = ++last_epoch_;
}

void JobTracker::fetch_failed(std::uint64_t serial, std::uint64_t shuffle_id, std::uint32_t map,
                              const std::string& reason) {
  const auto attempt = end_attempt(serial);
  if (!attempt) return;
  if (const auto found = shuffles_.find(shuffle_id); found != shuffles_.end()) {
    Shuffle& shuffle = found->second;
    if (map < shuffle.outputs.size()) {
      // What else lies there would fail one by one.
      const ExecutorNumber host = shuffle.outputs[map].executor;
      for (std::uint32_t other = 0; host != 0 && other < shuffle.outputs.size(); ++other) {
        if (shuffle.outputs[other].executor == host) lose_output(shuffle, other);
      }
    }
  }
  Stage& stage = stage_of(*attempt);
  ++stage.failures;
  put_back(stage, attempt->task);
  if (++stage.tasks[attempt->task].fetch_failures >= options_.fetch_failures_max) {
    end_job(attempt->job, place_text(*attempt) + ": could not fetch the output of map " +
                              std::to_string(map) + ": " + reason);
  }
  update_all();
}

// ---- time --------------------------------------------------------------------------------------

void JobTracker::advance(Time now) {
  if (!options_.speculation) return;
  for (auto& [number, job] : jobs_) {
    for (std::size_t index = 0; index < job.stages.size(); ++index) {
      Stage& stage = job.stages[index];
      if (stage.runs && stage.running > 0) doubt(stage, number, index, now);
    }
  }
}

void JobTracker::doubt(Stage& stage, JobNumber job, std::size_t index, Time now) {
  const auto enough = options_.speculation_quantile * static_cast<double>(stage.tasks.size());
  if (stage.times.empty() || stage.done < enough) return;
  const auto middle = stage.times.begin() + static_cast<std::ptrdiff_t>(stage.times.size() / 2);
  std::nth_element(stage.times.begin(), middle, stage.times.end());
  const auto usual =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double, Duration::period>(
          static_cast<double>(middle->count()) * options_.speculation_multiplier));
  const Duration patience = std::max(usual, options_.speculation_time_min);
  for (const auto& [serial, attempt] : attempts_) {
    if (attempt.job != job || attempt.stage != index) continue;
    Task& task = stage.tasks[attempt.task];
    if (task.doubted || now - attempt.started < patience) continue;
    task.doubted = true;
    stage.doubted.push_back(attempt.task);
    grown_ = true;
  }
}

// ---- how it stands -----------------------------------------------------------------------------

ShuffleOutputs JobTracker::outputs(std::uint64_t shuffle) const {
  ShuffleOutputs outputs;
  for (const Output& output : shuffles_.at(shuffle).outputs) outputs.push_back(output.where);
  return outputs;
}

std::uint64_t JobTracker::epoch(std::uint64_t shuffle) const {
  const auto found = shuffles_.find(shuffle);
  return found == shuffles_.end() ? 0 : found->second.epoch;
}

bool JobTracker::drop_cached(std::uint64_t rdd) {
  return std::erase_if(cached_, [&](const auto& entry) { return entry.first.rdd == rdd; }) > 0;
}

void JobTracker::evicted(ExecutorNumber executor, const std::vector<CachedPartition>& partitions) {
  for (const CachedPartition& gone : partitions) {
    const auto found = cached_.find({gone.rdd, gone.partition});
    if (found != cached_.end() && found->second == executor) cached_.erase(found);
  }
}

std::vector<std::uint64_t> JobTracker::stage_ids(JobNumber job) const {
  std::vector<std::uint64_t> ids;
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return ids;
  for (const Stage& stage : found->second.stages) ids.push_back(stage.id);
  return ids;
}

std::size_t JobTracker::pending() const {
  std::size_t sum = 0;
  for (const auto& [number, job] : jobs_) {
    for (const Stage& stage : job.stages) {
      if (stage.runs) sum += stage.queued + stage.doubted.size();
    }
  }
  return sum;
}

std::vector<StageView> JobTracker::view() const {
  std::vector<StageView> views;
  for (const auto& [number, job] : jobs_) {
    for (const Stage& stage : job.stages) {
      if (!stage.runs) continue;
      views.push_back({number, stage.id, stage.plan.name,
                       static_cast<std::uint32_t>(stage.tasks.size()), stage.done, stage.running,
                       stage.failures});
    }
  }
  return views;
}

void JobTracker::check_invariants() const {
  for (const auto& [number, job] : jobs_) {
    std::uint32_t running = 0;
    for (const Stage& stage : job.stages) {
      std::uint32_t counts[4] = {};
      std::uint32_t alive = 0;
      for (const Task& task : stage.tasks) {
        ++counts[static_cast<std::size_t>(task.state)];
        alive += task.alive;
        const bool runs = task.state == TaskState::running;
        MESOLITE_CHECK(runs == (task.alive > 0), "a task runs while attempts of it do");
      }
      MESOLITE_CHECK(counts[1] == stage.queued, "queued tasks are counted");
      MESOLITE_CHECK(counts[3] == stage.done, "tasks that are done are counted");
      MESOLITE_CHECK(alive == stage.running, "attempts of a stage are counted");
      running += alive;
    }
    MESOLITE_CHECK(running == job.running, "attempts of a job are counted");
  }
  for (const auto& [id, shuffle] : shuffles_) {
    const auto missing = std::count_if(shuffle.outputs.begin(), shuffle.outputs.end(),
                                       [](const Output& output) { return output.executor == 0; });
    MESOLITE_CHECK(static_cast<std::size_t>(missing) == shuffle.missing,
                   "missing outputs are counted");
  }
}

}  // namespace mesolite::spark
