// Defends what operators do to agents: a drain ends everything once and says how far it is, nothing
// of an agent out of service is offered, and who is gone stays gone.
#include <gtest/gtest.h>

#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

class AgentOperations : public ::testing::Test {
 protected:
  // One agent, one framework, and one task that runs there.
  void start(std::vector<FrameworkCapability> capabilities = {}) {
    FrameworkInfo info;
    info.capabilities = std::move(capabilities);
    info.failover_timeout = 1h;
    agent = world.add_agent("cpus:4;mem:1024");
    framework = world.add_framework(std::move(info));
    world.launch(framework, world.take_offer(framework.peer), {task_launch("t1", "cpus:1")});
    world.update(agent, framework, "t1", TaskState::running);
    world.take<Updates>(framework.peer);
    world.take<RunTasks>(agent.peer);
    world.pass(5s);  // what was left over is offered again
    offer = world.take_offer(framework.peer);
  }

  std::string ask(Message request) {
    const OperatorAnswer answer = world.ask(std::move(request));
    return answer.error.empty() ? answer.text : "refused: " + answer.error;
  }
  std::string drain(std::optional<Duration> within = {}, bool mark_gone = false) {
    return ask(DrainAgent{1, AgentId(agent.id), within, mark_gone});
  }

  void end_task(TaskState state) {
    const UpdateId update = world.update(agent, framework, "t1", state);
    world.acknowledge(framework, agent, "t1", update);
  }

  PeerId agent_returns(std::vector<std::string_view> tasks) {
    RegisterAgent request;
    request.agent.id = AgentId(agent.id);
    request.agent.hostname = "host";
    request.agent.resources = resources("cpus:4;mem:1024");
    for (const std::string_view id : tasks) {
      request.tasks.push_back(running_task(framework, id, "cpus:1"));
    }
    agent.peer = world.connect(PeerRole::agent);
    world.say(agent.peer, std::move(request));
    return agent.peer;
  }

  AgentSnapshot snapshot() {
    const ClusterSnapshot cluster = world.machine().snapshot(world.now());
    return cluster.agents.empty() ? AgentSnapshot{} : cluster.agents.front();
  }

  World world;
  World::Party agent;
  World::Party framework;
  Offer offer;
};

TEST_F(AgentOperations, a_drain_takes_offers_back_and_kills_tasks_with_the_time_that_is_left) {
  start();
  EXPECT_EQ(drain(10min), "agent c-A1 is being drained of 1 tasks");
  const RescindOffers rescinded = world.take<RescindOffers>(framework.peer);
  EXPECT_EQ(rescinded.offers, std::vector<OfferId>{offer.id});
  EXPECT_EQ(rescinded.reason, "agent c-A1 is being drained");
  const KillAgentTask kill = world.take<KillAgentTask>(agent.peer);
  EXPECT_EQ(kill.task_id, TaskId("t1"));
  ASSERT_TRUE(kill.policy);
  EXPECT_EQ(kill.policy->grace_period, 10min);
  world.pass(1min);
  EXPECT_EQ(world.count<Offers>(framework.peer), 0u);
}

TEST_F(AgentOperations, without_a_deadline_each_task_has_its_own_grace) {
  start();
  drain();
  EXPECT_FALSE(world.take<KillAgentTask>(agent.peer).policy);
}

TEST_F(AgentOperations, progress_is_seen_until_all_has_ended_and_is_acknowledged) {
  start();
  drain(10min);
  EXPECT_EQ(snapshot().condition, AgentCondition::draining);
  EXPECT_EQ(snapshot().drain->tasks_left, 1u);
  EXPECT_EQ(snapshot().drain->deadline, world.now() + 10min);
  const UpdateId update = world.update(agent, framework, "t1", TaskState::killed);
  EXPECT_EQ(world.take_update(framework.peer).reason, UpdateReason::agent_draining);
  EXPECT_EQ(snapshot().condition, AgentCondition::draining);
  world.acknowledge(framework, agent, "t1", update);
  EXPECT_EQ(snapshot().condition, AgentCondition::drained);
  EXPECT_TRUE(world.noted("agent_drained"));
  world.pass(1min);
  EXPECT_EQ(world.count<Offers>(framework.peer), 0u);
}

TEST_F(AgentOperations, an_end_that_nobody_acknowledges_is_not_waited_for_past_the_deadline) {
  start();
  drain(10min);
  world.update(agent, framework, "t1", TaskState::killed);
  world.pass(10min);
  EXPECT_EQ(snapshot().condition, AgentCondition::drained);
}

TEST_F(AgentOperations, what_still_runs_at_the_deadline_is_killed_without_grace) {
  start();
  drain(10min);
  world.take<KillAgentTask>(agent.peer);
  world.pass(10min);
  const KillAgentTask kill = world.take<KillAgentTask>(agent.peer);
  EXPECT_EQ(kill.policy.value().grace_period, 0s);
  end_task(TaskState::killed);
  EXPECT_EQ(snapshot().condition, AgentCondition::drained);
}

TEST_F(AgentOperations, an_end_after_the_deadline_is_enough_too) {
  start();
  drain(10min);
  world.pass(11min);
  EXPECT_EQ(snapshot().condition, AgentCondition::draining);
  world.update(agent, framework, "t1", TaskState::killed);
  EXPECT_EQ(snapshot().condition, AgentCondition::drained);
}

TEST_F(AgentOperations, an_executor_that_waits_for_more_is_shut_down) {
  start();
  const ExecutorLaunch executor{ExecutorId("e"), resources("cpus:0.5"), {}};
  world.launch(framework, offer, {task_launch("t2", "cpus:1", "e")}, {executor});
  drain();
  end_task(TaskState::killed);
  EXPECT_EQ(world.count<ShutdownFrameworkExecutor>(agent.peer), 0u);
  const UpdateId update = world.update(agent, framework, "t2", TaskState::killed);
  world.acknowledge(framework, agent, "t2", update);
  EXPECT_EQ(world.take<ShutdownFrameworkExecutor>(agent.peer).executor_id, ExecutorId("e"));
  EXPECT_EQ(snapshot().condition, AgentCondition::draining);
  world.say(agent.peer, ExecutorExited{FrameworkId(framework.id), ExecutorId("e"), 0, "told to"});
  EXPECT_EQ(snapshot().condition, AgentCondition::drained);
}

TEST_F(AgentOperations, an_empty_agent_is_drained_at_once) {
  agent = world.add_agent("cpus:4");
  EXPECT_EQ(drain(), "agent c-A1 is being drained of 0 tasks");
  EXPECT_EQ(snapshot().condition, AgentCondition::drained);
}

TEST_F(AgentOperations, a_drain_goes_on_when_its_agent_comes_back) {
  start();
  world.lose(agent.peer);
  drain(10min);
  world.pass(4min);
  agent_returns({"t1"});
  EXPECT_EQ(world.take<KillAgentTask>(agent.peer).policy.value().grace_period, 6min);
}

TEST_F(AgentOperations, an_unreachable_agent_is_drained_when_it_comes_back) {
  start({FrameworkCapability::partition_aware});
  world.lose(agent.peer);
  world.pass(10min);
  EXPECT_EQ(drain(), "agent c-A1 is out of reach: it is drained when it comes back");
  agent_returns({"t1"});
  EXPECT_EQ(world.take<KillAgentTask>(agent.peer).task_id, TaskId("t1"));
  EXPECT_EQ(snapshot().condition, AgentCondition::draining);
}

TEST_F(AgentOperations, a_reactivated_agent_is_offered_again) {
  start();
  drain();
  world.take<RescindOffers>(framework.peer);
  EXPECT_EQ(ask(ReactivateAgent{2, AgentId(agent.id)}), "agent c-A1 is in service again");
  EXPECT_EQ(snapshot().condition, AgentCondition::active);
  EXPECT_EQ(world.take_offer(framework.peer).resources, resources("cpus:3;mem:1024"));
}

TEST_F(AgentOperations, a_deactivated_agent_keeps_what_runs_there) {
  start();
  EXPECT_EQ(ask(DeactivateAgent{2, AgentId(agent.id)}), "agent c-A1 is offered no more");
  EXPECT_EQ(world.take<RescindOffers>(framework.peer).offers, std::vector<OfferId>{offer.id});
  EXPECT_EQ(snapshot().condition, AgentCondition::inactive);
  EXPECT_EQ(world.count<KillAgentTask>(agent.peer), 0u);
  world.pass(1min);
  EXPECT_EQ(world.count<Offers>(framework.peer), 0u);
}

TEST_F(AgentOperations, a_gone_agent_is_told_to_end_and_its_tasks_are_gone_by_operator) {
  start({FrameworkCapability::partition_aware});
  EXPECT_EQ(ask(MarkAgentGone{3, AgentId(agent.id)}), "agent c-A1 is gone and may not come back");
  EXPECT_NE(world.take<ShutdownAgent>(agent.peer).reason, "");
  EXPECT_TRUE(world.is_cut(agent.peer));
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::gone_by_operator);
  EXPECT_EQ(world.take<AgentLost>(framework.peer).agent_id.value, agent.id);
  world.say(framework.peer, Reconcile{{{TaskId("t1"), AgentId(agent.id)}}});
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::gone_by_operator);
}

TEST_F(AgentOperations, a_framework_that_knows_no_gone_hears_of_a_lost_task) {
  start();
  ask(MarkAgentGone{3, AgentId(agent.id)});
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::lost);
}

TEST_F(AgentOperations, a_gone_agent_may_not_come_back) {
  start();
  ask(MarkAgentGone{3, AgentId(agent.id)});
  agent_returns({"t1"});
  EXPECT_EQ(world.take<ShutdownAgent>(agent.peer).reason,
            "agent c-A1 was declared gone and may not come back");
  EXPECT_TRUE(world.is_cut(agent.peer));
  EXPECT_EQ(ask(DrainAgent{4, AgentId(agent.id), {}, false}),
            "refused: agent_id: 'c-A1' is gone for good");
}

TEST_F(AgentOperations, an_unreachable_agent_can_be_declared_gone) {
  start({FrameworkCapability::partition_aware});
  world.lose(agent.peer);
  world.pass(10min);
  world.take<Updates>(framework.peer);
  ask(MarkAgentGone{3, AgentId(agent.id)});
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::gone_by_operator);
}

TEST_F(AgentOperations, a_drain_may_end_in_gone) {
  start();
  drain({}, true);
  end_task(TaskState::killed);
  EXPECT_NE(world.take<ShutdownAgent>(agent.peer).reason, "");
  EXPECT_TRUE(world.machine().snapshot(world.now()).agents.empty());
}

TEST_F(AgentOperations, who_is_not_known_is_named) {
  for (Message request :
       {Message(DrainAgent{1, AgentId("c-A7"), {}, false}),
        Message(DeactivateAgent{1, AgentId("c-A7")}), Message(ReactivateAgent{1, AgentId("c-A7")}),
        Message(MarkAgentGone{1, AgentId("c-A7")})}) {
    EXPECT_EQ(ask(std::move(request)), "refused: agent_id: 'c-A7' names no agent");
  }
  EXPECT_EQ(ask(DrainAgent{}), "refused: agent_id: is empty");
}

TEST_F(AgentOperations, a_drain_cannot_have_been_over_before_it_began) {
  start();
  EXPECT_EQ(drain(-1s), "refused: within: is negative");
  EXPECT_EQ(snapshot().condition, AgentCondition::active);
}

// ---- how fast agents are given up
// ----------------------------------------------------------------

class Removals : public ::testing::Test {
 protected:
  static master::Configuration limited() {
    master::Configuration configuration = world_configuration();
    configuration.agent_removal_interval = 20min;
    return configuration;
  }
  std::size_t agents() { return world.machine().snapshot(world.now()).agents.size(); }

  World world{limited()};
};

TEST_F(Removals, agents_that_are_lost_together_are_given_up_one_after_the_other) {
  const World::Party first = world.add_agent("cpus:1", "a");
  const World::Party second = world.add_agent("cpus:1", "b");
  const World::Party third = world.add_agent("cpus:1", "c");
  for (const auto& agent : {first, second, third}) world.lose(agent.peer);
  world.pass(10min);
  EXPECT_EQ(agents(), 2u);
  EXPECT_TRUE(world.noted("agent_removal_delayed"));
  world.pass(19min);
  EXPECT_EQ(agents(), 2u);
  world.pass(1min);
  EXPECT_EQ(agents(), 1u);
  world.pass(20min);
  EXPECT_EQ(agents(), 0u);
}

TEST_F(Removals, who_comes_back_while_it_waits_has_lost_nothing) {
  const World::Party first = world.add_agent("cpus:1", "a");
  const World::Party second = world.add_agent("cpus:1", "b");
  const World::Party third = world.add_agent("cpus:1", "c");
  for (const auto& agent : {first, second, third}) world.lose(agent.peer);
  world.pass(10min);
  RegisterAgent request;
  request.agent.id = AgentId(second.id);
  request.agent.resources = resources("cpus:1");
  world.say(world.connect(PeerRole::agent), request);
  world.pass(20min);  // the turn that was the second's is the third's now
  const ClusterSnapshot cluster = world.machine().snapshot(world.now());
  ASSERT_EQ(cluster.agents.size(), 1u);
  EXPECT_EQ(cluster.agents[0].info.id.value, second.id);
  EXPECT_EQ(cluster.agents[0].condition, AgentCondition::active);
}

TEST_F(Removals, an_agent_that_misses_its_pings_waits_for_its_turn_too) {
  const World::Party first = world.add_agent("cpus:1", "a");
  const World::Party second = world.add_agent("cpus:1", "b");
  world.mute(first.peer);
  world.mute(second.peer);
  world.pass(2min);
  EXPECT_EQ(agents(), 1u);
  const auto metrics = world.machine().snapshot(world.now()).metrics;
  EXPECT_EQ(metrics.at("master/slave_unreachable_scheduled"), 2);
  EXPECT_EQ(metrics.at("master/slave_unreachable_completed"), 1);
}

}  // namespace
}  // namespace mesolite::testing
