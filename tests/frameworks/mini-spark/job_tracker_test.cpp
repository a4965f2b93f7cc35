// Defends: each task's result counts once, losses are made good by lineage, failures are counted,
// and work goes where its data is.
#include "frameworks/mini-spark/tracker/job_tracker.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "mesolite/base/random.hpp"

namespace mesolite::spark {
namespace {

constexpr std::uint64_t shuffle = 10;
constexpr std::uint64_t action = 20;
constexpr Time start{1000s};

std::vector<std::uint32_t> all_of(std::uint32_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0U);
  return numbers;
}

// A map stage before an action, as a word count has them.
std::vector<StagePlan> two_stages(std::uint32_t maps, std::uint32_t reduces) {
  return {{shuffle, "reduce_by_key", all_of(maps), {}, true, {}},
          {action, "collect", all_of(reduces), {shuffle}, false, {}}};
}

class Tracker : public ::testing::Test {
 protected:
  explicit Tracker(TrackerOptions options = {}) : tracker(options) {
    tracker.add_executor(1, "one");
    tracker.add_executor(2, "two");
  }
  ~Tracker() override { tracker.check_invariants(); }

  // "10/0": node and partition.
  std::string next(ExecutorNumber executor = 1) {
    launched = tracker.next(executor, now);
    if (!launched) return "nothing";
    return std::to_string(launched->node) + "/" + std::to_string(launched->place.partition);
  }
  std::uint64_t serial() const { return launched->place.serial; }
  bool finish(std::uint64_t number) {
    return tracker.finished(number, {"host", number, {}}, {}, now);
  }
  // Runs all that can be run on the executor.
  int run_all(ExecutorNumber executor = 1) {
    int count = 0;
    for (; next(executor) != "nothing"; ++count) finish(serial());
    return count;
  }
  std::optional<std::string> outcome() {
    for (const TrackerEvent& event : tracker.take_events()) {
      if (event.kind == TrackerEvent::Kind::job_succeeded) return "succeeded";
      if (event.kind == TrackerEvent::Kind::job_failed) return event.reason;
    }
    return std::nullopt;
  }

  JobTracker tracker;
  Time now = start;
  std::optional<TaskLaunch> launched;
};

TEST_F(Tracker, a_stage_begins_when_the_shuffles_that_it_reads_are_complete) {
  tracker.submit(two_stages(2, 1), "default", 1);
  EXPECT_EQ(next(), "10/0");
  const std::uint64_t first = serial();
  EXPECT_EQ(next(), "10/1");
  const std::uint64_t second = serial();
  EXPECT_EQ(next(), "nothing");
  EXPECT_TRUE(finish(first));
  EXPECT_EQ(next(), "nothing");
  EXPECT_TRUE(finish(second));
  EXPECT_EQ(next(), "20/0");
  EXPECT_EQ(launched->needs, std::vector{shuffle});
  EXPECT_TRUE(finish(serial()));
  EXPECT_EQ(outcome(), "succeeded");
}

TEST_F(Tracker, what_one_job_has_shuffled_the_next_does_not_shuffle_again) {
  tracker.submit(two_stages(3, 2), "default", 1);
  EXPECT_EQ(run_all(), 5);
  tracker.submit(two_stages(3, 2), "default", 1);
  EXPECT_EQ(run_all(), 2);
}

TEST_F(Tracker, a_lost_executor_takes_its_outputs_with_it_and_only_those_are_made_again) {
  tracker.submit(two_stages(4, 2), "default", 1);
  for (const ExecutorNumber executor : {1, 1, 1, 2}) {
    next(executor);
    finish(serial());
  }
  EXPECT_EQ(next(1), "20/0");
  EXPECT_EQ(next(2), "20/1");
  const std::uint64_t running = serial();
  tracker.lose_executor(1, "killed");
  EXPECT_EQ(tracker.pending(), 3U) << "the maps; the reduce waits for them";
  EXPECT_EQ(next(2), "10/0");
  finish(serial());
  EXPECT_EQ(run_all(2), 3) << "two maps and the reduce that ran there";
  EXPECT_TRUE(finish(running)) << "the other goes on";
  EXPECT_EQ(outcome(), "succeeded");
}

TEST_F(Tracker, a_failed_fetch_makes_the_output_again_and_is_not_the_tasks_fault) {
  tracker.submit(two_stages(2, 1), "default", 1);
  next(1);
  finish(serial());
  next(2);
  finish(serial());
  for (int i = 0; i < 6; ++i) {  // more than failures_max
    EXPECT_EQ(next(1), "20/0") << i;
    tracker.fetch_failed(serial(), shuffle, 1, "gone");
    EXPECT_EQ(next(2), "10/1");
    finish(serial());
  }
  EXPECT_EQ(run_all(), 1);
  EXPECT_EQ(outcome(), "succeeded");
}

TEST_F(Tracker, the_fourth_failure_of_a_task_ends_its_job_and_names_the_place) {
  tracker.submit({{action, "count", {0, 7}, {}, false, {}}}, "default", 1);
  next();
  finish(serial());
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(outcome(), std::nullopt);
    EXPECT_EQ(next(), "20/7");
    tracker.failed(serial(), "no luck");
  }
  EXPECT_EQ(outcome(), "stage 1 (count), partition 7, attempt 4 on one: no luck");
  EXPECT_EQ(next(), "nothing");
}

TEST_F(Tracker, a_task_under_which_executors_die_ends_its_job_in_the_end) {
  tracker.submit({{action, "count", {0}, {}, false, {}}}, "default", 1);
  for (ExecutorNumber executor = 11; executor < 15; ++executor) {
    ASSERT_EQ(outcome(), std::nullopt);
    tracker.add_executor(executor, "host");
    EXPECT_EQ(next(executor), "20/0");
    tracker.lose_executor(executor, "killed by SIGSEGV");
  }
  EXPECT_EQ(outcome(),
            "stage 1 (count), partition 0, attempt 4 on host: its executor was lost 4 "
            "times, at last: killed by SIGSEGV");
}

TEST_F(Tracker, the_end_of_a_job_kills_what_still_runs_of_it) {
  const JobNumber job = tracker.submit({{action, "count", {0, 1}, {}, false, {}}}, "default", 1);
  next(1);
  next(2);
  tracker.cancel(job, "not wanted");
  int kills = 0;
  for (const TrackerEvent& event : tracker.take_events()) {
    if (event.kind == TrackerEvent::Kind::kill) ++kills;
  }
  EXPECT_EQ(kills, 2);
  EXPECT_EQ(tracker.running(), 0U);
  EXPECT_FALSE(finish(serial()));
}

TEST_F(Tracker, tasks_go_to_the_executor_that_has_their_partition_and_wait_for_it_a_little) {
  const std::uint64_t rdd = 5;
  const StagePlan plan{action, "count", {0, 1}, {}, false, {rdd}};
  tracker.submit({plan}, "default", 1);
  for (const ExecutorNumber executor : {1, 2}) {
    next(executor);
    const std::uint32_t partition = launched->place.partition;
    tracker.finished(serial(), {}, {{rdd, partition}}, now);
  }
  tracker.submit({plan}, "default", 1);
  EXPECT_EQ(next(2), "20/1");
  EXPECT_EQ(next(2), "nothing") << "the other is at home with executor 1";
  now += 1s;
  EXPECT_EQ(next(2), "20/0") << "who does not come";
}

TEST_F(Tracker, a_partition_that_was_evicted_draws_its_task_no_more) {
  const StagePlan plan{action, "count", {0}, {}, false, {5}};
  tracker.submit({plan}, "default", 1);
  EXPECT_EQ(next(1), "20/0");
  tracker.finished(serial(), {}, {{5, 0}}, now);
  tracker.evicted(2, {{5, 0}});
  tracker.submit({plan}, "default", 1);
  EXPECT_EQ(next(2), "nothing") << "executor 1 has it still";
  tracker.evicted(1, {{5, 0}});
  tracker.submit({plan}, "default", 1);
  EXPECT_EQ(next(2), "20/0");
}

TEST_F(Tracker, the_oldest_job_goes_first) {
  tracker.submit({{1, "a", {0, 1}, {}, false, {}}}, "x", 1);
  tracker.submit({{2, "b", {0}, {}, false, {}}}, "y", 1);
  EXPECT_EQ(next(), "1/0");
  EXPECT_EQ(next(), "1/1");
  EXPECT_EQ(next(), "2/0");
}

class FairTracker : public Tracker {
 protected:
  FairTracker() : Tracker({.mode = PoolMode::fair}) {}
};

TEST_F(FairTracker, pools_share_by_weight) {
  tracker.submit({{1, "a", all_of(20), {}, false, {}}}, "x", 1);
  tracker.submit({{2, "b", all_of(20), {}, false, {}}}, "y", 3);
  int heavy = 0;
  for (int i = 0; i < 12; ++i) heavy += next().starts_with("2/") ? 1 : 0;
  EXPECT_EQ(heavy, 9);
}

class DoubtingTracker : public Tracker {
 protected:
  DoubtingTracker() : Tracker({.speculation = true}) {}
};

TEST_F(DoubtingTracker, a_task_that_takes_long_is_tried_elsewhere_and_the_first_result_counts) {
  tracker.submit({{action, "count", all_of(4), {}, false, {}}}, "default", 1);
  for (int i = 0; i < 3; ++i) {
    next(1);
    now += 10ms;
    finish(serial());
  }
  EXPECT_EQ(next(1), "20/3");
  const std::uint64_t slow = serial();
  tracker.advance(now + 50ms);
  EXPECT_EQ(next(2), "nothing");
  tracker.advance(now + 200ms);
  EXPECT_EQ(next(1), "nothing") << "not where it hangs";
  EXPECT_EQ(next(2), "20/3");
  EXPECT_TRUE(finish(serial()));
  const auto events = tracker.take_events();
  const bool killed = std::any_of(events.begin(), events.end(), [&](const TrackerEvent& event) {
    return event.kind == TrackerEvent::Kind::kill && event.serial == slow;
  });
  EXPECT_TRUE(killed);
  EXPECT_FALSE(finish(slow));
}

// Any course of failures, losses and stale news ends with every task done and counted once.
TEST(TrackerCourses, end_with_each_result_counted_once) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Random random(seed);
    JobTracker tracker({.failures_max = 1000,
                        .losses_max = 1000,
                        .fetch_failures_max = 1000,
                        .speculation = true,
                        .speculation_time_min = 1ms});
    ExecutorNumber last = 3;
    std::vector<ExecutorNumber> executors{1, 2, 3};
    for (const ExecutorNumber executor : executors) tracker.add_executor(executor, "host");
    tracker.submit(two_stages(6, 4), "default", 1);
    Time now = start;
    std::vector<std::uint64_t> begun;
    std::uint32_t counted = 0;
    bool done = false;
    for (int step = 0; step < 20'000 && !done; ++step) {
      now += 1ms;
      const ExecutorNumber executor = executors[random.below(executors.size())];
      const auto launch = tracker.next(executor, now);
      if (launch) begun.push_back(launch->place.serial);
      tracker.advance(now);
      if (begun.empty()) continue;
      // Mostly news of what began lately; sometimes of what nobody waits for any more.
      const std::size_t late =
          random.chance(0.2) ? begun.size() : std::min<std::size_t>(8, begun.size());
      const std::uint64_t serial = begun[begun.size() - 1 - random.below(late)];
      switch (random.below(20)) {
        case 0:
          tracker.failed(serial, "failed");
          break;
        case 1:
          tracker.fetch_failed(serial, shuffle, static_cast<std::uint32_t>(random.below(6)), "");
          break;
        case 2:
          if (random.chance(0.7)) break;
          tracker.lose_executor(executor, "lost");
          std::erase(executors, executor);
          executors.push_back(++last);
          tracker.add_executor(last, "host");
          break;
        default:
          counted += tracker.finished(serial, {}, {}, now) ? 1 : 0;
      }
      tracker.check_invariants();
      for (const TrackerEvent& event : tracker.take_events()) {
        done = done || event.kind == TrackerEvent::Kind::job_succeeded;
      }
    }
    ASSERT_TRUE(done) << "seed " << seed;
    ASSERT_EQ(counted, 10U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace mesolite::spark
