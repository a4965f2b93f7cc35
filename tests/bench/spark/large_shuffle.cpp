// 3 GB sorted by two executors that may use 256 MB each: how long, and the most that one had.
#include <array>
#include <stdexcept>

#include "tests/bench/processes.hpp"
#include "tests/bench/spark/parts.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::bench {
namespace {

constexpr std::int64_t large_count = 31'000'000;
constexpr std::uint64_t budget_mb = 256;
constexpr std::uint64_t code_and_stacks_mb = 64;  // what a worker asks the kernel for besides
constexpr std::uint32_t parts_count = 24;  // each is twice what a task may hold

struct Large {
  std::uint64_t key = 0;
  std::array<std::uint64_t, 12> rest{};
};

// Of bytes that no compression makes smaller.
Large some_large(std::int64_t number) {
  Large row;
  std::uint64_t state = static_cast<std::uint64_t>(number);
  row.key = state = spark::mix(state ^ spark::hash_seed, spark::hash_factor);
  for (std::uint64_t& word : row.rest) word = state = state * 6364136223846793005ULL + 1;
  return row;
}

// What a part of the sorted rows looks like; parts are joined in their order.
struct Seen {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool ascends = true;
};

Seen followed_by(Seen a, const Seen& b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  return {a.count + b.count, a.sum + b.sum, a.first, b.last,
          a.ascends && b.ascends && a.last <= b.first};
}

}  // namespace

void measure_large_shuffle(Figures& figures) {
  harness::Cluster cluster({.agents = 2});
  spark::Options options;
  options.master = cluster.master();
  options.memory = budget_mb << 20;
  options.executors_max = 2;
  options.quiet = true;
  spark::SparkContext context(options);
  const harness::Stopwatch watch;
  const Seen seen = context.range(0, large_count, 1, parts_count)
                        .map(some_large)
                        .sort_by([](const Large& row) { return row.key; })
                        .aggregate(
                            Seen{},
                            [](const Seen& before, const Large& row) {
                              return followed_by(before, {1, row.rest[11], row.key, row.key});
                            },
                            followed_by);
  figures["shuffle_3gb_s"] = to_seconds(watch.elapsed());
  std::uint64_t sum = 0;
  for (std::int64_t i = 0; i < large_count; ++i) sum += some_large(i).rest[11];
  if (seen.count != static_cast<std::uint64_t>(large_count) || seen.sum != sum || !seen.ascends) {
    throw std::runtime_error("large shuffle: the rows are not those that went in, in order");
  }
  double peak = 0;
  for (const pid_t worker : harness::descendants_with(spark::worker_argument)) {
    peak = std::max(peak, rss_peak_mb(worker));
  }
  figures["shuffle_3gb_peak_mb"] = peak;
  if (peak == 0 || peak > budget_mb + code_and_stacks_mb) {
    throw std::runtime_error("large shuffle: a worker has used " + std::to_string(peak) + " MB");
  }
}

}  // namespace mesolite::bench
