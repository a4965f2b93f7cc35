// Agents that are taken out of service: master_draining_tests.cpp and master_maintenance_tests.cpp
// of Mesos. Its maintenance windows and inverse offers, which bind nobody, have no counterpart: a
// drain with a deadline does what they ask for.
#include "tests/kernel/master/situation.hpp"

namespace mesolite::testing {
namespace {

class Draining : public Situation {
 protected:
  AgentCondition condition() {
    return world->machine().snapshot(world->now()).agents.at(0).condition;
  }
  void drain(std::optional<Duration> within = {}, bool mark_gone = false) {
    EXPECT_EQ(world->ask(DrainAgent{1, AgentId(agent.id), within, mark_gone}).error, "");
  }
  void end_task() {
    const UpdateId update = world->update(agent, framework, "t1", TaskState::killed);
    world->acknowledge(framework, agent, "t1", update);
  }
};

// DrainAgent
TEST_F(Draining, an_agent_is_draining_until_its_tasks_have_ended_and_that_is_acknowledged) {
  start();
  drain(10s);
  EXPECT_EQ(world->take<KillAgentTask>(agent.peer).policy.value().grace_period, 10s);
  EXPECT_EQ(condition(), AgentCondition::draining);
  const UpdateId update = world->update(agent, framework, "t1", TaskState::killed);
  EXPECT_EQ(world->take_update(framework.peer).reason, UpdateReason::agent_draining);
  EXPECT_EQ(condition(), AgentCondition::draining);
  world->acknowledge(framework, agent, "t1", update);
  EXPECT_EQ(condition(), AgentCondition::drained);
}

// DrainAgentMarkGone
TEST_F(Draining, a_drained_agent_can_be_gone_at_once) {
  start();
  drain({}, true);
  end_task();
  EXPECT_EQ(world->count<ShutdownAgent>(agent.peer), 1u);
  EXPECT_TRUE(world->is_cut(agent.peer));
}

// DrainAgentUnreachable
TEST_F(Draining, an_unreachable_agent_drains_when_it_is_back) {
  start();
  world->lose(agent.peer);
  world->pass(10min);
  drain();
  agent_returns({running("t1")});
  EXPECT_EQ(world->take<KillAgentTask>(agent.peer).task_id, TaskId("t1"));
}

// DrainInfoAfterMasterFailover
TEST_F(Draining, a_drain_outlives_the_master_with_its_deadline) {
  start();
  drain(10min);
  world->pass(4min - 1s);
  master_fails_over();
  agent_returns({running("t1")});
  EXPECT_EQ(condition(), AgentCondition::draining);
  EXPECT_EQ(world->take<KillAgentTask>(agent.peer).policy.value().grace_period, 6min);
  framework_returns();
  end_task();
  EXPECT_EQ(condition(), AgentCondition::drained);
}

// ReactivateAgent after MarkedGone is refused; DeactivateAgent keeps tasks.
TEST_F(Draining, what_is_gone_cannot_be_put_into_service_again) {
  start();
  world->ask(MarkAgentGone{1, AgentId(agent.id)});
  EXPECT_EQ(world->ask(ReactivateAgent{2, AgentId(agent.id)}).error,
            "agent_id: 'c-A1' is gone for good");
}

// Where we differ: Mesos reactivates only what is drained, so that a drain that was begun by
// mistake has to be waited for.
TEST_F(Draining, a_drain_can_be_called_off) {
  start();
  drain();
  EXPECT_EQ(world->ask(ReactivateAgent{2, AgentId(agent.id)}).error, "");
  EXPECT_EQ(condition(), AgentCondition::active);
}

}  // namespace
}  // namespace mesolite::testing
