// What happens in an application, for those who show or record it: progress bar, event log, page.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "frameworks/mini-spark/engine/run_task.hpp"
#include "frameworks/mini-spark/tracker/stage_plan.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::spark {

MESOLITE_ENUM(AppEventKind, unknown, application_started, application_ended, job_started, job_ended,
              stage_started, stage_ended, task_started, task_ended, executor_added, executor_lost,
              rdd_dropped)

struct StageShape {
  std::uint64_t stage = 0;
  std::string name;
  std::uint32_t tasks = 0;
  std::vector<std::uint64_t> parents = {};  // stages of the same job
  std::vector<std::string> steps = {};      // names of its RDDs, in the order of the records' way
  std::vector<KeptRdd> kept = {};           // those of them that are cached
  MESOLITE_FIELDS(stage, name, tasks, parents, steps, kept);
};

struct AppEvent {
  AppEventKind kind = AppEventKind::unknown;
  Time time{};
  std::uint64_t job = 0;
  std::uint64_t stage = 0;
  std::uint64_t serial = 0;  // of a task's attempt
  std::uint32_t partition = 0;
  std::uint32_t attempt = 0;
  std::uint64_t executor = 0;
  std::string name;                      // of the application, job or host
  std::string reason;                    // of the application: its master
  TaskMetrics metrics;                   // task_ended
  std::vector<StageShape> stages;        // job_started
  std::vector<CachedPartition> cached;   // task_ended: newly
  std::vector<CachedPartition> evicted;  // task_ended: since the executor's last one
  std::uint64_t rdd = 0;                 // rdd_dropped: no partition of it is kept any more
  std::int64_t unix_ms = 0;              // of the application, by the clock on the wall
  MESOLITE_FIELDS(kind, time, job, stage, serial, partition, attempt, executor, name, reason,
                  metrics, stages, cached, evicted, rdd, unix_ms);
};

// Called with the driver's core locked: quick, and without calls back.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void observe(const AppEvent& event) = 0;
};

}  // namespace mesolite::spark
