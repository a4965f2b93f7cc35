// Defends the fail-over of a master: what it wrote down before it died is what its successor starts
// from, and nobody is told anything that is not written down.
#include "kernel/master/recovery.hpp"

#include <gtest/gtest.h>

#include "tests/kernel/master/situation.hpp"

namespace mesolite::testing {
namespace {

using Recovery = Situation;

TEST_F(Recovery, agents_and_frameworks_are_known_before_they_are_back) {
  start();
  master_fails_over();
  ASSERT_EQ(snapshot().agents.size(), 1u);
  EXPECT_EQ(snapshot().agents[0].condition, AgentCondition::disconnected);
  ASSERT_EQ(snapshot().frameworks.size(), 1u);
  EXPECT_EQ(snapshot().frameworks[0].info.name, "framework");
  EXPECT_FALSE(snapshot().frameworks[0].connected);
}

TEST_F(Recovery, who_comes_back_finds_tasks_as_they_were) {
  start();
  master_fails_over();
  EXPECT_EQ(world->take<AgentRegistered>(agent_returns({running_task(framework, "t1", "cpus:1")}))
                .agent_id.value,
            agent.id);
  EXPECT_TRUE(world->take<Subscribed>(framework_returns()).returning);
  world->say(framework.peer, Reconcile{});
  EXPECT_EQ(world->take_update(framework.peer).state, TaskState::running);
  EXPECT_EQ(snapshot().agents[0].used, resources("cpus:1"));
}

TEST_F(Recovery, what_tasks_say_of_themselves_comes_back_with_their_agents) {
  start();
  TaskInfo labelled;
  labelled.id = TaskId("t2");
  labelled.resources = resources("cpus:1");
  labelled.command.emplace();
  labelled.labels = {{"tier", "front"}};
  const TaskLaunch launch = pack(labelled);
  world->pass(6s);
  world->launch(framework, world->take_offer(framework.peer), {launch});
  const auto notes_of_the_newest = [&] { return snapshot().tasks.back().notes; };
  ASSERT_EQ(snapshot().tasks.size(), 2u);
  EXPECT_EQ(notes_of_the_newest(), launch.notes);
  EXPECT_EQ(snapshot().tasks.front().notes, Bytes());
  master_fails_over();
  RunningTask back = running_task(framework, "t2", "cpus:1");
  back.launch.notes = launch.notes;
  agent_returns({running("t1"), back});
  ASSERT_EQ(snapshot().tasks.size(), 2u);
  EXPECT_EQ(notes_of_the_newest(), launch.notes);
}

TEST_F(Recovery, new_agents_and_frameworks_get_ids_that_no_earlier_master_gave) {
  start();
  master_fails_over();
  EXPECT_EQ(world->add_agent("cpus:1", "other").id, "c.2-A1");
  EXPECT_EQ(world->add_framework().id, "c.2-F1");
}

TEST_F(Recovery, nothing_is_said_of_a_task_whose_agent_has_yet_to_come_back) {
  start();
  master_fails_over();
  framework_returns();
  world->say(framework.peer, Reconcile{{{TaskId("t1"), AgentId(agent.id)}, {TaskId("t1"), {}}}});
  EXPECT_EQ(world->count<Updates>(framework.peer), 0u);
  agent_returns({});
  world->say(framework.peer, Reconcile{{{TaskId("t1"), AgentId(agent.id)}}});
  EXPECT_EQ(world->take_update(framework.peer).state, TaskState::gone);
  world->say(framework.peer, Reconcile{{{TaskId("t1"), {}}}});
  EXPECT_EQ(world->take_update(framework.peer).state, TaskState::unknown);
}

TEST_F(Recovery, an_agent_that_nobody_wrote_down_is_known_not_to_be_there_at_once) {
  start();
  master_fails_over();
  framework_returns();
  world->say(framework.peer, Reconcile{{{TaskId("t1"), AgentId("c-A99")}}});
  EXPECT_EQ(world->take_update(framework.peer).state, TaskState::unknown);
}

TEST_F(Recovery, an_agent_that_does_not_come_back_is_unreachable_for_every_master_after) {
  start();
  master_fails_over();
  framework_returns();
  world->pass(10min);
  EXPECT_EQ(world->take<AgentLost>(framework.peer).agent_id.value, agent.id);
  master_fails_over();
  framework_returns();
  world->say(framework.peer, Reconcile{{{TaskId("t1"), AgentId(agent.id)}}});
  EXPECT_EQ(world->take_update(framework.peer).state, TaskState::unreachable);
  agent_returns({running_task(framework, "t1", "cpus:1")});
  world->say(framework.peer, Reconcile{});
  EXPECT_EQ(world->take_update(framework.peer).state, TaskState::running);
}

TEST_F(Recovery, a_failover_timeout_goes_on_across_masters) {
  start();
  world->lose(framework.peer);
  world->pass(50min);
  master_fails_over();
  agent_returns({running_task(framework, "t1", "cpus:1")});
  world->pass(9min);
  EXPECT_EQ(snapshot().frameworks.size(), 1u);
  world->pass(2min);
  EXPECT_EQ(world->take<ShutdownFramework>(agent.peer).framework_id.value, framework.id);
  EXPECT_TRUE(snapshot().frameworks.empty());
}

TEST_F(Recovery, a_scheduler_that_could_not_come_back_while_there_was_no_master_has_time_to) {
  start();
  world->lose(framework.peer);
  master_fails_over(2h);
  EXPECT_TRUE(world->take<Subscribed>(framework_returns()).returning);
}

TEST_F(Recovery, a_scheduler_that_was_connected_has_as_long_as_its_agents_have) {
  start(true, 0s);
  master_fails_over();
  agent_returns({running_task(framework, "t1", "cpus:1")});
  world->pass(9min);
  EXPECT_EQ(snapshot().frameworks.size(), 1u);
  world->pass(2min);
  EXPECT_EQ(world->take<ShutdownFramework>(agent.peer).framework_id.value, framework.id);
}

TEST_F(Recovery, what_ended_under_an_earlier_master_has_ended) {
  start();
  world->say(framework.peer, Teardown{});
  master_fails_over();
  EXPECT_NE(world->take<FrameworkError>(framework_returns()).message.find("has ended"),
            std::string::npos);
  agent_returns({running_task(framework, "t1", "cpus:1")});
  EXPECT_EQ(world->take<ShutdownFramework>(agent.peer).framework_id.value, framework.id);
}

TEST_F(Recovery, an_agent_that_was_shut_down_is_not_waited_for) {
  start();
  world->say(agent.peer, UnregisterAgent{});
  master_fails_over();
  EXPECT_TRUE(snapshot().agents.empty());
}

TEST_F(Recovery, an_agent_that_came_back_changed_is_written_down_anew) {
  start();
  world->lose(agent.peer);
  const auto before = world->registry();
  agent_returns({running_task(framework, "t1", "cpus:1")});
  EXPECT_EQ(world->registry(), before);
  RegisterAgent request;
  request.agent.id = AgentId(agent.id);
  request.agent.resources = resources("cpus:8;mem:1024");
  request.tasks = {running_task(framework, "t1", "cpus:1")};
  world->say(world->connect(PeerRole::agent), std::move(request));
  EXPECT_NE(world->registry(), before);
  master_fails_over();
  EXPECT_EQ(snapshot().agents[0].info.resources, resources("cpus:8;mem:1024"));
}

TEST_F(Recovery, tasks_and_offers_cost_the_registry_nothing) {
  start();
  const std::uint64_t written = world->persists();
  world->pass(6s);
  world->launch(framework, world->take_offer(framework.peer), {task_launch("t2", "cpus:1")});
  const UpdateId update = world->update(agent, framework, "t2", TaskState::finished);
  world->acknowledge(framework, agent, "t2", update);
  EXPECT_EQ(world->persists(), written);
}

TEST_F(Recovery, a_registry_of_an_older_release_knows_nothing_and_denies_nothing) {
  start();
  master::Configuration configuration = world_configuration();
  configuration.info.epoch = 2;
  world.emplace(configuration, std::nullopt, world_start + 1h);
  EXPECT_TRUE(world->take<Subscribed>(framework_returns()).returning);
  world->say(framework.peer, Reconcile{{{TaskId("t1"), AgentId(agent.id)}}});
  EXPECT_EQ(world->count<Updates>(framework.peer), 0u);
  world->take<AgentRegistered>(agent_returns({running_task(framework, "t1", "cpus:1")}));
}

TEST(Durable, a_record_that_cannot_be_read_is_named_with_its_field) {
  master::Durable durable;
  const std::string cut = encode(master::DurableFramework{}).substr(0, 3);
  const Status added = durable.add("frameworks/c-F1", cut);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message.rfind("registry: record 'frameworks/c-F1': ", 0), 0u)
      << added.error().message;
}

TEST(Durable, a_record_under_the_name_of_another_is_refused) {
  master::Durable durable;
  master::DurableAgent agent;
  agent.info.id = AgentId("c-A2");
  const Status added = durable.add("agents/c-A1", encode(agent));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message, "registry: record 'agents/c-A1': info: id: is 'c-A2'");
}

TEST(Durable, a_record_of_a_newer_release_is_passed_over) {
  master::Durable durable;
  EXPECT_TRUE(durable.add("dreams/one", "whatever"));
}

TEST(Durable, a_record_is_told_to_people_in_words) {
  master::DurableAgent agent;
  agent.info.id = AgentId("c-A1");
  agent.info.resources = resources("cpus:4");
  agent.standing = master::AgentStanding::gone;
  EXPECT_EQ(master::durable_text("agents/c-A1", encode(agent)).value(),
            "{info={id=c-A1 resources=cpus:4} standing=gone}");
}

}  // namespace
}  // namespace mesolite::testing
