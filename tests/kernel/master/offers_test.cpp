// Defends offers: each is used once, and what it held is somewhere at every moment.
#include <gtest/gtest.h>

#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

class Offered : public ::testing::Test {
 protected:
  void SetUp() override {
    agent = world.add_agent("cpus:4;mem:1024;ports:[31000-31009]");
    FrameworkInfo info;
    info.failover_timeout = 1h;
    framework = world.add_framework(info);
    offer = world.take_offer(framework.peer);
  }

  void accept(std::vector<OfferId> offers, std::vector<TaskLaunch> tasks, Filters filters = {}) {
    Accept accept;
    accept.offers = std::move(offers);
    accept.operations.push_back({OperationKind::launch, std::move(tasks), {}});
    accept.filters = filters;
    world.say(framework.peer, std::move(accept));
  }

  TaskStatus only_update() { return world.take_update(framework.peer); }

  World world;
  World::Party agent;
  World::Party framework;
  Offer offer;
};

TEST_F(Offered, a_free_agent_is_offered_whole) {
  EXPECT_EQ(offer.agent_id.value, agent.id);
  EXPECT_EQ(offer.hostname, "host");
  EXPECT_EQ(offer.role, "*");
  EXPECT_EQ(offer.resources, resources("cpus:4;mem:1024;ports:[31000-31009]"));
}

TEST_F(Offered, declined_resources_come_back_when_the_filter_ends) {
  world.say(framework.peer, Decline{{offer.id}, {10s}});
  world.pass(9s);
  EXPECT_EQ(world.count<Offers>(framework.peer), 0u);
  world.pass(1s);
  EXPECT_EQ(world.take_offer(framework.peer).resources, offer.resources);
}

TEST_F(Offered, declined_without_a_filter_comes_back_at_once) {
  world.say(framework.peer, Decline{{offer.id}, {0s}});
  EXPECT_NE(world.take_offer(framework.peer).id, offer.id);
}

TEST_F(Offered, a_negative_filter_counts_as_the_default) {
  world.say(framework.peer, Decline{{offer.id}, {-1s}});
  world.pass(4s);
  EXPECT_EQ(world.count<Offers>(framework.peer), 0u);
  world.pass(1s);
  world.take_offer(framework.peer);
}

TEST(Filters, last_a_year_at_most) {
  master::Configuration configuration = world_configuration();
  configuration.agent_ping_timeout = 24h;  // or the year would be one of pings
  configuration.framework_ping_interval = 24h;
  World world(configuration);
  world.add_agent("cpus:4");
  const auto framework = world.add_framework();
  world.say(framework.peer, Decline{{world.take_offer(framework.peer).id}, {Duration::max()}});
  world.pass(364 * 24h);
  EXPECT_EQ(world.count<Offers>(framework.peer), 0u);
  world.pass(24h);
  world.take_offer(framework.peer);
}

TEST_F(Offered, reviving_clears_filters) {
  world.say(framework.peer, Decline{{offer.id}, {1h}});
  world.say(framework.peer, Revive{});
  world.take_offer(framework.peer);
}

TEST_F(Offered, what_a_task_leaves_over_is_offered_after_the_filter) {
  accept({offer.id}, {task_launch("t1", "cpus:1;ports:[31000-31001]")}, {3s});
  EXPECT_EQ(world.count<Offers>(framework.peer), 0u);
  world.pass(3s);
  EXPECT_EQ(world.take_offer(framework.peer).resources,
            resources("cpus:3;mem:1024;ports:[31002-31009]"));
}

TEST_F(Offered, an_unanswered_offer_is_taken_back_after_two_minutes) {
  world.pass(2min - 1s);
  EXPECT_EQ(world.count<RescindOffers>(framework.peer), 0u);
  world.pass(1s);
  const RescindOffers rescinded = world.take<RescindOffers>(framework.peer);
  EXPECT_EQ(rescinded.offers, std::vector<OfferId>{offer.id});
  EXPECT_EQ(rescinded.reason, "not answered within 2mins");
  // It is offered again, but others would have been asked first.
  world.pass(5s);
  world.take_offer(framework.peer);
}

TEST_F(Offered, an_offer_that_was_answered_is_not_taken_back) {
  accept({offer.id}, {task_launch("t1", "cpus:4;mem:1024;ports:[31000-31009]")});
  world.pass(3min);
  EXPECT_EQ(world.count<RescindOffers>(framework.peer), 0u);
}

TEST_F(Offered, an_offer_is_used_once) {
  accept({offer.id}, {task_launch("t1", "cpus:1")});
  accept({offer.id}, {task_launch("t2", "cpus:1")});
  const TaskStatus status = only_update();
  EXPECT_EQ(status.task_id, TaskId("t2"));
  EXPECT_EQ(status.state, TaskState::lost);
  EXPECT_EQ(status.reason, UpdateReason::invalid_offers);
  EXPECT_EQ(status.message, "offers[0]: 1 is not, or is no longer, an offer to this framework");
}

TEST_F(Offered, several_offers_of_one_agent_are_used_together) {
  accept({offer.id}, {task_launch("t1", "cpus:2;mem:512")}, {0s});
  const Offer rest = world.take_offer(framework.peer);
  world.update(agent, framework, "t1", TaskState::finished);
  const Offer freed = world.take_offer(framework.peer);
  world.take<RunTasks>(agent.peer);
  accept({rest.id, freed.id}, {task_launch("t2", "cpus:4;mem:1024")});
  EXPECT_EQ(world.take<RunTasks>(agent.peer).tasks.at(0).id, TaskId("t2"));
}

TEST_F(Offered, offers_of_two_agents_are_not_used_together_and_go_back) {
  world.add_agent("cpus:2", "other");
  const Offer other = world.take_offer(framework.peer);
  accept({offer.id, other.id}, {task_launch("t1", "cpus:1")});
  EXPECT_EQ(only_update().message, "offers[1]: is of another agent than the first");
  EXPECT_TRUE(world.machine().snapshot(world.now()).offers.empty());
  world.pass(5s);
  EXPECT_EQ(world.take<Offers>(framework.peer).offers.size(), 2u);
}

TEST_F(Offered, an_accept_without_offers_launches_nothing) {
  accept({}, {task_launch("t1", "cpus:1")});
  EXPECT_EQ(only_update().message, "offers: are none");
  EXPECT_EQ(world.machine().snapshot(world.now()).offers.size(), 1u);
}

TEST_F(Offered, somebody_elses_offer_cannot_be_used_or_declined) {
  const auto thief = world.add_framework();
  world.launch(thief, offer, {task_launch("t1", "cpus:1")});
  EXPECT_EQ(world.take_update(thief.peer).reason, UpdateReason::invalid_offers);
  world.say(thief.peer, Decline{{offer.id}, {}});
  EXPECT_EQ(world.machine().snapshot(world.now()).offers.size(), 1u);
}

TEST_F(Offered, operations_that_are_not_there_yet_are_refused_by_name) {
  Accept accept;
  accept.offers = {offer.id};
  accept.operations.push_back({OperationKind::grow_volume, {}, resources("cpus:1")});
  world.say(framework.peer, accept);
  EXPECT_NE(world.last_event("request_refused").find("'grow_volume' is not supported"),
            std::string::npos);
}

// ---- invalid tasks
// -------------------------------------------------------------------------------

struct InvalidTask {
  const char* what;
  TaskLaunch task;
  const char* message;
};

TEST_F(Offered, a_task_that_cannot_be_launched_is_answered_with_the_reason) {
  TaskLaunch elsewhere = task_launch("t1", "cpus:1");
  elsewhere.agent_id = AgentId("c-A9");
  TaskLaunch broken = task_launch("t1", "cpus:1");
  broken.resources.set_plain(Scalar::cpus, -1000);
  const std::vector<InvalidTask> cases = {
      {"no id", task_launch("", "cpus:1"), "id: is not 1 to 128 of letters, digits and . _ : -"},
      {"a path as id", task_launch("../t", "cpus:1"),
       "id: is not 1 to 128 of letters, digits and . _ : -"},
      {"a task that runs", task_launch("t0", "cpus:1"),
       "id: 't0' names a task that has not ended yet"},
      {"too much", task_launch("t1", "cpus:4"),
       "resources: takes cpus:4, but the offers have cpus:3;mem:1024;ports:[31000-31009] left"},
      {"ports that are not there", task_launch("t1", "ports:[1-2]"),
       "resources: takes ports:[1-2], but the offers have cpus:3;mem:1024;ports:[31000-31009] "
       "left"},
      {"nothing", task_launch("t1", ""), "resources: are none"},
      {"another agent", elsewhere, "agent_id: is c-A9, but the offers are of c-A1"},
      {"an unknown executor", task_launch("t1", "cpus:1", "e"),
       "executor_id: 'e' does not run there and is not one of the request's executors"},
      {"a bad executor id", task_launch("t1", "cpus:1", "e/f"),
       "executor_id: is not 1 to 128 of letters, digits and . _ : -"},
  };
  accept({offer.id}, {task_launch("t0", "cpus:1")}, {0s});
  for (const InvalidTask& invalid : cases) {
    SCOPED_TRACE(invalid.what);
    const Offer next = world.take_offer(framework.peer);
    accept({next.id}, {invalid.task}, {0s});
    const TaskStatus status = only_update();
    EXPECT_EQ(status.state, TaskState::error);
    EXPECT_EQ(status.reason, UpdateReason::task_invalid);
    EXPECT_EQ(status.message, invalid.message);
    EXPECT_TRUE(status.update_id.empty());
  }
  const Offer next = world.take_offer(framework.peer);
  accept({next.id}, {broken}, {0s});
  EXPECT_EQ(only_update().state, TaskState::error);
}

TEST_F(Offered, a_wrong_task_does_not_keep_the_others_from_running) {
  accept({offer.id},
         {task_launch("t1", "cpus:1"), task_launch("t2", "cpus:9"), task_launch("t3", "cpus:1")});
  EXPECT_EQ(only_update().task_id, TaskId("t2"));
  EXPECT_EQ(world.take<RunTasks>(agent.peer).tasks.size(), 2u);
}

TEST_F(Offered, a_group_is_launched_whole_or_not_at_all) {
  Accept accept;
  accept.offers = {offer.id};
  accept.operations.push_back({OperationKind::launch_group,
                               {task_launch("t1", "cpus:3"), task_launch("t2", "cpus:2")},
                               {}});
  accept.filters = {0s};
  world.say(framework.peer, accept);
  const Updates updates = world.take<Updates>(framework.peer);
  ASSERT_EQ(updates.updates.size(), 2u);
  EXPECT_EQ(updates.updates[0].reason, UpdateReason::task_group_failed);
  EXPECT_EQ(updates.updates[1].reason, UpdateReason::task_invalid);
  EXPECT_EQ(world.count<RunTasks>(agent.peer), 0u);

  accept.offers = {world.take_offer(framework.peer).id};
  accept.operations[0].tasks[1].resources = resources("cpus:1");
  world.say(framework.peer, accept);
  const RunTasks run = world.take<RunTasks>(agent.peer);
  EXPECT_TRUE(run.group);
  EXPECT_EQ(run.tasks.size(), 2u);
}

TEST_F(Offered, an_executor_counts_with_the_task_that_needs_it) {
  Accept accept;
  accept.offers = {offer.id};
  accept.operations.push_back({OperationKind::launch, {task_launch("t1", "cpus:4", "e")}, {}});
  accept.executors = {{ExecutorId("e"), resources("cpus:0.1"), {}}};
  world.say(framework.peer, accept);
  EXPECT_NE(only_update().message.find("takes cpus:4.1"), std::string::npos);
}

TEST_F(Offered, launches_of_one_turn_travel_in_one_message) {
  accept({offer.id}, {task_launch("t1", "cpus:1"), task_launch("t2", "cpus:1")});
  const RunTasks run = world.take<RunTasks>(agent.peer);
  EXPECT_EQ(run.tasks.size(), 2u);
  EXPECT_EQ(run.framework.id.value, framework.id);
  EXPECT_EQ(run.role, "*");
  EXPECT_EQ(run.tasks[0].agent_id.value, agent.id);
}

TEST_F(Offered, more_tasks_than_the_limit_are_refused) {
  master::Configuration configuration = world_configuration();
  configuration.tasks_per_framework_max = 1;
  World small(configuration);
  small.add_agent("cpus:4");
  const auto party = small.add_framework();
  small.launch(party, small.take_offer(party.peer),
               {task_launch("t1", "cpus:1"), task_launch("t2", "cpus:1")});
  EXPECT_EQ(small.take_update(party.peer).message,
            "the framework has 1 tasks already, which is the most it may have");
}

}  // namespace
}  // namespace mesolite::testing
