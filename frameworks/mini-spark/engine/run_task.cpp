#include "frameworks/mini-spark/engine/run_task.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace mesolite::spark {
namespace {

void report(TaskContext& task, Packer& result, TaskOutcome& outcome) {
  outcome.end = TaskEnd::finished;
  outcome.result = Bytes(result.view());
  outcome.output = {task.environment().options.host, task.place().serial,
                    std::move(task.output_lengths)};
  for (auto& [id, packed] : task.packed_parts()) {
    outcome.accumulators[std::to_string(id)] = Bytes(packed);
  }
  outcome.cached = std::move(task.cached);
}

}  // namespace

TaskOutcome run_task(Environment& environment, const Node& node, const TaskPlace& place,
                     std::stop_token stop) {
  TaskOutcome outcome;
  TaskContext task(environment, place, std::move(stop));
  const auto started = std::chrono::steady_clock::now();
  try {
    Packer result;
    node.run(task, place.partition, result);
    report(task, result, outcome);
  } catch (const FetchFailure& lost) {
    outcome.end = TaskEnd::fetch_failed;
    outcome.reason = lost.what();
    outcome.shuffle = lost.shuffle;
    outcome.map = lost.map;
  } catch (const TaskStopped& stopped) {
    outcome.end = TaskEnd::stopped;
    outcome.reason = stopped.what();
  } catch (const std::exception& error) {
    outcome.end = TaskEnd::failed;
    outcome.reason = error.what();
  } catch (...) {
    outcome.end = TaskEnd::failed;
    outcome.reason = "it threw something that is no std::exception";
  }
  outcome.evicted = environment.cache.take_evicted();
  const auto elapsed = std::chrono::steady_clock::now() - started;
  outcome.metrics = task.metrics;
  outcome.metrics.run_nanoseconds = Duration(elapsed).count();
  return outcome;
}

}  // namespace mesolite::spark
