#include "tests/kernel/agent/agent_fixture.hpp"

namespace mesolite::agent {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class MasterLinkTest : public AgentFixture {
 protected:
  static MasterInfo master(std::uint64_t epoch = 1) {
    MasterInfo info;
    info.id = "M";
    info.cluster = "C";
    info.epoch = epoch;
    return info;
  }
  static AgentRegistered registered(const std::string& id = "A") {
    return {AgentId(id), master(), Duration(75s)};
  }
};

TEST_F(MasterLinkTest, greets_then_registers_at_once_the_first_time) {
  start();
  turn({MasterConnected{}});
  ASSERT_THAT(to_master<Hello>(), SizeIs(1));
  EXPECT_EQ(to_master<Hello>()[0].role, PeerRole::agent);
  EXPECT_EQ(to_master<Hello>()[0].mechanism, "none");
  from_master(Welcome{"", master()});
  ASSERT_THAT(to_master<RegisterAgent>(), SizeIs(1));
  EXPECT_TRUE(to_master<RegisterAgent>()[0].agent.id.empty());
  EXPECT_FALSE(agent->snapshot(now).registered);
  from_master(registered());
  EXPECT_TRUE(agent->snapshot(now).registered);
  EXPECT_EQ(agent->snapshot(now).info.id, AgentId("A"));
}

TEST_F(MasterLinkTest, registers_again_with_growing_pauses_until_it_is_answered) {
  start();
  turn({MasterConnected{}, ReceivedFromMaster{Welcome{"", master()}}});
  std::vector<double> pauses;
  for (int attempt = 0; attempt < 10; ++attempt) {
    const Time before = now;
    pass(*agent->next_deadline() - now);
    ASSERT_THAT(to_master<RegisterAgent>(), SizeIs(1));
    pauses.push_back(to_seconds(now - before));
  }
  EXPECT_GE(pauses[0], 0.5);
  EXPECT_LE(pauses[0], 1.0);
  EXPECT_GE(pauses[3], 4.0);
  EXPECT_LE(pauses[3], 8.0);
  EXPECT_LE(pauses[9], 60.0) << "at most a minute";
}

TEST_F(MasterLinkTest, comes_back_with_its_id_after_a_random_pause) {
  start_registered();
  turn({MasterDisconnected{}});
  EXPECT_FALSE(agent->snapshot(now).registered);
  turn({MasterConnected{}, ReceivedFromMaster{Welcome{"", master()}}});
  EXPECT_THAT(to_master<RegisterAgent>(), IsEmpty());
  pass(1s);
  ASSERT_FALSE(to_master<RegisterAgent>().empty());
  EXPECT_EQ(to_master<RegisterAgent>()[0].agent.id, AgentId("A"));
}

TEST_F(MasterLinkTest, tells_all_that_it_has_when_it_comes_back) {
  start_registered();
  launch_running(command_task("runs"));
  const Launch ended = launch_running(command_task("ended"));
  turn({Exited{ended.context.id, 0, {}}});
  start_executor("queued", "E");
  turn({MasterDisconnected{}});
  turn({MasterConnected{}, ReceivedFromMaster{Welcome{"", master()}}});
  pass(1s);
  ASSERT_FALSE(to_master<RegisterAgent>().empty());
  const RegisterAgent request = to_master<RegisterAgent>()[0];
  ASSERT_THAT(request.tasks, SizeIs(3));
  EXPECT_EQ(request.tasks[0].launch.id, TaskId("runs"));
  EXPECT_EQ(request.tasks[0].state, TaskState::running);
  EXPECT_EQ(request.tasks[0].role, "role");
  EXPECT_TRUE(request.tasks[0].launch.detail.empty());
  EXPECT_EQ(request.tasks[1].state, TaskState::finished);
  EXPECT_EQ(request.tasks[2].state, TaskState::staging);
  EXPECT_TRUE(request.tasks[2].launch.detail.empty());
  ASSERT_THAT(request.executors, SizeIs(1));
  EXPECT_EQ(request.executors[0].launch.id, ExecutorId("E"));
  ASSERT_THAT(request.frameworks, SizeIs(1));
  EXPECT_EQ(request.frameworks[0].id, framework_id);
}

TEST_F(MasterLinkTest, answers_pings_and_gives_a_silent_master_up) {
  start_registered();
  pass(70s);
  from_master(Ping{7});
  ASSERT_THAT(to_master<Pong>(), SizeIs(1));
  EXPECT_EQ(to_master<Pong>()[0].sequence, 7u);
  pass(74s);
  EXPECT_THAT(outputs<ReconnectMaster>(), IsEmpty());
  pass(1s);
  EXPECT_THAT(outputs<ReconnectMaster>(), SizeIs(1));
  EXPECT_FALSE(agent->snapshot(now).registered);
}

TEST_F(MasterLinkTest, gives_a_master_up_that_does_not_greet_back) {
  start();
  turn({MasterConnected{}});
  pass(15s);
  EXPECT_THAT(outputs<ReconnectMaster>(), SizeIs(1));
}

TEST_F(MasterLinkTest, waits_after_a_refusal_even_if_the_connection_comes_back_at_once) {
  start();
  turn({MasterConnected{}});
  from_master(Refused{"no", ""});
  EXPECT_TRUE(said("master_refused"));
  turn({MasterDisconnected{}, MasterConnected{}});
  EXPECT_THAT(to_master<Hello>(), IsEmpty());
  pass(1s);
  EXPECT_THAT(outputs<ReconnectMaster>(), SizeIs(1));
  turn({MasterConnected{}});
  EXPECT_THAT(to_master<Hello>(), SizeIs(1));
}

TEST_F(MasterLinkTest, does_not_follow_a_master_of_an_older_epoch) {
  start_registered();
  turn({MasterDisconnected{}, MasterConnected{}, ReceivedFromMaster{Welcome{"", master(0)}}});
  EXPECT_TRUE(said("master_stale"));
  EXPECT_THAT(to_master<RegisterAgent>(), IsEmpty());
}

TEST_F(MasterLinkTest, does_not_follow_a_master_of_another_cluster) {
  start_registered();
  MasterInfo other = master(9);
  other.cluster = "D";
  turn({MasterDisconnected{}, MasterConnected{}, ReceivedFromMaster{Welcome{"", other}}});
  EXPECT_TRUE(said("master_foreign"));
  pass(1s);
  EXPECT_THAT(to_master<RegisterAgent>(), IsEmpty());
}

TEST_F(MasterLinkTest, an_agent_that_never_registered_belongs_to_whom_it_finds) {
  start();
  MasterInfo other = master(0);
  other.cluster = "D";
  turn({MasterConnected{}, ReceivedFromMaster{Welcome{"", other}}});
  EXPECT_FALSE(to_master<RegisterAgent>().empty());
}

TEST_F(MasterLinkTest, proves_who_it_is_with_its_mechanism) {
  configuration.mechanism = "shared-secret";
  configuration.principal = "agents";
  start();
  turn({MasterConnected{}});
  ASSERT_THAT(outputs<Authenticate>(), SizeIs(1));
  EXPECT_TRUE(outputs<Authenticate>()[0].start);
  EXPECT_THAT(to_master<Hello>(), IsEmpty());
  AuthenticationAnswer answer;
  answer.state = AuthenticationState::proceed;
  answer.data = Bytes("first");
  turn({Authenticated{answer}});
  ASSERT_THAT(to_master<Hello>(), SizeIs(1));
  EXPECT_EQ(to_master<Hello>()[0].principal, "agents");
  EXPECT_EQ(to_master<Hello>()[0].data, Bytes("first"));
  from_master(Challenge{Bytes("riddle")});
  ASSERT_THAT(outputs<Authenticate>(), SizeIs(1));
  EXPECT_EQ(outputs<Authenticate>()[0].challenge, Bytes("riddle"));
  answer.data = Bytes("second");
  turn({Authenticated{answer}});
  ASSERT_THAT(to_master<ChallengeResponse>(), SizeIs(1));
  EXPECT_EQ(to_master<ChallengeResponse>()[0].data, Bytes("second"));
}

TEST_F(MasterLinkTest, does_not_follow_a_master_that_has_not_proved_who_it_is) {
  configuration.mechanism = "shared-secret";
  start();
  AuthenticationAnswer answer;
  answer.state = AuthenticationState::proceed;
  turn({MasterConnected{}, Authenticated{answer}, ReceivedFromMaster{Welcome{"", master()}}});
  EXPECT_TRUE(said("master_unproved"));
  EXPECT_THAT(to_master<RegisterAgent>(), IsEmpty());
}

TEST_F(MasterLinkTest, follows_a_master_that_has_proved_who_it_is) {
  configuration.mechanism = "shared-secret";
  start();
  AuthenticationAnswer answer;
  answer.state = AuthenticationState::accepted;
  turn({MasterConnected{}, Authenticated{answer}, ReceivedFromMaster{Welcome{"", master()}}});
  EXPECT_THAT(to_master<RegisterAgent>(), SizeIs(1));
}

TEST_F(MasterLinkTest, tries_again_later_when_its_mechanism_fails) {
  configuration.mechanism = "shared-secret";
  start();
  turn({MasterConnected{}, Authenticated{failure("no secret")}});
  EXPECT_TRUE(said("authentication_failed"));
  EXPECT_THAT(to_master<Hello>(), IsEmpty());
  pass(1s);
  EXPECT_THAT(outputs<ReconnectMaster>(), SizeIs(1));
}

TEST_F(MasterLinkTest, obeys_nobody_before_it_is_registered) {
  start();
  turn({MasterConnected{}, ReceivedFromMaster{Welcome{"", master()}},
        ReceivedFromMaster{run({command_task("T")})}});
  EXPECT_THAT(outputs<Launch>(), IsEmpty());
}

TEST_F(MasterLinkTest, equal_seeds_give_equal_pauses) {
  const auto first_pause = [&](std::uint64_t seed) {
    configuration.seed = seed;
    start();
    turn({MasterConnected{}, ReceivedFromMaster{Welcome{"", master()}}});
    return *agent->next_deadline() - now;
  };
  EXPECT_EQ(first_pause(1), first_pause(1));
  EXPECT_NE(first_pause(1), first_pause(2));
}

}  // namespace
}  // namespace mesolite::agent
