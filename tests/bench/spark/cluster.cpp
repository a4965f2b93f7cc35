// What only a cluster shows: tasks through workers, and what a killed worker costs.
#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "tests/bench/spark/parts.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::bench {
namespace {

constexpr std::uint32_t tasks_count = 10'000;

}  // namespace

void measure_cluster(Figures& figures) {
  harness::Cluster cluster({.agents = 2});
  spark::Options options;
  options.master = cluster.master();
  options.memory = std::uint64_t{1} << 30;
  options.executors_max = 2;
  options.quiet = true;
  spark::SparkContext context(options);
  context.range(0, 100, 1, 100).count();  // brings the workers up
  const auto nothing = context.range(0, 0, 1, tasks_count);
  figures["empty_tasks_cluster_per_s"] = tasks_count / median_s(3, [&] { nothing.count(); });

  const auto cached = context.range(0, 20'000'000, 1, 16).map([](std::int64_t x) {
    return static_cast<double>(x % 1'000);
  });
  cached.cache();
  double sum = 0;
  const auto pass = [&] { sum = cached.sum(); };
  figures["cluster_first_pass_s"] = median_s(1, pass);
  figures["cluster_cached_pass_s"] = median_s(5, pass);
  const double expected = sum;
  // One that keeps some of it.
  const auto process = cached
                           .map_partitions([](std::span<const double>) {
                             return std::vector<std::int64_t>{::getpid()};
                           })
                           .first();
  ::kill(static_cast<pid_t>(process), SIGKILL);
  figures["recomputation_s"] = median_s(1, pass);
  if (sum != expected) throw std::runtime_error("the sum differs after a worker was killed");
}

}  // namespace mesolite::bench
