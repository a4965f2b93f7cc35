// Defends status updates and their acknowledgements: what ends is told at least once, and resources
// go free exactly once, acknowledged or not.
#include <gtest/gtest.h>

#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

class Tasks : public ::testing::Test {
 protected:
  void start(FrameworkInfo info = {}) {
    info.failover_timeout = 1h;
    agent = world.add_agent("cpus:4;mem:1024");
    framework = world.add_framework(std::move(info));
    world.launch(framework, world.take_offer(framework.peer), {task_launch("t1", "cpus:1")});
  }

  void start_partition_aware() {
    FrameworkInfo info;
    info.capabilities = {FrameworkCapability::partition_aware};
    start(std::move(info));
  }

  UpdateId update(TaskState state, TaskState latest = TaskState::unknown) {
    return world.update(agent, framework, "t1", state, latest);
  }

  Resources used() { return world.machine().snapshot(world.now()).agents.at(0).used; }
  std::size_t tasks() { return world.machine().snapshot(world.now()).tasks.size(); }

  TaskStatus reconciled(std::string_view task, std::string_view on = "") {
    world.say(framework.peer, Reconcile{{{TaskId(task), AgentId(on)}}});
    return world.take_update(framework.peer);
  }

  World world;
  World::Party agent;
  World::Party framework;
};

TEST_F(Tasks, updates_go_to_the_framework_and_acknowledgements_to_the_agent) {
  start();
  const UpdateId id = update(TaskState::running);
  const TaskStatus status = world.take_update(framework.peer);
  EXPECT_EQ(status.state, TaskState::running);
  EXPECT_EQ(status.agent_id.value, agent.id);
  EXPECT_EQ(status.update_id, id);
  world.acknowledge(framework, agent, "t1", id);
  const auto acknowledged = world.take<AcknowledgeUpdates>(agent.peer).updates;
  ASSERT_EQ(acknowledged.size(), 1u);
  EXPECT_EQ(acknowledged[0].framework_id.value, framework.id);
  EXPECT_EQ(acknowledged[0].task_id, TaskId("t1"));
  EXPECT_EQ(acknowledged[0].update_id, id);
}

TEST_F(Tasks, a_task_is_forgotten_when_its_end_is_acknowledged) {
  start();
  const UpdateId id = update(TaskState::finished);
  EXPECT_TRUE(used().empty());
  EXPECT_EQ(tasks(), 1u);
  world.acknowledge(framework, agent, "t1", id);
  EXPECT_EQ(tasks(), 0u);
  const auto completed = world.machine().snapshot(world.now()).frameworks.at(0).completed_tasks;
  ASSERT_EQ(completed.size(), 1u);
  EXPECT_EQ(completed[0].state, TaskState::finished);
  EXPECT_EQ(completed[0].agent_id.value, agent.id);
}

TEST_F(Tasks, a_repeated_end_frees_nothing_twice_and_is_told_again) {
  start();
  AgentUpdate repeated;
  repeated.framework_id = FrameworkId(framework.id);
  repeated.status.task_id = TaskId("t1");
  repeated.status.state = TaskState::failed;
  repeated.status.update_id = {9, 9};
  world.say(agent.peer, AgentUpdates{{repeated, repeated}});
  EXPECT_EQ(world.take<Updates>(framework.peer).updates.size(), 2u);
  world.say(agent.peer, AgentUpdates{{repeated}});
  EXPECT_EQ(world.take<Updates>(framework.peer).updates.size(), 1u);
  EXPECT_TRUE(used().empty());
  EXPECT_EQ(world.machine().snapshot(world.now()).tasks.at(0).statuses.size(), 1u);
}

TEST_F(Tasks, the_newest_state_frees_resources_while_older_updates_wait) {
  start();
  const UpdateId running = update(TaskState::running, TaskState::finished);
  EXPECT_TRUE(used().empty());
  world.acknowledge(framework, agent, "t1", running);
  EXPECT_EQ(tasks(), 1u);  // its end has not been told yet
  const UpdateId finished = update(TaskState::finished);
  world.acknowledge(framework, agent, "t1", finished);
  EXPECT_EQ(tasks(), 0u);
}

TEST_F(Tasks, an_acknowledgement_of_an_older_update_does_not_end_a_task) {
  start();
  const UpdateId running = update(TaskState::running);
  update(TaskState::finished);
  world.acknowledge(framework, agent, "t1", running);
  EXPECT_EQ(tasks(), 1u);
}

TEST_F(Tasks, an_end_without_an_update_id_needs_no_acknowledgement) {
  start();
  AgentUpdate dropped;
  dropped.framework_id = FrameworkId(framework.id);
  dropped.status.task_id = TaskId("t1");
  dropped.status.state = TaskState::dropped;
  world.say(agent.peer, AgentUpdates{{dropped}});
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::lost);
  EXPECT_EQ(tasks(), 0u);
}

TEST_F(Tasks, a_terminal_state_stays) {
  start();
  update(TaskState::finished);
  update(TaskState::running);
  EXPECT_TRUE(used().empty());
  EXPECT_EQ(world.machine().snapshot(world.now()).tasks.at(0).state, TaskState::finished);
}

TEST_F(Tasks, a_disconnected_framework_hears_of_ends_later_but_resources_go_free_now) {
  start();
  world.lose(framework.peer);
  update(TaskState::finished);
  EXPECT_TRUE(used().empty());
  EXPECT_EQ(tasks(), 1u);
}

TEST_F(Tasks, updates_for_a_framework_that_ended_are_acknowledged_for_it) {
  start();
  world.say(framework.peer, Teardown{});
  world.take<ShutdownFramework>(agent.peer);
  const UpdateId id = update(TaskState::killed);
  EXPECT_EQ(world.take<AcknowledgeUpdates>(agent.peer).updates.at(0).update_id, id);
  update(TaskState::running);
  EXPECT_EQ(world.count<ShutdownFramework>(agent.peer), 1u);
}

TEST_F(Tasks, a_task_that_is_on_no_book_is_killed) {
  start();
  const UpdateId id = world.update(agent, framework, "stray", TaskState::running);
  EXPECT_EQ(world.take<AcknowledgeUpdates>(agent.peer).updates.at(0).update_id, id);
  EXPECT_EQ(world.take<KillAgentTask>(agent.peer).task_id, TaskId("stray"));
  EXPECT_EQ(world.count<Updates>(framework.peer), 0u);
}

TEST_F(Tasks, an_end_that_was_acknowledged_before_is_told_again_if_the_agent_repeats_it) {
  start();
  const UpdateId id = update(TaskState::finished);
  world.acknowledge(framework, agent, "t1", id);
  world.take<Updates>(framework.peer);
  update(TaskState::finished);
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::finished);
}

TEST_F(Tasks, updates_of_one_turn_travel_in_one_message) {
  start();
  AgentUpdate update;
  update.framework_id = FrameworkId(framework.id);
  update.status.task_id = TaskId("t1");
  update.status.state = TaskState::running;
  master::Outbox outbox;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    update.status.update_id = {7, i};
    world.machine().step(world.now(), master::Received{agent.peer, AgentUpdates{{update}}}, outbox);
  }
  world.machine().advance(world.now(), outbox);
  ASSERT_EQ(outbox.size(), 1u);
  const auto& send = std::get<master::Send>(outbox[0]);
  EXPECT_EQ(std::get<Updates>(send.message).updates.size(), 3u);
}

// ---- kill
// ----------------------------------------------------------------------------------------

TEST_F(Tasks, a_kill_goes_to_the_agent_with_its_policy) {
  start();
  world.say(framework.peer, KillTask{TaskId("t1"), {}, KillPolicy{7s}});
  const KillAgentTask kill = world.take<KillAgentTask>(agent.peer);
  EXPECT_EQ(kill.framework_id.value, framework.id);
  EXPECT_EQ(kill.policy, KillPolicy{7s});
}

TEST_F(Tasks, a_kill_of_an_unknown_task_is_answered_like_a_question) {
  start_partition_aware();
  world.say(framework.peer, KillTask{TaskId("nobody"), {}, {}});
  const TaskStatus status = world.take_update(framework.peer);
  EXPECT_EQ(status.state, TaskState::unknown);
  EXPECT_EQ(status.reason, UpdateReason::reconciliation);
}

TEST_F(Tasks, a_kill_of_a_task_that_ended_is_answered_with_its_end) {
  start();
  update(TaskState::finished);
  world.take<Updates>(framework.peer);
  world.say(framework.peer, KillTask{TaskId("t1"), {}, {}});
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::finished);
  EXPECT_EQ(world.count<KillAgentTask>(agent.peer), 0u);
}

// ---- reconcile
// -----------------------------------------------------------------------------------

TEST_F(Tasks, asked_for_everything_the_master_names_all_that_has_not_ended) {
  start();
  update(TaskState::running);
  world.take<Updates>(framework.peer);
  world.say(framework.peer, Reconcile{});
  const TaskStatus status = world.take_update(framework.peer);
  EXPECT_EQ(status.state, TaskState::running);
  EXPECT_EQ(status.reason, UpdateReason::reconciliation);
  EXPECT_EQ(status.source, UpdateSource::master);
  EXPECT_TRUE(status.update_id.empty());
  update(TaskState::finished);
  world.take<Updates>(framework.peer);
  world.say(framework.peer, Reconcile{});
  EXPECT_EQ(world.count<Updates>(framework.peer), 0u);
}

TEST_F(Tasks, asked_for_one_the_master_answers_by_what_it_knows_of_the_agent) {
  start_partition_aware();
  const auto other = world.add_agent("cpus:1", "other");
  world.lose(other.peer);
  world.pass(10min);
  EXPECT_EQ(reconciled("t1").state, TaskState::staging);
  EXPECT_EQ(reconciled("nobody", agent.id).state, TaskState::gone);
  EXPECT_EQ(reconciled("nobody", other.id).state, TaskState::unreachable);
  EXPECT_EQ(reconciled("nobody", "c-A99").state, TaskState::unknown);
  EXPECT_EQ(reconciled("nobody").state, TaskState::unknown);
}

TEST_F(Tasks, a_framework_that_is_not_partition_aware_hears_only_lost) {
  start();
  EXPECT_EQ(reconciled("nobody", agent.id).state, TaskState::lost);
  EXPECT_EQ(reconciled("nobody").state, TaskState::lost);
}

TEST_F(Tasks, after_a_start_nothing_is_said_of_what_may_yet_be_reported) {
  FrameworkInfo info;
  info.id = FrameworkId("old-F1");
  info.failover_timeout = 1h;
  const PeerId peer = world.connect(PeerRole::scheduler);
  world.say(peer, Subscribe{info});
  const Reconcile question{{{TaskId("t1"), AgentId("old-A1")}}};
  world.say(peer, question);
  EXPECT_EQ(world.count<Updates>(peer), 0u);
  world.pass(10min);
  world.say(peer, question);
  EXPECT_EQ(world.take_update(peer).state, TaskState::lost);
}

}  // namespace
}  // namespace mesolite::testing
