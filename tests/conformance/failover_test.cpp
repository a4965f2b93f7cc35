// Schedulers that come back: fault_tolerance_tests.cpp of Mesos.
#include "tests/kernel/master/situation.hpp"

namespace mesolite::testing {
namespace {

class FrameworkFailover : public Situation {};

TEST_F(FrameworkFailover, a_scheduler_back_in_time_finds_its_tasks_as_they_are) {
  start();
  world->lose(framework.peer);
  world->pass(59min);
  framework_returns();
  EXPECT_TRUE(world->take<Subscribed>(framework.peer).returning);
  EXPECT_EQ(reconciled("t1", ""), TaskState::running);
  EXPECT_EQ(world->count<ShutdownFramework>(agent.peer), 0u);
}

// SchedulerReregisterAfterFailoverTimeout
TEST_F(FrameworkFailover, a_scheduler_back_too_late_is_told_that_its_id_is_spent) {
  start();
  world->lose(framework.peer);
  world->pass(1h);
  EXPECT_EQ(world->take<ShutdownFramework>(agent.peer).framework_id.value, framework.id);
  framework_returns();
  EXPECT_NE(world->take<FrameworkError>(framework.peer).message.find("has ended"),
            std::string::npos);
  EXPECT_TRUE(world->is_cut(framework.peer));
}

// SchedulerReregisterAfterUnregistration
TEST_F(FrameworkFailover, a_framework_that_was_torn_down_does_not_come_back) {
  start();
  world->say(framework.peer, Teardown{});
  framework_returns();
  EXPECT_EQ(world->count<FrameworkError>(framework.peer), 1u);
}

// The default of Mesos, and ours: nothing outlives its scheduler that has not asked for it.
TEST_F(FrameworkFailover, without_a_failover_timeout_all_ends_with_the_connection) {
  start(true, 0s);
  world->lose(framework.peer);
  EXPECT_EQ(world->take<ShutdownFramework>(agent.peer).framework_id.value, framework.id);
}

// SchedulerFailover
TEST_F(FrameworkFailover, an_older_instance_is_told_and_shut_out) {
  start();
  const PeerId older = framework.peer;
  framework_returns();
  EXPECT_EQ(world->take<FrameworkError>(older).message,
            "framework c-F1 has failed over to another scheduler");
  EXPECT_TRUE(world->is_cut(older));
  EXPECT_TRUE(world->take<Subscribed>(framework.peer).returning);
}

// IgnoreKillTaskFromUnregisteredFramework
TEST_F(FrameworkFailover, a_kill_of_the_older_instance_is_not_heard) {
  start();
  const PeerId older = framework.peer;
  framework_returns();
  world->say(older, KillTask{TaskId("t1"), {}, {}});
  EXPECT_EQ(world->count<KillAgentTask>(agent.peer), 0u);
}

// SchedulerFailoverRetriedReregistration
TEST_F(FrameworkFailover, asking_twice_is_no_failover) {
  start();
  framework_returns();
  world->say(framework.peer, Subscribe{info});
  world->take<Subscribed>(framework.peer);
  world->take<Subscribed>(framework.peer);
  EXPECT_EQ(world->count<FrameworkError>(framework.peer), 0u);
  EXPECT_FALSE(world->is_cut(framework.peer));
}

// Where we differ: Mesos forgets a failover_timeout when its master dies (MESOS-4659), and what ran
// for a framework that never comes back runs for ever.
TEST_F(FrameworkFailover, a_failover_timeout_outlives_the_master) {
  start();
  world->lose(framework.peer);
  world->pass(30min);
  master_fails_over();
  agent_returns({running("t1")});
  world->pass(29min);
  EXPECT_EQ(world->count<ShutdownFramework>(agent.peer), 0u);
  world->pass(1min);
  EXPECT_EQ(world->count<ShutdownFramework>(agent.peer), 1u);
}

}  // namespace
}  // namespace mesolite::testing
