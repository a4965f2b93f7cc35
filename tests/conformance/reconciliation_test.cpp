// What a master answers to who asks after tasks: reconciliation_tests.cpp of Mesos.
#include "tests/kernel/master/situation.hpp"

namespace mesolite::testing {
namespace {

class Reconciliation : public Situation {};

// The six cases of an explicit question.
TEST_F(Reconciliation, a_known_task_is_answered_with_its_latest_state) {
  start();
  EXPECT_EQ(reconciled("t1", agent.id), TaskState::running);
  EXPECT_EQ(reconciled("t1", ""), TaskState::running);
}

TEST_F(Reconciliation, nothing_is_said_while_the_agent_of_a_task_has_yet_to_come_back) {
  start();
  master_fails_over();
  framework_returns();
  EXPECT_EQ(reconciled("t1", agent.id), std::nullopt);
  EXPECT_EQ(reconciled("t1", ""), std::nullopt);  // it may be on any such agent
  agent_returns({running("t1")});
  EXPECT_EQ(reconciled("t1", ""), TaskState::running);
}

TEST_F(Reconciliation, an_unknown_task_of_a_registered_agent_is_gone) {
  start();
  EXPECT_EQ(reconciled("other", agent.id), TaskState::gone);
}

TEST_F(Reconciliation, a_task_of_an_unreachable_agent_is_unreachable) {
  start();
  world->lose(agent.peer);
  world->pass(10min);
  world->take<Updates>(framework.peer);
  EXPECT_EQ(reconciled("t1", agent.id), TaskState::unreachable);
  EXPECT_EQ(reconciled("other", agent.id), TaskState::unreachable);
}

TEST_F(Reconciliation, a_task_of_an_agent_that_was_declared_gone_is_gone_by_operator) {
  start();
  world->ask(MarkAgentGone{1, AgentId(agent.id)});
  world->take<Updates>(framework.peer);
  EXPECT_EQ(reconciled("t1", agent.id), TaskState::gone_by_operator);
  master_fails_over();
  framework_returns();
  EXPECT_EQ(reconciled("t1", agent.id), TaskState::gone_by_operator);
}

TEST_F(Reconciliation, a_task_of_an_agent_that_nobody_knows_is_unknown) {
  start();
  EXPECT_EQ(reconciled("other", "c-A99"), TaskState::unknown);
  EXPECT_EQ(reconciled("other", ""), TaskState::unknown);
}

TEST_F(Reconciliation, who_is_not_partition_aware_hears_lost_in_all_cases_but_the_first) {
  start(false);
  EXPECT_EQ(reconciled("t1", agent.id), TaskState::running);
  EXPECT_EQ(reconciled("other", agent.id), TaskState::lost);
  EXPECT_EQ(reconciled("other", "c-A99"), TaskState::lost);
  world->lose(agent.peer);
  world->pass(10min);
  world->take<Updates>(framework.peer);
  EXPECT_EQ(reconciled("t1", agent.id), TaskState::lost);
}

// TaskStateMatch: the answer is the same whatever state the question names; a question has none
// here. ImplicitNonTerminalTask, ImplicitTerminalTask
TEST_F(Reconciliation, a_question_after_all_skips_what_has_ended) {
  start();
  world->say(framework.peer, Reconcile{});
  EXPECT_EQ(world->take_update(framework.peer).state, TaskState::running);
  world->update(agent, framework, "t1", TaskState::finished);
  world->take<Updates>(framework.peer);
  world->say(framework.peer, Reconcile{});
  EXPECT_EQ(world->count<Updates>(framework.peer), 0u);
  EXPECT_EQ(reconciled("t1", agent.id), TaskState::finished);  // not acknowledged: still known
}

TEST_F(Reconciliation, a_question_after_all_tells_of_what_is_out_of_reach) {
  start();
  world->lose(agent.peer);
  world->pass(10min);
  world->take<Updates>(framework.peer);
  world->say(framework.peer, Reconcile{});
  EXPECT_EQ(world->take_update(framework.peer).state, TaskState::unreachable);
}

TEST_F(Reconciliation, a_kill_of_a_task_that_is_not_known_is_a_question_after_it) {
  start();
  world->say(framework.peer, KillTask{TaskId("other"), AgentId(agent.id), {}});
  const TaskStatus status = world->take_update(framework.peer);
  EXPECT_EQ(status.state, TaskState::gone);
  EXPECT_EQ(status.reason, UpdateReason::reconciliation);
}

// One answer for each of 10,000, in messages that the bus carries.
TEST_F(Reconciliation, a_long_question_is_answered_whole) {
  start();
  Reconcile question;
  for (int i = 0; i < 10'000; ++i) {
    question.tasks.push_back({TaskId("other" + std::to_string(i)), AgentId(agent.id)});
  }
  world->say(framework.peer, std::move(question));
  std::size_t answered = 0;
  while (world->count<Updates>(framework.peer) > 0) {
    const std::size_t together = world->take<Updates>(framework.peer).updates.size();
    EXPECT_LE(together, 512u);
    answered += together;
  }
  EXPECT_EQ(answered, 10'000u);
}

}  // namespace
}  // namespace mesolite::testing
