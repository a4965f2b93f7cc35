// Agents out of reach: partition_tests.cpp and the tables of task states of Mesos.
#include "tests/kernel/master/situation.hpp"

namespace mesolite::testing {
namespace {

class Partition : public Situation {};

// PartitionedSlave: five pings of 15 s go unanswered.
TEST_F(Partition, an_agent_that_misses_five_pings_is_unreachable) {
  start();
  world->pass(5s);
  const Offer offer = world->take_offer(framework.peer);
  world->mute(agent.peer);
  world->pass(74s);
  EXPECT_EQ(world->count<AgentLost>(framework.peer), 0u);
  world->pass(16s);
  EXPECT_EQ(world->take<RescindOffers>(framework.peer).offers, std::vector<OfferId>{offer.id});
  EXPECT_EQ(world->take_update(framework.peer).state, TaskState::unreachable);
  EXPECT_EQ(world->take<AgentLost>(framework.peer).agent_id.value, agent.id);
  EXPECT_EQ(metric("slave_unreachable_scheduled"), 1);
  EXPECT_EQ(metric("slave_unreachable_completed"), 1);
  EXPECT_EQ(metric("slaves_unreachable"), 1);
}

// A PONG before the removal cancels it.
TEST_F(Partition, an_answer_to_the_last_ping_saves_an_agent) {
  start();
  world->mute(agent.peer);
  world->pass(74s);
  world->unmute(agent.peer);
  world->say(agent.peer, Pong{});
  world->pass(10min);
  EXPECT_EQ(world->count<AgentLost>(framework.peer), 0u);
}

// PartitionedSlaveReregistrationMasterFailover
TEST_F(Partition, an_unreachable_agent_comes_back_to_the_next_master_with_its_tasks) {
  start();
  world->mute(agent.peer);
  world->pass(2min);
  master_fails_over();
  framework_returns();
  EXPECT_EQ(reconciled("t1", agent.id), TaskState::unreachable);
  agent_returns({running("t1")});
  EXPECT_EQ(world->count<ShutdownAgent>(agent.peer), 0u);
  EXPECT_EQ(reconciled("t1", agent.id), TaskState::running);
}

// PartitionedSlaveStatusUpdates: the update is dropped, and nobody is shut down.
TEST_F(Partition, what_an_unreachable_agent_says_is_not_heard_until_it_has_registered_again) {
  start();
  world->mute(agent.peer);
  world->pass(2min);
  world->take<AgentLost>(framework.peer);
  world->update(agent, framework, "t1", TaskState::finished);
  EXPECT_EQ(world->count<Updates>(framework.peer), 0u);
  EXPECT_EQ(world->count<ShutdownAgent>(agent.peer), 0u);
  agent_returns({running("t1")});
  EXPECT_EQ(world->take_update(framework.peer).state, TaskState::running);
}

// OneWayPartitionMasterToSlave: the agent hears no pings and registers again, though the master
// hears it well.
TEST_F(Partition, an_agent_that_comes_back_before_it_was_missed_keeps_everything) {
  start();
  agent_returns({running("t1")});
  EXPECT_EQ(world->take<AgentRegistered>(agent.peer).agent_id.value, agent.id);
  EXPECT_EQ(world->count<Updates>(framework.peer), 0u);
  EXPECT_EQ(world->count<AgentLost>(framework.peer), 0u);
}

// AgentRestartNoReregister: it answers pings on a new connection, but does not register.
TEST_F(Partition, an_agent_that_connects_and_never_registers_is_unreachable_after_ten_minutes) {
  start();
  world->lose(agent.peer);
  world->connect(PeerRole::agent);
  world->pass(10min - 1s);
  EXPECT_EQ(world->count<AgentLost>(framework.peer), 0u);
  world->pass(1s);
  EXPECT_EQ(world->take_update(framework.peer).state, TaskState::unreachable);
}

// ---- which word a framework hears
// ----------------------------------------------------------------

struct Word {
  const char* what;
  TaskState aware;
  void (*happens)(World& world, const World::Party& agent);
};

class Words : public Situation, public ::testing::WithParamInterface<Word> {};

TEST_P(Words, a_partition_aware_framework_hears_which_and_others_hear_lost) {
  for (const bool aware : {true, false}) {
    world.emplace();
    info = {};
    start(aware);
    GetParam().happens(*world, agent);
    const TaskStatus status = world->take_update(framework.peer);
    EXPECT_EQ(status.state, aware ? GetParam().aware : TaskState::lost) << GetParam().what;
  }
}

INSTANTIATE_TEST_SUITE_P(Endings, Words,
                         ::testing::Values(Word{"unreachable", TaskState::unreachable,
                                                [](World& world, const World::Party& agent) {
                                                  world.lose(agent.peer);
                                                  world.pass(10min);
                                                }},
                                           Word{"shut_down", TaskState::gone,
                                                [](World& world, const World::Party& agent) {
                                                  world.say(agent.peer, UnregisterAgent{});
                                                }},
                                           Word{"gone_by_operator", TaskState::gone_by_operator,
                                                [](World& world, const World::Party& agent) {
                                                  world.ask(MarkAgentGone{1, AgentId(agent.id)});
                                                }},
                                           Word{"came_back_without", TaskState::gone,
                                                [](World& world, const World::Party& agent) {
                                                  RegisterAgent request;
                                                  request.agent.id = AgentId(agent.id);
                                                  request.agent.resources =
                                                      resources("cpus:4;mem:1024");
                                                  world.say(world.connect(PeerRole::agent),
                                                            request);
                                                }}),
                         [](const auto& test) { return std::string(test.param.what); });

// Where we differ: Mesos lets a task that was LOST come back to life. Its framework may have
// started another in its place: here it is killed.
TEST_F(Partition, a_task_that_was_called_lost_does_not_come_back_to_life) {
  start(false);
  world->lose(agent.peer);
  world->pass(10min);
  EXPECT_EQ(world->take_update(framework.peer).state, TaskState::lost);
  agent_returns({running("t1")});
  EXPECT_EQ(world->take<KillAgentTask>(agent.peer).task_id, TaskId("t1"));
  EXPECT_EQ(world->count<Updates>(framework.peer), 0u);
}

}  // namespace
}  // namespace mesolite::testing
