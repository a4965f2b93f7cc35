// Defends the lives of agents: an agent keeps its id and its tasks through every kind of return,
// and what it held is free exactly once when it does not return.
#include <gtest/gtest.h>

#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

FrameworkInfo partition_aware() {
  FrameworkInfo info;
  info.capabilities = {FrameworkCapability::partition_aware};
  return info;
}

RegisterAgent again(const World::Party& agent, std::vector<RunningTask> tasks = {},
                    std::string_view total = "cpus:4;mem:1024") {
  RegisterAgent request;
  request.agent.id = AgentId(agent.id);
  request.agent.hostname = "host";
  request.agent.resources = resources(total);
  request.tasks = std::move(tasks);
  return request;
}

class Agents : public ::testing::Test {
 protected:
  // One agent, one framework, and one task that runs there.
  void start(FrameworkInfo info = {}) {
    agent = world.add_agent("cpus:4;mem:1024");
    framework = world.add_framework(std::move(info));
    world.launch(framework, world.take_offer(framework.peer),
                 {task_launch("t1", "cpus:1;mem:128")});
    world.update(agent, framework, "t1", TaskState::running);
    world.take<Updates>(framework.peer);
  }

  PeerId come_back(RegisterAgent request) {
    const PeerId peer = world.connect(PeerRole::agent);
    world.say(peer, std::move(request));
    return peer;
  }

  AgentSnapshot snapshot() {
    const ClusterSnapshot cluster = world.machine().snapshot(world.now());
    return cluster.agents.empty() ? AgentSnapshot{} : cluster.agents.front();
  }

  World world;
  World::Party agent;
  World::Party framework;
};

TEST_F(Agents, ids_count_up_in_the_name_of_the_cluster) {
  EXPECT_EQ(world.add_agent("cpus:1", "a").id, "c-A1");
  EXPECT_EQ(world.add_agent("cpus:1", "b").id, "c-A2");
}

TEST_F(Agents, the_answer_says_after_how_long_without_a_ping_to_register_anew) {
  const PeerId peer = world.connect(PeerRole::agent);
  world.say(peer, RegisterAgent{});
  EXPECT_EQ(world.take<AgentRegistered>(peer).ping_timeout, 75s);
}

TEST_F(Agents, registering_twice_on_one_connection_changes_nothing) {
  start();
  RegisterAgent request;
  request.agent.resources = resources("cpus:4;mem:1024");
  world.say(agent.peer, request);
  EXPECT_EQ(world.take<AgentRegistered>(agent.peer).agent_id.value, agent.id);
  EXPECT_EQ(snapshot().used, resources("cpus:1;mem:128"));
  EXPECT_EQ(world.count<Updates>(framework.peer), 0u);
}

TEST_F(Agents, a_new_agent_at_the_address_of_an_old_one_takes_its_place) {
  RegisterAgent request;
  request.agent.bus = "tcp://10.0.0.1:6051";
  request.agent.resources = resources("cpus:2");
  world.say(world.connect(PeerRole::agent), request);
  const PeerId second = world.connect(PeerRole::agent);
  world.say(second, request);
  EXPECT_EQ(world.take<AgentRegistered>(second).agent_id.value, "c-A2");
  EXPECT_EQ(world.machine().snapshot(world.now()).agents.size(), 1u);
}

TEST_F(Agents, a_lost_connection_rescinds_its_offers_and_nothing_more_is_offered_of_it) {
  agent = world.add_agent("cpus:4;mem:1024");
  framework = world.add_framework();
  const Offer offer = world.take_offer(framework.peer);
  world.lose(agent.peer);
  const RescindOffers rescinded = world.take<RescindOffers>(framework.peer);
  EXPECT_EQ(rescinded.offers, std::vector<OfferId>{offer.id});
  EXPECT_EQ(rescinded.reason, "agent c-A1 is disconnected");
  world.pass(1min);
  EXPECT_EQ(world.count<Offers>(framework.peer), 0u);
}

TEST_F(Agents, an_agent_back_in_time_keeps_its_id_and_its_tasks) {
  start();
  world.lose(agent.peer);
  world.pass(9min);
  const PeerId peer = come_back(again(agent, {running_task(framework, "t1", "cpus:1;mem:128")}));
  EXPECT_EQ(world.take<AgentRegistered>(peer).agent_id.value, agent.id);
  EXPECT_EQ(world.count<Updates>(framework.peer), 0u);
  EXPECT_EQ(snapshot().used, resources("cpus:1;mem:128"));
  EXPECT_EQ(snapshot().condition, AgentCondition::active);
}

TEST_F(Agents, a_return_before_the_old_connection_ended_takes_over) {
  start();
  const PeerId peer = come_back(again(agent, {running_task(framework, "t1", "cpus:1;mem:128")}));
  EXPECT_TRUE(world.is_cut(agent.peer));
  EXPECT_EQ(world.take<AgentRegistered>(peer).agent_id.value, agent.id);
  EXPECT_EQ(world.count<Updates>(framework.peer), 0u);
}

TEST_F(Agents, a_task_that_a_returning_agent_does_not_report_is_over) {
  start();
  world.lose(agent.peer);
  come_back(again(agent));
  const TaskStatus status = world.take_update(framework.peer);
  EXPECT_EQ(status.state, TaskState::lost);
  EXPECT_EQ(status.reason, UpdateReason::agent_restarted);
  EXPECT_TRUE(status.update_id.empty());
  EXPECT_TRUE(snapshot().used.empty());
}

TEST_F(Agents, an_agent_that_does_not_come_back_is_lost_with_its_tasks) {
  start();
  world.lose(agent.peer);
  world.pass(10min);
  const TaskStatus status = world.take_update(framework.peer);
  EXPECT_EQ(status.state, TaskState::lost);
  EXPECT_EQ(status.reason, UpdateReason::agent_removed);
  EXPECT_EQ(world.take<AgentLost>(framework.peer).agent_id.value, agent.id);
  EXPECT_TRUE(world.machine().snapshot(world.now()).agents.empty());
}

TEST_F(Agents, tasks_of_a_partition_aware_framework_become_unreachable_and_come_back) {
  start(partition_aware());
  world.lose(agent.peer);
  world.pass(10min);
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::unreachable);
  come_back(again(agent, {running_task(framework, "t1", "cpus:1;mem:128")}));
  const TaskStatus back = world.take_update(framework.peer);
  EXPECT_EQ(back.state, TaskState::running);
  EXPECT_EQ(back.message, "its agent is back");
  EXPECT_EQ(snapshot().used, resources("cpus:1;mem:128"));
}

TEST_F(Agents, a_task_that_ended_out_of_reach_is_told_of_by_its_updates_in_order) {
  start(partition_aware());
  world.lose(agent.peer);
  world.pass(10min);
  world.take<Updates>(framework.peer);
  const PeerId peer =
      come_back(again(agent, {running_task(framework, "t1", "cpus:1", TaskState::finished)}));
  world.say(framework.peer, Reconcile{{{TaskId("t1"), {}}}});
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::running);
  EXPECT_TRUE(snapshot().used.empty());
  world.update({peer, agent.id}, framework, "t1", TaskState::finished);
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::finished);
}

TEST_F(Agents, an_unreachable_task_that_its_agent_does_not_bring_back_is_gone) {
  start(partition_aware());
  world.lose(agent.peer);
  world.pass(10min);
  world.take<Updates>(framework.peer);
  come_back(again(agent));
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::gone);
  EXPECT_TRUE(world.machine().snapshot(world.now()).tasks.empty());
}

TEST_F(Agents, an_unreachable_task_is_gone_when_another_agent_stands_in_its_agents_place) {
  RegisterAgent request;
  request.agent.bus = "tcp://10.0.0.1:6051";
  request.agent.resources = resources("cpus:2");
  const PeerId first = world.connect(PeerRole::agent);
  world.say(first, request);
  framework = world.add_framework(partition_aware());
  world.launch(framework, world.take_offer(framework.peer), {task_launch("t1", "cpus:1")});
  world.lose(first);
  world.pass(10min);
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::unreachable);
  world.say(world.connect(PeerRole::agent), request);
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::gone);
}

TEST_F(Agents, a_task_that_was_called_lost_is_killed_when_its_agent_comes_back) {
  start();
  world.lose(agent.peer);
  world.pass(10min);
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::lost);
  const PeerId peer = come_back(again(agent, {running_task(framework, "t1", "cpus:1;mem:128")}));
  EXPECT_EQ(world.take<KillAgentTask>(peer).task_id, TaskId("t1"));
  EXPECT_EQ(snapshot().used, resources("cpus:1;mem:128"));  // until it has ended
  // Its end is acknowledged for the framework, which does not hear of it again.
  const UpdateId update = world.update({peer, agent.id}, framework, "t1", TaskState::killed);
  EXPECT_EQ(world.take<AcknowledgeUpdates>(peer).updates.front().update_id, update);
  EXPECT_EQ(world.count<Updates>(framework.peer), 0u);
  EXPECT_TRUE(snapshot().used.empty());
}

TEST_F(Agents, an_agent_that_unregisters_takes_its_tasks_along) {
  start(partition_aware());
  world.say(agent.peer, UnregisterAgent{});
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::gone);
  EXPECT_EQ(world.take<AgentLost>(framework.peer).reason, "it was shut down");
  EXPECT_TRUE(world.is_cut(agent.peer));
}

TEST_F(Agents, a_framework_that_ended_meanwhile_is_shut_down_on_return) {
  start();
  world.lose(agent.peer);
  world.say(framework.peer, Teardown{});
  const PeerId peer = come_back(again(agent, {running_task(framework, "t1", "cpus:1;mem:128")}));
  EXPECT_EQ(world.take<ShutdownFramework>(peer).framework_id.value, framework.id);
  EXPECT_TRUE(snapshot().used.empty());
}

TEST_F(Agents, a_master_that_was_started_anew_learns_tasks_and_frameworks_from_agents) {
  RegisterAgent request;
  request.agent.id = AgentId("old-A7");
  request.agent.resources = resources("cpus:4;mem:1024");
  request.tasks = {running_task({{}, "old-F3"}, "t1", "cpus:1;mem:128")};
  FrameworkInfo info;
  info.id = FrameworkId("old-F3");
  info.name = "three";
  request.frameworks = {info};
  come_back(request);
  EXPECT_EQ(snapshot().used, resources("cpus:1;mem:128"));
  const ClusterSnapshot cluster = world.machine().snapshot(world.now());
  ASSERT_EQ(cluster.frameworks.size(), 1u);
  EXPECT_EQ(cluster.frameworks[0].info.name, "three");
  EXPECT_FALSE(cluster.frameworks[0].connected);
  // Its scheduler comes back and finds it.
  const PeerId scheduler = world.connect(PeerRole::scheduler);
  world.say(scheduler, Subscribe{info});
  EXPECT_TRUE(world.take<Subscribed>(scheduler).returning);
  world.say(scheduler, Reconcile{});
  EXPECT_EQ(world.take_update(scheduler).state, TaskState::running);
}

TEST_F(Agents, a_recovered_framework_that_nobody_claims_is_torn_down) {
  RegisterAgent request;
  request.agent.id = AgentId("old-A7");
  request.agent.resources = resources("cpus:4;mem:1024");
  request.tasks = {running_task({{}, "old-F3"}, "t1", "cpus:1;mem:128")};
  const PeerId peer = come_back(request);
  world.pass(10min);
  EXPECT_EQ(world.take<ShutdownFramework>(peer).framework_id.value, "old-F3");
  EXPECT_TRUE(snapshot().used.empty());
}

TEST_F(Agents, a_kill_for_an_agent_that_is_away_waits_for_it) {
  start();
  world.lose(agent.peer);
  world.say(framework.peer, KillTask{TaskId("t1"), {}, {}});
  world.say(framework.peer, KillTask{TaskId("t1"), {}, {}});
  const PeerId peer = come_back(again(agent, {running_task(framework, "t1", "cpus:1;mem:128")}));
  EXPECT_EQ(world.take<KillAgentTask>(peer).task_id, TaskId("t1"));
  EXPECT_EQ(world.count<KillAgentTask>(peer), 0u);
}

TEST_F(Agents, a_registration_may_come_in_parts) {
  start();
  world.lose(agent.peer);
  RegisterAgent first = again(agent, {running_task(framework, "t1", "cpus:1;mem:128")});
  first.more = true;
  const PeerId peer = come_back(first);
  EXPECT_EQ(world.count<AgentRegistered>(peer), 0u);
  world.say(peer, again(agent, {running_task(framework, "t2", "cpus:1;mem:128")}));
  EXPECT_EQ(world.take<AgentRegistered>(peer).agent_id.value, agent.id);
  EXPECT_EQ(world.count<Updates>(framework.peer), 0u);
  EXPECT_EQ(snapshot().used, resources("cpus:2;mem:256"));
}

TEST_F(Agents, a_task_that_was_too_large_to_be_told_to_its_agent_is_in_error) {
  start();
  world.pass(5s);
  world.launch(framework, world.take_offer(framework.peer), {task_launch("t2", "cpus:1")});
  RunTasks second;
  second.framework.id = FrameworkId(framework.id);
  second.tasks = {task_launch("t2", "cpus:1")};
  world.input(master::NotSent{agent.peer, second, "it is too large"});
  EXPECT_TRUE(world.noted("message_not_sent"));
  const TaskStatus status = world.take_update(framework.peer);
  EXPECT_EQ(status.state, TaskState::error);
  EXPECT_EQ(status.message, "it is too large");
}

TEST_F(Agents, an_agent_cannot_run_more_than_it_has) {
  const PeerId peer =
      come_back(again({{}, "c-A1"}, {running_task({{}, "old-F1"}, "t1", "cpus:3"),
                                     running_task({{}, "old-F1"}, "t2", "cpus:2")}));
  const std::string reason = world.take<Refused>(peer).reason;
  EXPECT_EQ(reason,
            "RegisterAgent: tasks[1]: launch: resources: cpus:2 are more than the agent has left: "
            "cpus:1;mem:1024");
}

TEST_F(Agents, a_task_does_not_change_its_size_while_its_agent_is_away) {
  start();
  world.lose(agent.peer);
  const PeerId peer = come_back(again(agent, {running_task(framework, "t1", "cpus:2")}));
  EXPECT_EQ(world.take<Refused>(peer).reason,
            "RegisterAgent: tasks[0]: launch: resources: are cpus:2, but were cpus:1;mem:128");
}

TEST_F(Agents, more_agents_than_the_limit_are_refused) {
  master::Configuration configuration = world_configuration();
  configuration.agents_max = 1;
  World small(configuration);
  small.add_agent("cpus:1");
  const PeerId peer = small.connect(PeerRole::agent);
  small.say(peer, RegisterAgent{});
  EXPECT_NE(small.take<Refused>(peer).reason.find("there are 1 agents already"), std::string::npos);
}

TEST_F(Agents, executors_are_charged_once_and_their_end_frees_them) {
  agent = world.add_agent("cpus:4;mem:1024");
  framework = world.add_framework();
  const ExecutorLaunch executor{ExecutorId("e"), resources("cpus:0.5;mem:64"), {}};
  world.launch(framework, world.take_offer(framework.peer),
               {task_launch("t1", "cpus:1;mem:128", "e"), task_launch("t2", "cpus:1;mem:128", "e")},
               {executor});
  const RunTasks run = world.take<RunTasks>(agent.peer);
  EXPECT_EQ(run.tasks.size(), 2u);
  EXPECT_EQ(run.executors.size(), 1u);
  EXPECT_EQ(snapshot().used, resources("cpus:2.5;mem:320"));

  world.pass(5s);
  const Offer offer = world.take_offer(framework.peer);
  EXPECT_EQ(offer.executor_ids, std::vector<ExecutorId>{ExecutorId("e")});
  world.launch(framework, offer, {task_launch("t3", "cpus:1;mem:128", "e")}, {executor});
  // It runs already: the agent is not to start it should it have ended meanwhile.
  EXPECT_TRUE(world.take<RunTasks>(agent.peer).executors.empty());

  world.say(agent.peer, ExecutorExited{FrameworkId(framework.id), ExecutorId("e"), 9, "killed"});
  EXPECT_EQ(world.take<ExecutorLost>(framework.peer).exit_status, 9);
  EXPECT_EQ(snapshot().used, resources("cpus:3;mem:384"));
}

}  // namespace
}  // namespace mesolite::testing
