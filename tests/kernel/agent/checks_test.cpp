#include "kernel/agent/checks.hpp"

#include "tests/kernel/agent/agent_fixture.hpp"

namespace mesolite::agent {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ChecksTest : public AgentFixture {
 protected:
  void SetUp() override { start_registered(); }

  static Check tcp_check() {
    Check check;
    check.kind = CheckKind::tcp;
    check.port = 8080;
    return check;
  }
  static TaskInfo healthy_task() {
    TaskInfo task = command_task("T");
    task.health_check = tcp_check();
    return task;
  }
  // Time passes until the next check is asked for.
  RunCheck next_check() {
    for (int i = 0; i < 100; ++i) {
      pass(1s);
      if (const auto asked = outputs<RunCheck>(); !asked.empty()) return asked.front();
    }
    ADD_FAILURE() << "no check was asked for";
    return {};
  }
  void answer(const RunCheck& check, bool passed, const std::string& message = "as it is") {
    turn({Checked{check.container, check.number, passed, message}});
  }
};

TEST_F(ChecksTest, begin_after_their_delay_and_come_again_an_interval_after_the_answer) {
  launch_running(healthy_task());
  pass(14s);
  EXPECT_THAT(outputs<RunCheck>(), IsEmpty());
  pass(1s);
  ASSERT_THAT(outputs<RunCheck>(), SizeIs(1));
  const RunCheck first = outputs<RunCheck>()[0];
  EXPECT_EQ(first.check.port, 8080);
  pass(15s);
  EXPECT_THAT(outputs<RunCheck>(), IsEmpty()) << "one at a time";
  answer(first, true);
  pass(9s);
  EXPECT_THAT(outputs<RunCheck>(), IsEmpty());
  pass(1s);
  EXPECT_THAT(outputs<RunCheck>(), SizeIs(1));
}

TEST_F(ChecksTest, of_health_tell_when_it_changes_and_only_then) {
  launch_running(healthy_task());
  answer(next_check(), true, "port 8080 takes connections");
  EXPECT_EQ(update().state, TaskState::running);
  EXPECT_EQ(update().healthy, true);
  EXPECT_EQ(update().reason, UpdateReason::check_status_updated);
  EXPECT_EQ(update().message, "health check: port 8080 takes connections");
  acknowledge(update());
  answer(next_check(), true);
  EXPECT_THAT(updates(), IsEmpty());
  answer(next_check(), false, "cannot connect");
  EXPECT_EQ(update().healthy, false);
  acknowledge(update());
  answer(next_check(), true);
  EXPECT_EQ(update().healthy, true);
}

TEST_F(ChecksTest, that_fail_so_often_in_a_row_end_the_task_with_the_reason) {
  launch_running(healthy_task());
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(outputs<Terminate>(), IsEmpty());
    answer(next_check(), false, "cannot connect");
    if (i == 0) acknowledge(update());
  }
  ASSERT_THAT(outputs<Terminate>(), SizeIs(1));
  const ContainerId container = outputs<Terminate>()[0].container;
  turn({Exited{container, 15, {}}});
  EXPECT_EQ(update().state, TaskState::failed);
  EXPECT_EQ(update().reason, UpdateReason::health_check_failed);
  EXPECT_EQ(update().healthy, false);
  EXPECT_THAT(update().message,
              HasSubstr("its health check failed 3 times in a row, the last time: cannot connect"));
}

TEST_F(ChecksTest, that_pass_in_between_begin_to_count_anew) {
  launch_running(healthy_task());
  for (const bool passes : {false, false, true, false, false}) answer(next_check(), passes);
  EXPECT_THAT(outputs<Terminate>(), IsEmpty());
}

TEST_F(ChecksTest, that_fail_in_the_grace_period_do_not_count_until_the_task_was_healthy) {
  TaskInfo task = healthy_task();
  task.health_check->grace_period = 1min;
  task.health_check->consecutive_failures = 1;
  launch_running(task);
  answer(next_check(), false);  // after 15 s
  answer(next_check(), false);
  EXPECT_THAT(updates(), IsEmpty());
  EXPECT_THAT(outputs<Terminate>(), IsEmpty());
  answer(next_check(), true);
  answer(next_check(), false);  // still in the grace period
  EXPECT_THAT(outputs<Terminate>(), SizeIs(1));
}

TEST_F(ChecksTest, of_the_other_kind_tell_what_they_find_and_end_nothing) {
  TaskInfo task = command_task("T");
  task.check = tcp_check();
  launch_running(task);
  answer(next_check(), false, "exited with status 1");
  EXPECT_EQ(update().message, "check: exited with status 1");
  EXPECT_EQ(update().healthy, std::nullopt);
  acknowledge(update());
  for (int i = 0; i < 3; ++i) {
    answer(next_check(), false, "exited with status 1");
    EXPECT_THAT(updates(), IsEmpty());
  }
  answer(next_check(), true, "exited with status 0");
  EXPECT_EQ(update().message, "check: exited with status 0");
}

TEST_F(ChecksTest, are_over_when_the_task_is_or_is_being_ended) {
  launch_running(healthy_task());
  const RunCheck check = next_check();
  from_master(kill("T", 1h));
  answer(check, false);
  pass(30min);
  EXPECT_THAT(outputs<RunCheck>(), IsEmpty());
  EXPECT_THAT(updates(), IsEmpty());
}

TEST_F(ChecksTest, that_cannot_be_carried_out_are_refused_by_field) {
  const auto refused = [&](Check check) {
    TaskInfo task = command_task("T");
    task.health_check = std::move(check);
    from_master(run({task}));
    EXPECT_EQ(update().state, TaskState::error);
    const std::string message = update().message;
    acknowledge(update());
    return message;
  };
  EXPECT_EQ(refused(Check{}), "health_check: kind: is none of command, http and tcp");
  Check check = tcp_check();
  check.port = 0;
  EXPECT_EQ(refused(check), "health_check: port: is 0");
  check = tcp_check();
  check.interval = Duration(0);
  EXPECT_EQ(refused(check), "health_check: interval: is no time at all");
  check = tcp_check();
  check.kind = CheckKind::http;
  check.path = "health";
  EXPECT_EQ(refused(check), "health_check: path: 'health' does not begin with a slash");
  check.kind = CheckKind::command;
  EXPECT_EQ(refused(check), "health_check: command: is empty");
}

}  // namespace
}  // namespace mesolite::agent
