// TaskContext: one running task: where it stands, what it may use, what it has to report.
// Lives on the task's thread for the time of the task.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/engine/environment.hpp"
#include "frameworks/mini-spark/engine/failures.hpp"

namespace mesolite::spark {

struct TaskPlace {
  std::uint64_t stage = 0;
  std::uint32_t partition = 0;
  std::uint32_t attempt = 0;
  std::uint64_t serial = 0;  // of all attempts of the application
  MESOLITE_FIELDS(stage, partition, attempt, serial);
};

struct TaskMetrics {
  std::uint64_t records_read = 0;     // from sources and shuffles
  std::uint64_t shuffle_read = 0;     // bytes
  std::uint64_t shuffle_written = 0;  // bytes
  std::uint64_t cache_hits = 0;       // partitions
  std::uint64_t cache_misses = 0;     // partitions
  std::uint64_t spilled = 0;          // bytes
  std::int64_t run_nanoseconds = 0;
  MESOLITE_FIELDS(records_read, shuffle_read, shuffle_written, cache_hits, cache_misses, spilled,
                  run_nanoseconds);
};

class TaskContext {
 public:
  TaskContext(Environment& environment, const TaskPlace& place, std::stop_token stop);
  ~TaskContext();
  TaskContext(const TaskContext&) = delete;
  TaskContext& operator=(const TaskContext&) = delete;

  // The task of this thread; null outside of one.
  static TaskContext* current();

  Environment& environment() { return environment_; }
  const TaskPlace& place() const { return place_; }
  std::uint64_t memory() const { return memory_; }  // that it may use, in bytes
  void throw_if_stopped() const {
    if (stop_.stop_requested()) throw TaskStopped();
  }
  const std::stop_token& stop() const { return stop_; }

  // Holds it until the task has ended: what views point into.
  void keep(std::shared_ptr<const void> held) { held_.push_back(std::move(held)); }

  // The task's own hold on a value of the driver (driver_values.hpp); null at first.
  std::shared_ptr<const void>& value(std::uint64_t id) { return values_[id]; }

  // The task's own part of an accumulator, made at the first use.
  struct Part {
    virtual ~Part() = default;
    virtual std::string packed() const = 0;
  };
  template <class P>
  P& part(std::uint64_t accumulator) {
    auto& found = parts_[accumulator];
    if (!found) found = std::make_unique<P>();
    return static_cast<P&>(*found);
  }
  std::map<std::uint64_t, std::string> packed_parts() const;

  TaskMetrics metrics;
  std::vector<CachedPartition> cached;        // newly, by this task
  std::vector<std::uint64_t> output_lengths;  // of a map task

 private:
  Environment& environment_;
  const TaskPlace place_;
  const std::uint64_t memory_;
  const std::stop_token stop_;
  std::vector<std::shared_ptr<const void>> held_;
  std::map<std::uint64_t, std::shared_ptr<const void>> values_;
  std::map<std::uint64_t, std::unique_ptr<Part>> parts_;
  TaskContext* const outer_;
};

}  // namespace mesolite::spark
