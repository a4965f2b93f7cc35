// The parts of the group `spark`. Each adds its figures, or throws if it cannot measure. Every
// yardstick is a plain loop on as many threads, over the same data, in the same run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "frameworks/mini-spark/api/program.hpp"
#include "frameworks/mini-spark/cluster/worker.hpp"
#include "tests/bench/report.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/wait.hpp"

namespace mesolite::bench {

inline constexpr std::uint32_t threads_count = 2;

void measure_logistic_regression(spark::SparkContext& context, Figures& figures);
void measure_pagerank(spark::SparkContext& context, Figures& figures);
void measure_spark_word_count(spark::SparkContext& context, Figures& figures);
void measure_empty_tasks(spark::SparkContext& context, Figures& figures);
void measure_passes(spark::SparkContext& context, Figures& figures);
// On clusters of their own, with this program as their worker.
void measure_cluster(Figures& figures);
void measure_large_shuffle(Figures& figures);

// Where input files are made: kept if the variable names a directory (tests/bench/compare), else
// gone with the object.
class Inputs {
 public:
  std::string file(const std::string& name) const {
    const char* const kept = std::getenv("MINI_SPARK_BENCH_INPUTS");
    return (kept != nullptr ? std::filesystem::path(kept) / name : scratch_ / name).string();
  }

 private:
  harness::Scratch scratch_;
};

// Calls work(thread) on all threads at once; returns when all have.
inline void on_threads(const std::function<void(std::uint32_t)>& work) {
  std::vector<std::jthread> threads;
  for (std::uint32_t i = 0; i < threads_count; ++i) threads.emplace_back(work, i);
}

// The median time of some runs, in seconds.
inline double median_s(int runs, const std::function<void()>& work) {
  std::vector<Duration> times;
  for (int i = 0; i < runs; ++i) {
    const harness::Stopwatch watch;
    work();
    times.push_back(watch.elapsed());
  }
  return to_seconds(percentile(std::move(times), 0.5));
}

}  // namespace mesolite::bench
