// Defends: each task's result counts once, losses are made good, failures are counted.
#include "frameworks/mini-hadoop/tracker/job_tracker.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mesolite/base/random.hpp"

namespace mesolite::hadoop {
namespace {

using Attempts = std::vector<std::string>;
const AgentId a1{"A1"};
const AgentId a2{"A2"};

AttemptId map_attempt(std::uint32_t index, std::uint32_t attempt = 0) {
  return {0, TaskKind::map, index, attempt};
}
AttemptId reduce_attempt(std::uint32_t index, std::uint32_t attempt = 0) {
  return {0, TaskKind::reduce, index, attempt};
}

class Tracker : public testing::Test {
 protected:
  static JobPlan plan(std::uint32_t maps, std::uint32_t reduces) {
    JobPlan plan;
    plan.maps = maps;
    plan.reduces = reduces;
    return plan;
  }

  static TaskReport map_report(std::uint32_t reduces, const std::string& host = "host:1") {
    TaskReport report;
    report.host = host;
    report.runs.resize(reduces, RunInfo{10, 1});
    return report;
  }

  std::string assign(JobTracker& tracker, const AgentId& agent = a1) {
    const auto id = tracker.assign(agent);
    tracker.check_invariants();
    return id ? to_text(*id) : "nothing";
  }

  void finish(JobTracker& tracker, const AttemptId& id, const AgentId& agent = a1) {
    tracker.finished(id, agent, id.kind == TaskKind::map ? map_report(2) : TaskReport{});
    tracker.check_invariants();
  }
};

TEST_F(Tracker, maps_come_first_and_reduces_when_the_first_is_done) {
  JobTracker tracker(plan(2, 1));
  EXPECT_EQ(assign(tracker), "stage0-map-00000-0");
  EXPECT_EQ(assign(tracker), "stage0-map-00001-0");
  EXPECT_EQ(assign(tracker), "nothing");
  tracker.finished(map_attempt(0), a1, map_report(1));
  EXPECT_EQ(assign(tracker), "stage0-reduce-00000-0");
  EXPECT_EQ(assign(tracker), "nothing");
}

TEST_F(Tracker, a_job_without_input_only_reduces) {
  JobTracker tracker(plan(0, 1));
  EXPECT_EQ(assign(tracker), "stage0-reduce-00000-0");
  finish(tracker, reduce_attempt(0));
  EXPECT_EQ(tracker.state(), JobState::succeeded);
}

TEST_F(Tracker, every_finished_map_is_announced_and_known_to_reduces_with_its_attempt) {
  JobTracker tracker(plan(1, 2));
  assign(tracker);
  tracker.finished(map_attempt(0), a1, map_report(2, "host:9"));
  EXPECT_EQ(tracker.take_actions(),
            (std::vector<TrackerAction>{{TrackerAction::Kind::announce, map_attempt(0)}}));
  EXPECT_TRUE(tracker.take_actions().empty());
  const auto outputs = tracker.outputs_for(1);
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs[0], (MapOutputInfo{0, 0, "host:9", 10, 1}));
}

TEST_F(Tracker, repeated_and_late_news_change_nothing) {
  JobTracker tracker(plan(1, 2));
  assign(tracker);
  tracker.failed(map_attempt(0), "crash");
  assign(tracker);
  finish(tracker, map_attempt(0));  // the first attempt was given up
  EXPECT_EQ(tracker.maps_done(), 0U);
  finish(tracker, map_attempt(0, 1));
  finish(tracker, map_attempt(0, 1));
  tracker.failed(map_attempt(0, 1), "late");
  tracker.lost(map_attempt(0, 1), "late");
  EXPECT_EQ(tracker.maps_done(), 1U);
  finish(tracker, map_attempt(7));
  finish(tracker, {3, TaskKind::map, 0, 0});
  EXPECT_EQ(tracker.maps_done(), 1U);
}

TEST_F(Tracker, the_fourth_failure_of_a_task_ends_the_job_with_its_reason) {
  JobTracker tracker(plan(1, 1));
  for (std::uint32_t attempt = 0; attempt < 4; ++attempt) {
    ASSERT_EQ(tracker.state(), JobState::running);
    assign(tracker);
    tracker.failed(map_attempt(0, attempt), "crash " + std::to_string(attempt));
  }
  EXPECT_EQ(tracker.state(), JobState::failed);
  EXPECT_EQ(tracker.failure_reason(), "map 0 failed 4 times, the last time on agent A1: crash 3");
  EXPECT_EQ(assign(tracker), "nothing");
}

TEST_F(Tracker, losses_do_not_count_as_failures_but_have_a_limit) {
  JobPlan limited = plan(1, 1);
  limited.losses_max = 10;
  JobTracker tracker(limited);
  for (std::uint32_t attempt = 0; attempt < 9; ++attempt) {
    assign(tracker);
    tracker.lost(map_attempt(0, attempt), "agent away");
    ASSERT_EQ(tracker.state(), JobState::running);
  }
  assign(tracker);
  tracker.lost(map_attempt(0, 9), "agent away");
  EXPECT_EQ(tracker.failure_reason(),
            "map 0 was lost 10 times, the last time on agent A1: agent away");
}

TEST_F(Tracker, a_lost_agent_takes_its_attempts_and_the_outputs_of_its_maps) {
  JobTracker tracker(plan(3, 2));
  assign(tracker, a1);
  assign(tracker, a2);
  finish(tracker, map_attempt(0), a1);
  finish(tracker, map_attempt(1), a2);
  assign(tracker, a1);  // map 2
  assign(tracker, a1);  // reduce 0
  assign(tracker, a2);  // reduce 1
  tracker.agent_lost(a1, "gone");
  tracker.check_invariants();
  EXPECT_EQ(tracker.maps_done(), 1U);
  EXPECT_EQ(tracker.running(TaskKind::reduce), std::vector{reduce_attempt(1)});
  Attempts again;
  for (int i = 0; i < 4; ++i) again.push_back(assign(tracker, a2));
  EXPECT_EQ(again, (Attempts{"stage0-map-00002-1", "stage0-map-00000-1", "stage0-reduce-00000-1",
                             "nothing"}));
}

TEST_F(Tracker, a_finished_reduce_stays_done_when_its_agent_is_lost) {
  JobTracker tracker(plan(1, 2));
  assign(tracker, a1);
  finish(tracker, map_attempt(0), a1);
  assign(tracker, a1);
  assign(tracker, a1);
  finish(tracker, reduce_attempt(0), a1);
  tracker.agent_lost(a1, "gone");
  EXPECT_EQ(tracker.progress().reduces_done, 1U);
  // The other reduce needs the map's output once more.
  EXPECT_EQ(assign(tracker, a2), "stage0-map-00000-1");
}

TEST_F(Tracker, an_output_that_cannot_be_fetched_is_made_again_once) {
  JobTracker tracker(plan(1, 2));
  assign(tracker);
  finish(tracker, map_attempt(0));
  EXPECT_FALSE(tracker.output_lost(0, 0, "corrupt"));
  EXPECT_FALSE(tracker.output_lost(0, 0, "corrupt"));  // the other reduce says so too
  tracker.check_invariants();
  EXPECT_EQ(assign(tracker), "stage0-map-00000-1");
  finish(tracker, map_attempt(0, 1));
  EXPECT_TRUE(tracker.output_lost(0, 0, "late report about the first attempt"));
  EXPECT_EQ(tracker.maps_done(), 1U);
  EXPECT_EQ(tracker.output_for(0, 0).attempt, 1U);
}

TEST_F(Tracker, a_map_report_with_another_number_of_partitions_is_a_failure) {
  JobTracker tracker(plan(1, 2));
  assign(tracker);
  tracker.finished(map_attempt(0), a1, map_report(3));
  EXPECT_EQ(tracker.maps_done(), 0U);
  EXPECT_EQ(assign(tracker), "stage0-map-00000-1");
}

TEST_F(Tracker, an_agent_on_which_tasks_keep_failing_is_avoided_while_there_is_another) {
  JobTracker tracker(plan(4, 1));
  for (std::uint32_t attempt = 0; attempt < 3; ++attempt) {
    assign(tracker, a1);
    tracker.failed(map_attempt(0, attempt), "bad disk");
  }
  EXPECT_EQ(assign(tracker, a1), "stage0-map-00000-3") << "it is the only one";
  EXPECT_EQ(assign(tracker, a2), "stage0-map-00001-0");
  EXPECT_EQ(assign(tracker, a1), "nothing");
  EXPECT_EQ(assign(tracker, a2), "stage0-map-00002-0");
}

TEST_F(Tracker, a_reduce_gives_way_when_a_map_finds_no_slot) {
  JobTracker tracker(plan(1, 2));
  assign(tracker);
  finish(tracker, map_attempt(0));
  assign(tracker);
  assign(tracker);
  tracker.take_actions();
  tracker.output_lost(0, 0, "gone");
  Time now{100s};
  tracker.advance(now);
  tracker.advance(now + 999ms);
  EXPECT_TRUE(tracker.take_actions().empty());
  tracker.advance(now + 1s);
  EXPECT_EQ(tracker.take_actions(),
            (std::vector<TrackerAction>{{TrackerAction::Kind::kill, reduce_attempt(1)}}));
  tracker.lost(reduce_attempt(1), "killed");
  EXPECT_EQ(assign(tracker), "stage0-map-00000-1");
  tracker.advance(now + 5s);
  EXPECT_TRUE(tracker.take_actions().empty()) << "the map runs";
}

TEST_F(Tracker, maps_write_the_output_where_there_are_no_reduces) {
  JobTracker tracker(plan(2, 0));
  assign(tracker, a1);
  assign(tracker, a2);
  tracker.finished(map_attempt(0), a1, map_report(0));
  tracker.agent_lost(a1, "gone");
  EXPECT_EQ(tracker.maps_done(), 1U) << "its output is where all can see it";
  tracker.finished(map_attempt(1), a2, map_report(0));
  EXPECT_EQ(tracker.state(), JobState::succeeded);
  EXPECT_EQ(tracker.committed(), (std::vector{map_attempt(0), map_attempt(1)}));
  EXPECT_EQ(JobTracker(plan(0, 0)).state(), JobState::succeeded);
}

// ---- near the input ----------------------------------------------------------------------------

class NearInput : public Tracker {
 protected:
  // Of four maps, two read what h1 has, one what h2 has, and the last anything.
  static JobPlan placed_plan() {
    JobPlan placed = plan(4, 2);
    placed.map_hosts = {{"h2"}, {"h1", "h3"}, {"h1"}};
    return placed;
  }
  NearInput() {
    tracker_.advance(start_);
    tracker_.meet(a1, "h1");
    tracker_.meet(a2, "h2");
  }

  const Time start_{100s};
  JobTracker tracker_{placed_plan()};
};

TEST_F(NearInput, maps_run_where_it_lies_and_those_without_a_place_anywhere) {
  Attempts begun;
  for (const AgentId& agent : {a1, a1, a1, a2}) begun.push_back(assign(tracker_, agent));
  EXPECT_EQ(begun, (Attempts{"stage0-map-00001-0", "stage0-map-00002-0", "stage0-map-00003-0",
                             "stage0-map-00000-0"}));
  EXPECT_EQ(tracker_.counters().values().at("maps near their input"), 3U);
}

TEST_F(NearInput, a_slot_waits_three_seconds_for_a_map_and_then_takes_any) {
  for (int i = 0; i < 2; ++i) assign(tracker_, a2);  // its own and the one that has no place
  EXPECT_EQ(assign(tracker_, a2), "nothing");
  EXPECT_TRUE(tracker_.waits_for_input(a2));
  EXPECT_FALSE(tracker_.waits_for_input(a1));
  tracker_.advance(start_ + 2999ms);
  EXPECT_EQ(assign(tracker_, a2), "nothing");
  tracker_.advance(start_ + 3s);
  EXPECT_EQ(assign(tracker_, a2), "stage0-map-00001-0");
  EXPECT_EQ(assign(tracker_, a2), "stage0-map-00002-0") << "it has waited once";
  EXPECT_FALSE(tracker_.waits_for_input(a2));
}

TEST_F(NearInput, nobody_waits_for_hosts_that_have_never_offered_anything) {
  JobPlan elsewhere = plan(1, 2);
  elsewhere.map_hosts = {{"far away"}};
  JobTracker tracker(elsewhere);
  tracker.meet(a1, "h1");
  EXPECT_EQ(assign(tracker, a1), "stage0-map-00000-0");
}

TEST_F(NearInput, a_map_that_failed_is_tried_again_where_it_lies) {
  EXPECT_EQ(assign(tracker_, a1), "stage0-map-00001-0");
  tracker_.failed(map_attempt(1), "crash");
  EXPECT_EQ(assign(tracker_, a1), "stage0-map-00001-1");
  tracker_.agent_lost(a1, "gone");
  for (int i = 0; i < 2; ++i) assign(tracker_, a2);
  EXPECT_EQ(assign(tracker_, a2), "stage0-map-00001-2") << "its host is known no more";
}

TEST_F(NearInput, no_reduce_gives_way_to_a_map_for_which_a_slot_waits) {
  JobPlan last = plan(2, 2);
  last.map_hosts = {{"h1"}, {"h1"}};
  JobTracker tracker(last);
  tracker.advance(start_);
  tracker.meet(a1, "h1");
  tracker.meet(a2, "h2");
  assign(tracker, a1);
  assign(tracker, a1);
  finish(tracker, map_attempt(0), a1);
  finish(tracker, map_attempt(1), a1);
  assign(tracker, a1);  // a reduce
  tracker.take_actions();
  tracker.output_lost(0, 0, "gone");
  EXPECT_EQ(assign(tracker, a2), "nothing");
  tracker.advance(start_ + 1s);
  tracker.advance(start_ + 2500ms);
  EXPECT_TRUE(tracker.take_actions().empty());
  tracker.advance(start_ + 3s);
  EXPECT_EQ(assign(tracker, a2), "stage0-map-00000-1");
}

// ---- second attempts ---------------------------------------------------------------------------

class SlowTask : public Tracker {
 protected:
  // Of two maps, the first took two seconds and the second still runs on a2 after ten.
  SlowTask() {
    tracker_.advance(Time{100s});
    assign(tracker_, a1);
    assign(tracker_, a2);
    tracker_.advance(Time{102s});
    finish(tracker_, map_attempt(0), a1);
    EXPECT_EQ(assign(tracker_, a1), "stage0-reduce-00000-0");
    EXPECT_EQ(assign(tracker_, a1), "stage0-reduce-00001-0");
    tracker_.progressed(map_attempt(1), 0.1);
    tracker_.take_actions();
  }
  JobTracker tracker_{plan(2, 2)};
};

TEST_F(SlowTask, gets_a_second_attempt_on_another_agent_and_only_one) {
  tracker_.advance(Time{104s});
  EXPECT_FALSE(tracker_.wants_slots()) << "it is too early";
  tracker_.advance(Time{110s});
  EXPECT_TRUE(tracker_.wants_slots());
  EXPECT_EQ(assign(tracker_, a2), "nothing");
  EXPECT_EQ(assign(tracker_, a1), "stage0-map-00001-1");
  tracker_.advance(Time{120s});
  EXPECT_EQ(assign(tracker_, a1), "nothing");
}

TEST_F(SlowTask, counts_once_whichever_attempt_is_first_and_the_other_is_killed) {
  for (const std::uint32_t winner : {0U, 1U}) {
    JobTracker tracker = tracker_;
    tracker.advance(Time{110s});
    assign(tracker, a1);
    finish(tracker, map_attempt(1, winner), winner == 0 ? a2 : a1);
    EXPECT_EQ(
        tracker.take_actions(),
        (std::vector<TrackerAction>{{TrackerAction::Kind::kill, map_attempt(1, 1 - winner)},
                                    {TrackerAction::Kind::announce, map_attempt(1, winner)}}));
    finish(tracker, map_attempt(1, 1 - winner));
    EXPECT_EQ(tracker.maps_done(), 2U);
    EXPECT_EQ(tracker.output_for(0, 1).attempt, winner);
  }
}

TEST_F(SlowTask, goes_on_with_the_other_attempt_when_one_is_lost_or_fails) {
  tracker_.advance(Time{110s});
  assign(tracker_, a1);
  tracker_.lost(map_attempt(1, 0), "gone");
  tracker_.check_invariants();
  EXPECT_EQ(assign(tracker_, a2), "nothing") << "the second attempt still runs";
  tracker_.failed(map_attempt(1, 1), "broken");
  EXPECT_EQ(assign(tracker_, a2), "stage0-map-00001-2");
}

TEST_F(SlowTask, that_is_nearly_done_gets_none) {
  tracker_.progressed(map_attempt(1), 0.95);
  tracker_.advance(Time{110s});
  EXPECT_FALSE(tracker_.wants_slots());
}

TEST_F(Tracker, attempts_of_an_earlier_life_run_on_and_their_numbers_are_not_used_again) {
  JobTracker tracker(plan(3, 2));
  tracker.started(map_attempt(1, 2), a1);
  tracker.check_invariants();
  EXPECT_TRUE(tracker.is_running(map_attempt(1, 2)));
  EXPECT_EQ(assign(tracker), "stage0-map-00000-0");
  tracker.lost(map_attempt(1, 2), "unknown to its agent");
  EXPECT_EQ(assign(tracker), "stage0-map-00001-3");
}

TEST_F(Tracker, progress_counts_running_attempts_and_never_goes_back) {
  JobTracker tracker(plan(2, 1));
  assign(tracker);
  tracker.progressed(map_attempt(0), 0.5);
  EXPECT_DOUBLE_EQ(tracker.progress().map_share, 0.25);
  tracker.progressed(map_attempt(0), 0.2);
  tracker.progressed(map_attempt(1), 0.9);  // does not run
  EXPECT_DOUBLE_EQ(tracker.progress().map_share, 0.25);
}

TEST_F(Tracker, counters_are_those_of_the_attempts_that_count) {
  JobTracker tracker(plan(1, 1));
  TaskReport report = map_report(1);
  report.counters["records"] = 5;
  assign(tracker);
  tracker.finished(map_attempt(0), a1, report);
  tracker.output_lost(0, 0, "gone");
  assign(tracker);
  tracker.finished(map_attempt(0, 1), a1, report);
  EXPECT_EQ(tracker.counters().values(), (CounterValues{{"records", 5}}));
}

// Any order of losses, failures and repeated news ends in success, as long as failures are few.
TEST_F(Tracker, any_course_of_events_ends_with_every_task_done_once) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    JobPlan course = plan(8, 2);
    course.failures_max = 1000;
    course.losses_max = 100'000;
    JobTracker tracker(course);
    std::vector<AttemptId> begun;
    int steps = 0;
    while (tracker.state() == JobState::running && ++steps < 20'000) {
      const AgentId agent = random.chance(0.5) ? a1 : a2;
      if (const auto id = tracker.assign(agent)) begun.push_back(*id);
      if (begun.empty()) continue;
      const AttemptId id = begun[random.below(begun.size())];
      switch (random.below(30)) {
        case 0:
          tracker.failed(id, "failed");
          break;
        case 1:
          tracker.lost(id, "lost");
          break;
        case 2:
          tracker.output_lost(id.index, id.attempt, "unfetched");
          break;
        case 3:
          if (random.chance(0.1)) tracker.agent_lost(agent, "gone");
          break;
        default:
          finish(tracker, id, agent);
      }
      tracker.check_invariants();
    }
    ASSERT_EQ(tracker.state(), JobState::succeeded) << "seed " << seed;
  }
}

TEST(AttemptIds, come_back_from_their_text_and_others_are_refused) {
  const AttemptId id{2, TaskKind::reduce, 12345, 7};
  EXPECT_EQ(to_text(id), "stage2-reduce-12345-7");
  EXPECT_EQ(parse_attempt_id(to_text(id)), id);
  for (const char* text : {"", "stage", "stage1-map-1", "stage1-shuffle-1-1", "stagex-map-1-1",
                           "stage1-map-1-1-1", "stage1-map--1", "stage1-map-99999999999-1"}) {
    EXPECT_FALSE(parse_attempt_id(text)) << text;
  }
}

}  // namespace
}  // namespace mesolite::hadoop
