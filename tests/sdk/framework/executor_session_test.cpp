#include "sdk/src/framework/executor_session.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/sdk/framework/outputs.hpp"

namespace mesolite {
namespace {

constexpr std::uint64_t incarnation = 77;

TaskLaunch launch_of(const std::string& id, Duration grace = 3s) {
  TaskInfo task;
  task.id = TaskId(id);
  task.name = "named " + id;
  task.kill_policy.grace_period = grace;
  return pack(task);
}

TaskStatus status_of(const std::string& id, TaskState state) {
  TaskStatus status;
  status.task_id = TaskId(id);
  status.state = state;
  return status;
}

ExecutorAcknowledgements acknowledge(const TaskStatus& status) {
  return {{{status.agent_id, status.task_id, status.update_id}}};
}

class ExecutorSessionTest : public testing::Test {
 protected:
  using Taken = Outputs<ExecutorOutput, ExecutorCallback>;

  static ExecutorSettings settings() {
    return {FrameworkId("F1"), ExecutorId("E1"), "ipc:///agent", "token", 10s};
  }
  static ExecutorRegistered answer() {
    ExecutorRegistered registered;
    registered.agent.id = AgentId("A1");
    return registered;
  }

  Taken take() { return Taken(session_.take()); }

  RegisterExecutor ask_to_register() {
    session_.connected(now_);
    session_.received(now_, Welcome{});
    const auto requests = take().sent<RegisterExecutor>();
    EXPECT_EQ(requests.size(), 1u);
    return requests.empty() ? RegisterExecutor{} : requests[0];
  }
  RegisterExecutor register_executor() {
    auto request = ask_to_register();
    session_.received(now_, answer());
    return request;
  }
  TaskStatus update(const std::string& id, TaskState state) {
    session_.update(now_, status_of(id, state));
    session_.end_turn();
    const auto sent = take().sent<ExecutorUpdates>();
    EXPECT_EQ(sent.size(), 1u);
    return sent.empty() ? TaskStatus{} : sent[0].updates.back();
  }

  ExecutorSession session_{settings(), incarnation};
  Time now_{1000s};
};

TEST_F(ExecutorSessionTest, greets_registers_and_is_handed_tasks) {
  session_.start(now_);
  EXPECT_EQ(take().only<Connect>().endpoint, "ipc:///agent");
  session_.connected(now_);
  EXPECT_EQ(take().sent<Hello>().at(0).role, PeerRole::executor);
  session_.received(now_, Welcome{});
  const auto request = take().sent<RegisterExecutor>().at(0);
  EXPECT_EQ(request.framework_id, FrameworkId("F1"));
  EXPECT_EQ(request.executor_id, ExecutorId("E1"));
  EXPECT_EQ(request.token, "token");
  session_.received(now_, answer());
  EXPECT_EQ(take().called<ExecutorRegistered>().at(0).agent.id, AgentId("A1"));
  session_.received(now_, LaunchTasks{{launch_of("a"), launch_of("b")}});
  const auto arrived = take().called<TaskArrived>();
  ASSERT_EQ(arrived.size(), 2u);
  EXPECT_EQ(arrived[1].task.name, "named b");
}

TEST_F(ExecutorSessionTest, fills_in_updates_and_sends_those_of_a_turn_together) {
  session_.start(now_);
  register_executor();
  take();
  session_.update(now_, status_of("a", TaskState::starting));
  session_.update(now_, status_of("a", TaskState::running));
  session_.end_turn();
  const auto sent = take().sent<ExecutorUpdates>();
  ASSERT_EQ(sent.size(), 1u);
  ASSERT_EQ(sent[0].updates.size(), 2u);
  const TaskStatus& second = sent[0].updates[1];
  EXPECT_EQ(second.update_id, (UpdateId{incarnation, 2}));
  EXPECT_EQ(second.agent_id, AgentId("A1"));
  EXPECT_EQ(second.executor_id, ExecutorId("E1"));
  EXPECT_EQ(second.source, UpdateSource::executor);
  EXPECT_EQ(second.timestamp, now_);
  session_.end_turn();
  EXPECT_EQ(take().size(), 0u);
}

TEST_F(ExecutorSessionTest, tells_a_returning_agent_what_is_not_acknowledged) {
  session_.start(now_);
  register_executor();
  session_.received(now_, LaunchTasks{{launch_of("a"), launch_of("b"), launch_of("c")}});
  take();
  const TaskStatus running = update("a", TaskState::running);
  const TaskStatus finished = update("b", TaskState::finished);
  update("c", TaskState::running);
  session_.received(now_, acknowledge(running));
  session_.received(now_, acknowledge(finished));
  session_.disconnected(now_);
  EXPECT_EQ(take().called<Disconnected>().size(), 1u);
  session_.update(now_, status_of("a", TaskState::failed));  // while the agent is away

  const auto request = ask_to_register();
  std::vector<std::string> tasks;
  for (const TaskLaunch& task : request.tasks) tasks.push_back(task.id.value);
  std::sort(tasks.begin(), tasks.end());
  EXPECT_EQ(tasks, (std::vector<std::string>{"c"})) << "of the others the agent knows";
  ASSERT_EQ(request.updates.size(), 2u);
  EXPECT_EQ(request.updates[0].task_id, TaskId("c"));
  EXPECT_EQ(request.updates[1].state, TaskState::failed);

  session_.received(now_, answer());
  session_.end_turn();
  const auto back = take();
  EXPECT_EQ(back.called<AgentReturned>().size(), 1u);
  EXPECT_TRUE(back.sent<ExecutorUpdates>().empty());  // were told already
}

TEST_F(ExecutorSessionTest, updates_wait_for_the_registration) {
  session_.start(now_);
  session_.update(now_, status_of("a", TaskState::running));
  session_.end_turn();
  EXPECT_TRUE(take().sent<ExecutorUpdates>().empty());
  EXPECT_EQ(ask_to_register().updates.size(), 1u);
  session_.update(now_, status_of("a", TaskState::finished));
  session_.end_turn();
  EXPECT_TRUE(take().sent<ExecutorUpdates>().empty());
  session_.received(now_, answer());
  session_.end_turn();
  EXPECT_EQ(take().sent<ExecutorUpdates>().at(0).updates.at(0).state, TaskState::finished);
}

TEST_F(ExecutorSessionTest, a_long_list_of_updates_is_told_in_pieces_and_loses_none) {
  session_.start(now_);
  for (int i = 0; i < 2'500; ++i) session_.update(now_, status_of("a", TaskState::running));
  std::size_t told = ask_to_register().updates.size();
  EXPECT_EQ(told, 1'000u);
  session_.received(now_, answer());
  session_.end_turn();
  for (const auto& message : take().sent<ExecutorUpdates>()) told += message.updates.size();
  EXPECT_EQ(told, 2'500u);
}

TEST_F(ExecutorSessionTest, large_updates_do_not_make_its_registration_too_large) {
  session_.start(now_);
  for (int i = 0; i < 3; ++i) {
    TaskStatus status = status_of("a", TaskState::running);
    status.data = Bytes(std::string(5u << 20, 'x'));
    session_.update(now_, status);
  }
  EXPECT_EQ(ask_to_register().updates.size(), 1u);
  session_.received(now_, answer());
  session_.end_turn();
  EXPECT_EQ(take().sent<ExecutorUpdates>().at(0).updates.size(), 2u);
}

TEST_F(ExecutorSessionTest,
       an_update_that_no_message_could_carry_loses_its_data_but_not_its_state) {
  session_.start(now_);
  TaskStatus status = status_of("a", TaskState::finished);
  status.data = Bytes(std::string(9u << 20, 'x'));
  session_.update(now_, status);
  const TaskStatus told = ask_to_register().updates.at(0);
  EXPECT_EQ(told.state, TaskState::finished);
  EXPECT_TRUE(told.data.empty());
  EXPECT_NE(told.message.find("9437184 bytes, were left out"), std::string::npos) << told.message;
}

TEST_F(ExecutorSessionTest, a_task_that_is_handed_over_twice_is_launched_once) {
  session_.start(now_);
  register_executor();
  session_.received(now_, LaunchTasks{{launch_of("a")}});
  session_.received(now_, LaunchTasks{{launch_of("a")}});
  EXPECT_EQ(take().called<TaskArrived>().size(), 1u);
}

TEST_F(ExecutorSessionTest, a_task_that_cannot_be_read_is_an_error) {
  session_.start(now_);
  register_executor();
  TaskLaunch launch = launch_of("a");
  launch.detail = Bytes("\xc1");
  session_.received(now_, LaunchTasks{{launch}});
  session_.end_turn();
  const auto outputs = take();
  EXPECT_TRUE(outputs.called<TaskArrived>().empty());
  const TaskStatus status = outputs.sent<ExecutorUpdates>().at(0).updates.at(0);
  EXPECT_EQ(status.state, TaskState::error);
  EXPECT_FALSE(status.message.empty());
}

TEST_F(ExecutorSessionTest, a_kill_carries_its_own_policy_or_the_tasks) {
  session_.start(now_);
  register_executor();
  session_.received(now_, LaunchTasks{{launch_of("a", 7s)}});
  session_.received(now_, KillExecutorTask{TaskId("a"), {}});
  session_.received(now_, KillExecutorTask{TaskId("a"), KillPolicy{1s}});
  session_.received(now_, KillExecutorTask{TaskId("unknown"), {}});
  const auto kills = take().called<TaskToKill>();
  ASSERT_EQ(kills.size(), 2u);
  EXPECT_EQ(kills[0].policy.grace_period, Duration(7s));
  EXPECT_EQ(kills[1].policy.grace_period, Duration(1s));
}

TEST_F(ExecutorSessionTest, stop_waits_for_acknowledgements) {
  session_.start(now_);
  register_executor();
  const TaskStatus finished = update("a", TaskState::finished);
  session_.stop(now_);
  EXPECT_FALSE(take().has<Ended>());
  session_.received(now_, LaunchTasks{{launch_of("late")}});
  EXPECT_TRUE(take().called<TaskArrived>().empty());
  session_.received(now_, acknowledge(finished));
  EXPECT_EQ(take().only<Ended>().status, DriverStatus::stopped);
}

TEST_F(ExecutorSessionTest, stop_waits_two_seconds_at_most) {
  session_.start(now_);
  register_executor();
  update("a", TaskState::finished);
  session_.stop(now_);
  EXPECT_EQ(session_.next_deadline(), now_ + 2s);
  session_.advance(now_ + 2s);
  EXPECT_EQ(take().only<Ended>().status, DriverStatus::stopped);
}

TEST_F(ExecutorSessionTest, another_runs_acknowledgement_does_not_count) {
  session_.start(now_);
  register_executor();
  TaskStatus finished = update("a", TaskState::finished);
  finished.update_id.incarnation = incarnation + 1;
  session_.received(now_, acknowledge(finished));
  session_.stop(now_);
  EXPECT_FALSE(take().has<Ended>());
}

TEST_F(ExecutorSessionTest, ends_itself_when_the_agent_stays_away) {
  session_.start(now_);
  register_executor();
  now_ += 5min;
  EXPECT_FALSE(session_.next_deadline());
  session_.disconnected(now_);
  session_.advance(now_ + 9s);
  EXPECT_FALSE(take().has<Ended>());
  session_.advance(now_ + 10s);
  const auto ended = take();
  EXPECT_EQ(ended.called<ExecutorShutdown>().size(), 1u);
  EXPECT_EQ(ended.only<Ended>().status, DriverStatus::aborted);
}

TEST_F(ExecutorSessionTest, an_agent_that_does_not_answer_is_called_anew) {
  session_.start(now_);
  session_.connected(now_);
  take();
  session_.advance(session_.next_deadline().value());
  EXPECT_TRUE(take().has<Connect>());
}

TEST_F(ExecutorSessionTest, a_refusal_ends_a_stranger_but_not_one_that_comes_back) {
  session_.start(now_);
  register_executor();
  session_.disconnected(now_);
  ask_to_register();
  session_.received(now_, Refused{"connected already", ""});
  EXPECT_FALSE(take().has<Ended>());

  ExecutorSession stranger(settings(), incarnation);
  stranger.start(now_);
  stranger.connected(now_);
  stranger.received(now_, Refused{"no such executor", ""});
  const Taken ended(stranger.take());
  EXPECT_EQ(ended.called<Failed>().at(0).message,
            "the agent refused the executor: no such executor");
  EXPECT_EQ(ended.only<Ended>().status, DriverStatus::aborted);
}

// It would otherwise ask thousands of times before the agent notices that its old link is gone.
TEST_F(ExecutorSessionTest, one_that_is_refused_waits_before_it_asks_again) {
  session_.start(now_);
  register_executor();
  session_.disconnected(now_);
  ask_to_register();
  session_.received(now_, Refused{"connected already", ""});
  session_.disconnected(now_);
  session_.connected(now_);
  EXPECT_FALSE(take().has<Send>());
  ASSERT_TRUE(session_.next_deadline());
  now_ = *session_.next_deadline();
  session_.advance(now_);
  EXPECT_TRUE(take().has<Connect>());
  session_.connected(now_);
  EXPECT_TRUE(take().has<Send>());
}

TEST_F(ExecutorSessionTest, asked_to_end_it_may_report_until_its_grace_period_is_over) {
  session_.start(now_);
  register_executor();
  session_.received(now_, LaunchTasks{{launch_of("a")}});
  take();
  session_.received(now_, ExecutorShutdown{4s});
  EXPECT_EQ(take().called<ExecutorShutdown>().size(), 1u);
  EXPECT_EQ(update("a", TaskState::killed).state, TaskState::killed);
  session_.advance(now_ + 4s);
  EXPECT_EQ(take().only<Ended>().status, DriverStatus::aborted);
}

}  // namespace
}  // namespace mesolite
