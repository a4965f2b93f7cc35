// Runs one task to its end, whatever end that is: the one place where what a task throws is caught.
#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "frameworks/mini-spark/engine/node.hpp"
#include "mesolite/base/bytes.hpp"

namespace mesolite::spark {

MESOLITE_ENUM(TaskEnd, unknown, finished, failed, fetch_failed, stopped)

// What a task reports to the driver.
struct TaskOutcome {
  TaskEnd end = TaskEnd::unknown;
  std::string reason;         // unless finished
  std::uint64_t shuffle = 0;  // fetch_failed: the output that is gone
  std::uint32_t map = 0;
  Bytes result;      // of an action
  MapOutput output;  // of a map task
  TaskMetrics metrics;
  std::map<std::string, Bytes> accumulators;  // by number
  std::vector<CachedPartition> cached;
  std::vector<CachedPartition> evicted;  // by any task since the last report
  MESOLITE_FIELDS(end, reason, shuffle, map, result, output, metrics, accumulators, cached,
                  evicted);
};

TaskOutcome run_task(Environment& environment, const Node& node, const TaskPlace& place,
                     std::stop_token stop);

}  // namespace mesolite::spark
