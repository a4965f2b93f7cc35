// Defends the lives of frameworks: one active scheduler instance each, ids that are never used
// twice, and an end that frees everything.
#include <gtest/gtest.h>

#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

FrameworkInfo with_id(std::string_view id, Duration failover_timeout = 1h) {
  FrameworkInfo info;
  info.id = FrameworkId(id);
  info.failover_timeout = failover_timeout;
  return info;
}

FrameworkInfo patient() {
  return with_id("");
}

class Frameworks : public ::testing::Test {
 protected:
  PeerId subscribe(FrameworkInfo info, std::string principal = "") {
    const PeerId peer = world.connect(PeerRole::scheduler, std::move(principal));
    world.say(peer, Subscribe{std::move(info)});
    return peer;
  }

  World world;
};

TEST_F(Frameworks, ids_count_up_in_the_name_of_the_cluster) {
  EXPECT_EQ(world.add_framework().id, "c-F1");
  EXPECT_EQ(world.add_framework().id, "c-F2");
}

TEST(Ids, of_a_later_epoch_are_not_those_of_an_earlier_one) {
  master::Configuration configuration = world_configuration();
  configuration.info.epoch = 2;
  World later(configuration);
  EXPECT_EQ(later.add_framework().id, "c.2-F1");
  EXPECT_EQ(later.add_agent("cpus:1").id, "c.2-A1");
}

TEST_F(Frameworks, subscribing_twice_on_one_connection_is_answered_twice_with_the_same_id) {
  const auto framework = world.add_framework();
  world.say(framework.peer, Subscribe{});
  const Subscribed again = world.take<Subscribed>(framework.peer);
  EXPECT_EQ(again.framework_id.value, framework.id);
  EXPECT_TRUE(again.returning);
  EXPECT_FALSE(world.is_cut(framework.peer));
  EXPECT_EQ(world.machine().snapshot(world.now()).frameworks.size(), 1u);
}

TEST_F(Frameworks, a_new_instance_displaces_the_older_one_which_is_told) {
  world.add_agent("cpus:4");
  const auto old = world.add_framework(patient());
  const Offer offer = world.take_offer(old.peer);
  const PeerId peer = subscribe(with_id(old.id));
  EXPECT_EQ(world.take<FrameworkError>(old.peer).message,
            "framework c-F1 has failed over to another scheduler");
  EXPECT_TRUE(world.is_cut(old.peer));
  EXPECT_TRUE(world.take<Subscribed>(peer).returning);
  // The old offers are void; what they held is offered anew.
  const Offer anew = world.take_offer(peer);
  EXPECT_NE(anew.id, offer.id);
  EXPECT_EQ(anew.resources, offer.resources);
}

TEST_F(Frameworks, what_a_displaced_instance_still_says_is_not_heard) {
  const auto agent = world.add_agent("cpus:4");
  const auto old = world.add_framework(patient());
  world.launch(old, world.take_offer(old.peer), {task_launch("t1", "cpus:1")});
  subscribe(with_id(old.id));
  world.say(old.peer, KillTask{TaskId("t1"), {}, {}});
  EXPECT_EQ(world.count<KillAgentTask>(agent.peer), 0u);
}

TEST_F(Frameworks, a_scheduler_back_within_failover_timeout_finds_its_tasks) {
  world.add_agent("cpus:4");
  const auto framework = world.add_framework(patient());
  world.launch(framework, world.take_offer(framework.peer), {task_launch("t1", "cpus:1")});
  world.lose(framework.peer);
  world.pass(59min);
  const PeerId peer = subscribe(with_id(framework.id));
  EXPECT_TRUE(world.take<Subscribed>(peer).returning);
  world.say(peer, Reconcile{});
  EXPECT_EQ(world.take_update(peer).task_id, TaskId("t1"));
  world.pass(2h);
  EXPECT_FALSE(world.noted("framework_removed"));
}

TEST_F(Frameworks, agents_hear_of_a_scheduler_that_is_back_so_that_they_repeat_what_it_missed) {
  const auto agent = world.add_agent("cpus:4");
  const auto framework = world.add_framework(patient());
  world.launch(framework, world.take_offer(framework.peer), {task_launch("t1", "cpus:1")});
  world.take<RunTasks>(agent.peer);
  const auto idle = world.add_agent("cpus:4");
  world.lose(framework.peer);
  subscribe(with_id(framework.id));
  EXPECT_EQ(world.count<RunTasks>(idle.peer), 0u);
  const RunTasks word = world.take<RunTasks>(agent.peer);
  EXPECT_EQ(word.framework.id, FrameworkId(framework.id));
  EXPECT_TRUE(word.tasks.empty());
}

TEST_F(Frameworks, failover_timeout_zero_ends_a_framework_with_its_connection) {
  const auto agent = world.add_agent("cpus:4");
  const auto framework = world.add_framework();
  world.launch(framework, world.take_offer(framework.peer), {task_launch("t1", "cpus:1")});
  world.lose(framework.peer);
  EXPECT_EQ(world.take<ShutdownFramework>(agent.peer).framework_id.value, framework.id);
  const ClusterSnapshot cluster = world.machine().snapshot(world.now());
  EXPECT_TRUE(cluster.frameworks.empty());
  ASSERT_EQ(cluster.completed_frameworks.size(), 1u);
  EXPECT_EQ(cluster.completed_frameworks[0].completed_tasks.at(0).state, TaskState::killed);
  EXPECT_TRUE(cluster.agents.at(0).used.empty());
}

TEST_F(Frameworks, the_id_of_a_framework_that_ended_is_refused_with_a_sentence) {
  const auto framework = world.add_framework(patient());
  world.lose(framework.peer);
  world.pass(1h);
  const PeerId peer = subscribe(with_id(framework.id));
  EXPECT_EQ(world.take<FrameworkError>(peer).message,
            "Subscribe: id: 'c-F1' named a framework that has ended; subscribe without an id as a "
            "new one");
  EXPECT_TRUE(world.is_cut(peer));
}

TEST_F(Frameworks, spent_ids_are_known_even_when_their_frameworks_are_forgotten) {
  master::Configuration configuration = world_configuration();
  configuration.completed_frameworks_max = 1;
  World small(configuration);
  const auto first = small.add_framework();
  const auto second = small.add_framework();
  small.say(first.peer, Teardown{});
  small.say(second.peer, Teardown{});
  const PeerId peer = small.connect(PeerRole::scheduler);
  small.say(peer, Subscribe{with_id(first.id)});
  EXPECT_NE(small.take<FrameworkError>(peer).message.find("has ended"), std::string::npos);
}

TEST_F(Frameworks, an_id_of_an_earlier_master_is_taken_up) {
  const PeerId peer = subscribe(with_id("old-F12"));
  const Subscribed subscribed = world.take<Subscribed>(peer);
  EXPECT_EQ(subscribed.framework_id.value, "old-F12");
  EXPECT_TRUE(subscribed.returning);
}

TEST_F(Frameworks, an_id_of_ours_that_we_do_not_remember_is_not_given_to_anybody_else) {
  world.take<Subscribed>(subscribe(with_id("c-F5")));
  EXPECT_EQ(world.add_framework().id, "c-F6");
}

TEST_F(Frameworks, teardown_frees_everything_and_the_connection_stays) {
  const auto agent = world.add_agent("cpus:4");
  const auto framework = world.add_framework(patient());
  world.launch(framework, world.take_offer(framework.peer), {task_launch("t1", "cpus:1")});
  world.say(framework.peer, Teardown{});
  EXPECT_EQ(world.count<ShutdownFramework>(agent.peer), 1u);
  EXPECT_TRUE(world.machine().snapshot(world.now()).agents.at(0).used.empty());
  EXPECT_FALSE(world.is_cut(framework.peer));
  world.say(framework.peer, Revive{});  // what was on its way is ignored
  world.say(framework.peer, Subscribe{});
  EXPECT_EQ(world.take<Subscribed>(framework.peer).framework_id.value, "c-F2");
}

TEST_F(Frameworks, somebody_else_cannot_take_over_a_framework) {
  const PeerId alice = subscribe(patient(), "alice");
  const std::string id = world.take<Subscribed>(alice).framework_id.value;
  const PeerId mallory = subscribe(with_id(id), "mallory");
  EXPECT_EQ(world.take<FrameworkError>(mallory).message,
            "Subscribe: principal: cannot change from 'alice' to 'mallory'");
  EXPECT_FALSE(world.is_cut(alice));
}

TEST_F(Frameworks, leaving_a_role_rescinds_its_offers) {
  world.add_agent("cpus:4");
  FrameworkInfo info = patient();
  info.roles = {"eng"};
  const auto framework = world.add_framework(info);
  const Offer offer = world.take_offer(framework.peer);
  EXPECT_EQ(offer.role, "eng");
  info.roles = {"ops"};
  world.say(framework.peer, Subscribe{info});
  EXPECT_EQ(world.take<RescindOffers>(framework.peer).reason, "the framework left the role");
  EXPECT_EQ(world.take_offer(framework.peer).role, "ops");
}

TEST_F(Frameworks, suppressed_roles_get_no_offers_until_they_are_revived) {
  FrameworkInfo info = patient();
  info.roles = {"a", "b"};
  info.suppressed_roles = {"a"};
  const auto framework = world.add_framework(info);
  world.add_agent("cpus:4", "one");
  EXPECT_EQ(world.take_offer(framework.peer).role, "b");
  world.say(framework.peer, Suppress{});
  world.add_agent("cpus:4", "two");
  EXPECT_EQ(world.count<Offers>(framework.peer), 0u);
  world.say(framework.peer, Revive{{"a"}});
  EXPECT_EQ(world.take_offer(framework.peer).role, "a");
}

TEST_F(Frameworks, the_last_word_of_a_turn_counts_for_suppression) {
  const auto framework = world.add_framework(patient());
  master::Outbox outbox;
  for (Message message : {Message(Suppress{}), Message(Revive{}), Message(Suppress{})}) {
    world.machine().step(world.now(), master::Received{framework.peer, std::move(message)}, outbox);
  }
  world.add_agent("cpus:4");
  EXPECT_EQ(world.count<Offers>(framework.peer), 0u);
}

TEST_F(Frameworks, messages_travel_both_ways_between_scheduler_and_executor) {
  const auto agent = world.add_agent("cpus:4");
  const auto framework = world.add_framework(patient());
  world.launch(framework, world.take_offer(framework.peer), {task_launch("t", "cpus:1", "e")},
               {{ExecutorId("e"), resources("cpus:1"), {}}});
  world.say(framework.peer, MessageToExecutor{AgentId(agent.id), ExecutorId("e"), Bytes("hello")});
  const ExecutorMessage down = world.take<ExecutorMessage>(agent.peer);
  EXPECT_EQ(down.framework_id.value, framework.id);
  EXPECT_EQ(down.data, Bytes("hello"));
  world.say(agent.peer, ExecutorMessage{FrameworkId(framework.id), ExecutorId("e"), Bytes("hi")});
  const MessageFromExecutor up = world.take<MessageFromExecutor>(framework.peer);
  EXPECT_EQ(up.agent_id.value, agent.id);
  EXPECT_EQ(up.data, Bytes("hi"));
}

TEST_F(Frameworks, more_frameworks_than_the_limit_are_refused) {
  master::Configuration configuration = world_configuration();
  configuration.frameworks_max = 1;
  World small(configuration);
  small.add_framework();
  const PeerId peer = small.connect(PeerRole::scheduler);
  small.say(peer, Subscribe{});
  EXPECT_NE(small.take<FrameworkError>(peer).message.find("there are 1 frameworks already"),
            std::string::npos);
}

}  // namespace
}  // namespace mesolite::testing
