// Defends: on a real cluster of three agents the results are those of a loop, whatever dies
// meanwhile; crashes and mistakes are told in one sentence. This program is driver and worker.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <set>
#include <thread>

#include "frameworks/mini-spark/api/program.hpp"
#include "mesolite/base/random.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::spark {
namespace {

using Pair = std::pair<std::int64_t, std::int64_t>;

Options options_for(const harness::Cluster& cluster) {
  Options options;
  options.master = cluster.master();
  options.memory = std::uint64_t{64} << 20;
  options.cores = 2;
  options.executors_max = 3;
  options.partitions = 7;
  options.quiet = true;
  return options;
}

std::vector<Pair> random_pairs(std::size_t count) {
  Random random(4);
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < count; ++i) {
    pairs.emplace_back(random.below(100), random.below(1'000));
  }
  return pairs;
}

std::map<std::int64_t, std::int64_t> summed(const std::vector<Pair>& pairs) {
  std::map<std::int64_t, std::int64_t> sums;
  for (const auto& [key, value] : pairs) sums[key] += value;
  return sums;
}

template <class T>
std::vector<T> sorted(std::vector<T> records) {
  std::sort(records.begin(), records.end());
  return records;
}

// The number itself, after some work.
std::int64_t busy_with(std::int64_t number) {
  std::uint64_t state = static_cast<std::uint64_t>(number) + 1;
  for (int i = 0; i < 100'000; ++i) state = mix(state, hash_seed);
  return state == 0 ? -number : number;
}

// Processes of this program that are workers.
std::vector<pid_t> workers() {
  return harness::descendants_with("--worker");
}

TEST(SparkCluster, gives_what_a_loop_gives_with_any_number_of_partitions) {
  harness::Cluster cluster({.agents = 3});
  SparkContext context(options_for(cluster));
  const std::vector<Pair> pairs = random_pairs(3'000);
  const auto sums = summed(pairs);
  const auto table = context.broadcast(std::vector<std::int64_t>{5, 6, 7});
  const auto seen = context.accumulator<std::uint64_t>();
  for (const std::uint32_t partitions : {1U, 7U, 100U}) {
    const auto rdd = context.parallelize(pairs, partitions);
    EXPECT_EQ(rdd.collect(), pairs);
    const auto added = rdd.reduce_by_key([](std::int64_t a, std::int64_t b) { return a + b; });
    EXPECT_EQ(sorted(added.collect()), std::vector<Pair>(sums.begin(), sums.end()));
    EXPECT_EQ(rdd.sort_by([](const Pair& pair) { return pair; }).collect(), sorted(pairs));
    EXPECT_EQ(rdd.join(added).count(), pairs.size());
    EXPECT_EQ(rdd.distinct().count(), std::set<Pair>(pairs.begin(), pairs.end()).size());
    rdd.foreach ([seen](const Pair&) { seen.add(1); });
    EXPECT_EQ(rdd.map([table](const Pair&) { return (*table)[2]; }).sum(), 7 * 3'000);
  }
  EXPECT_EQ(context.empty<Pair>().group_by_key().count(), 0U);
  EXPECT_EQ(seen.value(), 3U * 3'000U);
  const auto cached = context.range(0, 1'000, 1, 7).map([](std::int64_t x) { return x * x; });
  cached.cache();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(cached.sum(), 332'833'500);
}

TEST(SparkCluster, results_do_not_depend_on_a_worker_that_is_killed_in_mid_stage) {
  harness::Cluster cluster({.agents = 3});
  SparkContext context(options_for(cluster));
  const std::vector<Pair> pairs = random_pairs(2'000);
  const auto sums = summed(pairs);
  const auto cached = context.parallelize(pairs, 20).map([](const Pair& pair) { return pair; });
  cached.cache();
  EXPECT_EQ(cached.count(), pairs.size());
  ASSERT_FALSE(workers().empty());
  // Each task has work for a moment, so that the kill comes while the stage runs.
  const auto slow =
      cached.map([](const Pair& pair) { return Pair(pair.first, busy_with(pair.second)); });
  std::thread killer([] {
    const std::vector<pid_t> now = workers();
    if (!now.empty()) ::kill(now.front(), SIGKILL);
  });
  const auto added = slow.reduce_by_key([](std::int64_t a, std::int64_t b) { return a + b; });
  EXPECT_EQ(sorted(added.collect()), std::vector<Pair>(sums.begin(), sums.end()));
  killer.join();
  EXPECT_EQ(sorted(added.collect()), std::vector<Pair>(sums.begin(), sums.end()));
  EXPECT_EQ(cached.count(), pairs.size());
}

TEST(SparkCluster, a_crash_in_a_users_function_names_signal_partition_and_last_words) {
  harness::Cluster cluster({.agents = 1});
  SparkContext context(options_for(cluster));
  const auto crashing = context.range(0, 4, 1, 4).map([](std::int64_t x) {
    if (x == 2) {
      std::fputs("these were its last words\n", stderr);
      std::raise(SIGSEGV);
    }
    return x;
  });
  try {
    crashing.count();
    FAIL() << "it should have thrown";
  } catch (const SparkError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("(count), partition "), std::string::npos) << text;
    EXPECT_NE(text.find("signal 11"), std::string::npos) << text;
    EXPECT_NE(text.find("these were its last words"), std::string::npos) << text;
  }
  EXPECT_EQ(context.range(0, 10).sum(), 45) << "the program goes on";
}

TEST(SparkCluster, what_cannot_be_sent_is_refused_before_anything_runs) {
  harness::Cluster cluster({.agents = 1});
  SparkContext context(options_for(cluster));
  int here = 1;
  const auto wrong = context.range(0, 10).map([&here](std::int64_t x) { return x + here; });
  try {
    wrong.count();
    FAIL() << "it should have thrown";
  } catch (const SparkError& error) {
    EXPECT_NE(std::string(error.what()).find("captures a pointer or reference"), std::string::npos);
  }
}

TEST(SparkCluster, workers_are_given_back_when_they_are_idle_and_keep_nothing) {
  harness::Cluster cluster({.agents = 2});
  Options options = options_for(cluster);
  options.idle_timeout = 300ms;
  SparkContext context(options);
  EXPECT_EQ(context.range(0, 100).count(), 100U);
  EXPECT_FALSE(workers().empty());
  EXPECT_TRUE(harness::eventually([&] { return workers().empty(); }));
  EXPECT_EQ(context.range(0, 100).count(), 100U) << "and asked for again";
}

}  // namespace
}  // namespace mesolite::spark

int main(int argc, char** argv) {
  if (const auto status = mesolite::spark::run_if_worker(argc, argv)) return *status;
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
