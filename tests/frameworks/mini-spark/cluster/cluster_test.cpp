// Defends: on a real cluster of three agents the results are those of a loop, whatever dies
// meanwhile; crashes and mistakes are told in one sentence. This program is driver and worker.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <thread>

#include "frameworks/mini-spark/cluster/worker.hpp"
#include "tests/frameworks/mini-spark/contexts.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/ensemble.hpp"

namespace mesolite::spark {
namespace {

NumberPairs summed(const NumberPairs& pairs) {
  std::map<std::int64_t, std::int64_t> sums;
  for (const auto& [key, value] : pairs) sums[key] += value;
  return {sums.begin(), sums.end()};
}

// The number itself, after some work.
std::int64_t busy_with(std::int64_t number) {
  std::uint64_t state = static_cast<std::uint64_t>(number) + 1;
  for (int i = 0; i < 100'000; ++i) state = mix(state, hash_seed);
  return state == 0 ? -number : number;
}

std::vector<pid_t> workers() {
  return harness::descendants_with(worker_argument);
}

// Each test has a cluster of its own; no others have workers meanwhile.
class SparkCluster : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { end_cluster(); }
};

TEST_F(SparkCluster, broadcast_accumulators_and_cached_partitions_reach_all_workers) {
  harness::Cluster cluster({.agents = 3});
  SparkContext context(options_for(cluster));
  const auto table = context.broadcast(std::vector<std::int64_t>{5, 6, 7});
  const auto seen = context.accumulator<std::uint64_t>();
  const auto numbers = context.range(0, 3'000, 1, 20).map([table, seen](std::int64_t) {
    seen.add(1);
    return (*table)[2];
  });
  numbers.cache();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(numbers.sum(), 7 * 3'000);
  EXPECT_EQ(seen.value(), 3'000U);
}

TEST_F(SparkCluster, results_do_not_depend_on_a_worker_that_is_killed_in_mid_stage) {
  harness::Cluster cluster({.agents = 3});
  SparkContext context(options_for(cluster));
  const NumberPairs pairs = random_pairs(2'000, 100, 4);
  const auto cached =
      context.parallelize(pairs, 20).map([](const NumberPair& pair) { return pair; });
  cached.cache();
  EXPECT_EQ(cached.count(), pairs.size());
  ASSERT_FALSE(workers().empty());
  // Each task has work for a moment, so that the kill comes while the stage runs.
  const auto slow = cached.map(
      [](const NumberPair& pair) { return NumberPair(pair.first, busy_with(pair.second)); });
  std::thread killer([] {
    const std::vector<pid_t> now = workers();
    if (!now.empty()) ::kill(now.front(), SIGKILL);
  });
  const auto added = slow.reduce_by_key([](std::int64_t a, std::int64_t b) { return a + b; });
  EXPECT_EQ(sorted(added.collect()), summed(pairs));
  killer.join();
  EXPECT_EQ(sorted(added.collect()), summed(pairs));
  EXPECT_EQ(cached.count(), pairs.size());
}

TEST_F(SparkCluster, a_crash_in_a_users_function_names_signal_partition_and_last_words) {
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

TEST_F(SparkCluster, what_cannot_be_sent_is_refused_before_anything_runs) {
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

TEST_F(SparkCluster, workers_run_a_copy_of_this_program_that_their_agents_fetched) {
  namespace fs = std::filesystem;
  harness::Cluster cluster({.agents = 1});
  SparkContext context(options_for(cluster));
  EXPECT_EQ(context.range(0, 100).count(), 100U);
  const fs::path own = fs::read_symlink("/proc/self/exe");
  const std::vector<pid_t> running = workers();
  ASSERT_FALSE(running.empty());
  for (const pid_t worker : running) {
    const fs::path program = fs::read_symlink("/proc/" + std::to_string(worker) + "/exe");
    EXPECT_TRUE(program.string().starts_with(cluster.agent_directory(0).string())) << program;
    EXPECT_EQ(program.filename(), own.filename());
    EXPECT_EQ(fs::file_size(program), fs::file_size(own));
  }
}

TEST_F(SparkCluster, workers_are_given_back_when_they_are_idle_and_keep_nothing) {
  harness::Cluster cluster({.agents = 2});
  Options options = options_for(cluster);
  options.idle_timeout = 300ms;
  SparkContext context(options);
  EXPECT_EQ(context.range(0, 100).count(), 100U);
  EXPECT_FALSE(workers().empty());
  EXPECT_TRUE(harness::eventually([&] { return workers().empty(); }));
  EXPECT_EQ(context.range(0, 100).count(), 100U) << "and asked for again";
}

TEST_F(SparkCluster, is_found_through_zookeeper_and_works_on_while_no_master_leads) {
  if (const std::string problem = harness::ensemble_problem(); !problem.empty()) {
    GTEST_SKIP() << problem;
  }
  const harness::Ensemble ensemble;
  const std::string url = "zk://some:secret@" + ensemble.url("/mesos").substr(5);
  harness::Cluster cluster(
      {.agents = 2, .master_flags = {"--zk=" + url, "--quorum=1"}, .registry = ""});
  ASSERT_EQ(cluster.agents_in("active"), 2U);
  Options options = options_for(cluster);
  options.master = url;
  SparkContext context(options);
  const auto sum = [&] { return context.range(0, 1'000, 1, 20).sum(); };
  EXPECT_EQ(sum(), 499'500);
  cluster.kill_master();
  EXPECT_EQ(sum(), 499'500) << "workers and driver need no master between them";
  cluster.start_master();
  const auto known = [&] {
    return cluster.get("/frameworks").find(options.name) != std::string::npos;
  };
  EXPECT_TRUE(harness::eventually(known)) << "the driver finds the next master";
  EXPECT_EQ(sum(), 499'500);
}

}  // namespace
}  // namespace mesolite::spark
