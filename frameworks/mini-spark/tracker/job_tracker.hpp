// JobTracker: what runs next where, and what a failure means. Pure: no threads, no I/O, no clock.
//
//   stage:    waiting ──needs complete──> running ──all tasks done──> done
//                ^  ^──an output of it is lost, and wanted──────────────┘
//   attempt:  launched ──> finished | failed (the task's fault) | lost (its executor's)
//                      └─> fetch failed: not its fault; the map that it needs runs again
//
// Stages of a job know one another by the shuffles they make and need; whether a shuffle is
// complete is known to all jobs, so what one job has made the next does not make again.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/engine/map_outputs.hpp"
#include "frameworks/mini-spark/engine/task_context.hpp"
#include "frameworks/mini-spark/tracker/stage_plan.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::spark {

enum class PoolMode : std::uint8_t { fifo, fair };

struct TrackerOptions {
  PoolMode mode = PoolMode::fifo;  // of jobs: by age, or who has least tasks running by weight
  std::uint32_t failures_max = 4;  // of one task, then its job fails
  std::uint32_t losses_max = 4;    // of executors under one task
  std::uint32_t fetch_failures_max = 20;  // of one task
  Duration locality_wait = 300ms;         // for the executor that has a task's partition in memory
  bool speculation = false;
  double speculation_quantile = 0.75;   // of a stage must be done before any task is doubted
  double speculation_multiplier = 1.5;  // of the median time
  Duration speculation_time_min = 100ms;
};

using ExecutorNumber = std::uint64_t;
using JobNumber = std::uint64_t;

struct TaskLaunch {
  JobNumber job = 0;
  std::uint64_t node = 0;  // whose run() is called
  TaskPlace place;
  std::vector<std::uint64_t> needs;
};

struct TrackerEvent {
  enum class Kind : std::uint8_t { kill, stage_started, stage_ended, job_succeeded, job_failed };
  Kind kind = Kind::kill;
  JobNumber job = 0;
  std::uint64_t stage = 0;
  ExecutorNumber executor = 0;  // kill: of whom
  std::uint64_t serial = 0;     // kill: what
  std::string reason = {};
};

// How far a stage is, for people.
struct StageView {
  JobNumber job = 0;
  std::uint64_t stage = 0;
  std::string name;
  std::uint32_t tasks = 0;
  std::uint32_t done = 0;
  std::uint32_t running = 0;
  std::uint32_t failures = 0;
};

class JobTracker {
 public:
  explicit JobTracker(TrackerOptions options) : options_(options) {}

  // REQUIRES: stages as plan_stages orders them, the last makes no shuffle.
  JobNumber submit(std::vector<StagePlan> stages, const std::string& pool, double weight);
  void cancel(JobNumber job, const std::string& reason);

  void add_executor(ExecutorNumber executor, const std::string& host);
  // All that runs there is lost, and what it kept for others.
  void lose_executor(ExecutorNumber executor, const std::string& reason);

  // The next task for a free slot of the executor, which then runs it.
  std::optional<TaskLaunch> next(ExecutorNumber executor, Time now);

  // Whether this was the first attempt of its task to end well; only then its results count.
  bool finished(std::uint64_t serial, MapOutput output, const std::vector<CachedPartition>& cached,
                Time now);
  void failed(std::uint64_t serial, const std::string& reason);
  void fetch_failed(std::uint64_t serial, std::uint64_t shuffle, std::uint32_t map,
                    const std::string& reason);

  // Doubts tasks that take much longer than the others of their stage.
  void advance(Time now);
  std::vector<TrackerEvent> take_events() { return std::exchange(events_, {}); }

  ShuffleOutputs outputs(std::uint64_t shuffle) const;  // REQUIRES: it is complete
  // Grows whenever an output of the shuffle comes or goes.
  std::uint64_t epoch(std::uint64_t shuffle) const;
  bool complete(std::uint64_t shuffle) const;
  void drop_shuffle(std::uint64_t shuffle) { shuffles_.erase(shuffle); }
  bool drop_cached(std::uint64_t rdd);  // whether there was any
  void evicted(ExecutorNumber executor, const std::vector<CachedPartition>& partitions);
  bool is_needed(ExecutorNumber executor) const;  // it keeps outputs or cached partitions

  std::vector<std::uint64_t> stage_ids(JobNumber job) const;  // in the order of submit()
  std::size_t pending() const;                                // tasks that could run now
  // Whether tasks were queued since the last call.
  bool take_grown() { return std::exchange(grown_, false); }
  std::size_t running() const { return attempts_.size(); }
  std::vector<StageView> view() const;
  void check_invariants() const;

 private:
  enum class TaskState : std::uint8_t { waiting, queued, running, done };
  struct Task {
    TaskState state = TaskState::waiting;
    std::uint32_t partition = 0;
    std::uint32_t attempts = 0;  // started
    std::uint32_t alive = 0;     // running now
    std::uint32_t failures = 0;
    std::uint32_t losses = 0;
    std::uint32_t fetch_failures = 0;
    bool counted = false;  // its results have been taken
    bool doubted = false;
  };
  struct Stage {
    StagePlan plan;
    std::uint64_t id = 0;
    std::vector<Task> tasks;
    // Numbers of queued tasks; one that is no longer queued is passed over.
    std::deque<std::uint32_t> anywhere;
    std::map<ExecutorNumber, std::deque<std::uint32_t>> at;
    std::deque<std::uint32_t> doubted;  // to be started a second time
    std::uint32_t queued = 0;           // tasks in that state
    std::uint32_t done = 0;
    std::uint32_t running = 0;  // attempts
    std::uint32_t failures = 0;
    bool runs = false;
    Time last_local{};            // when a task last went where it wanted to
    std::vector<Duration> times;  // of tasks that are done
  };
  struct Job {
    std::string pool;
    double weight = 1;
    std::vector<Stage> stages;
    std::uint32_t running = 0;  // attempts
  };
  struct Attempt {
    JobNumber job = 0;
    std::size_t stage = 0;  // index in the job
    std::uint32_t task = 0;
    std::uint32_t number = 0;
    ExecutorNumber executor = 0;
    Time started{};
  };
  struct Output {
    MapOutput where;
    ExecutorNumber executor = 0;  // 0 = there is none
  };
  struct Shuffle {
    std::vector<Output> outputs;
    std::size_t missing = 0;
    std::uint64_t epoch = 0;
  };

  void update(JobNumber number);  // which stages run, after a shuffle came or went
  void update_all();
  bool ready(const Stage& stage) const;
  bool stage_done(const Stage& stage) const;
  void start(JobNumber number, Stage& stage);
  void enqueue(Stage& stage, std::uint32_t task);
  std::vector<JobNumber> order() const;
  std::optional<std::uint32_t> pick(Stage& stage, ExecutorNumber executor, Time now);
  std::optional<std::uint32_t> pop(Stage& stage, std::deque<std::uint32_t>& queue);
  std::optional<std::uint32_t> pick_doubted(Stage& stage, JobNumber job, ExecutorNumber executor);
  TaskLaunch launch(JobNumber number, std::size_t stage, std::uint32_t task,
                    ExecutorNumber executor, Time now);
  std::optional<Attempt> end_attempt(std::uint64_t serial);
  void put_back(Stage& stage, std::uint32_t task);
  void lose_output(Shuffle& shuffle, std::uint32_t map);
  void kill_others(const Attempt& winner);
  void end_job(JobNumber number, std::optional<std::string> error);
  std::string place_text(const Attempt& attempt) const;
  Stage& stage_of(const Attempt& attempt) { return jobs_.at(attempt.job).stages[attempt.stage]; }
  void doubt(Stage& stage, JobNumber job, std::size_t index, Time now);

  const TrackerOptions options_;
  std::map<JobNumber, Job> jobs_;
  std::map<ExecutorNumber, std::string> executors_;  // with their hosts
  std::map<std::uint64_t, Attempt> attempts_;        // that run, by serial
  std::map<std::uint64_t, Shuffle> shuffles_;
  std::map<BlockKey, ExecutorNumber> cached_;
  std::vector<TrackerEvent> events_;
  JobNumber last_job_ = 0;
  std::uint64_t last_stage_ = 0;
  std::uint64_t last_serial_ = 0;
  std::uint64_t last_epoch_ = 0;
  bool grown_ = false;
};

}  // namespace mesolite::spark
