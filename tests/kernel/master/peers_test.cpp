// Defends the door: nobody is heard before he is welcome, and whoever misbehaves is told why.
#include <gtest/gtest.h>

#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

using master::Authenticated;
using master::Master;
using master::Outbox;
using master::Received;

// A master whose authenticator is the test itself.
class Door : public ::testing::Test {
 protected:
  Outbox hello(PeerRole role, std::string mechanism = "none") {
    Hello hello;
    hello.role = role;
    hello.mechanism = std::move(mechanism);
    hello.principal = "alice";
    hello.data = Bytes("token");
    return step(Received{peer, hello});
  }

  Outbox step(master::Input input) {
    Outbox outbox;
    machine.step(now, std::move(input), outbox);
    machine.advance(now, outbox);
    return outbox;
  }

  Outbox answer(AuthenticationState state) {
    AuthenticationAnswer answer;
    answer.state = state;
    answer.principal = "alice";
    answer.data = Bytes("challenge");
    answer.reason = "the secret is wrong";
    return step(Authenticated{peer, answer});
  }

  template <class T>
  static const T* sent(const Outbox& outbox) {
    for (const master::Output& output : outbox) {
      const auto* send = std::get_if<master::Send>(&output);
      if (send == nullptr) continue;
      if (const T* found = std::get_if<T>(&send->message)) return found;
    }
    return nullptr;
  }

  template <class T>
  static const T* output(const Outbox& outbox) {
    for (const master::Output& output : outbox) {
      if (const T* found = std::get_if<T>(&output)) return found;
    }
    return nullptr;
  }

  static void expect_refused(const Outbox& outbox, std::string_view part) {
    const Refused* refused = sent<Refused>(outbox);
    ASSERT_NE(refused, nullptr);
    EXPECT_NE(refused->reason.find(part), std::string::npos) << refused->reason;
    EXPECT_NE(output<master::Disconnect>(outbox), nullptr);
  }

  Time now = world_start;
  Master machine{world_configuration(), world_start};
  const PeerId peer{1};
};

TEST_F(Door, hello_is_shown_to_the_authenticator_and_welcome_follows_its_yes) {
  const Outbox asked = hello(PeerRole::agent);
  const auto* authenticate = output<master::Authenticate>(asked);
  ASSERT_NE(authenticate, nullptr);
  EXPECT_EQ(authenticate->mechanism, "none");
  EXPECT_EQ(authenticate->token.session, peer.value);
  EXPECT_EQ(authenticate->token.principal, "alice");
  EXPECT_EQ(authenticate->token.data, Bytes("token"));

  const Outbox answered = answer(AuthenticationState::accepted);
  const Welcome* welcome = sent<Welcome>(answered);
  ASSERT_NE(welcome, nullptr);
  EXPECT_EQ(welcome->principal, "alice");
  EXPECT_EQ(welcome->master.cluster, "c");
}

TEST_F(Door, a_challenge_goes_back_and_forth_until_the_authenticator_is_content) {
  hello(PeerRole::scheduler);
  const Outbox challenged = answer(AuthenticationState::proceed);
  ASSERT_NE(sent<Challenge>(challenged), nullptr);
  EXPECT_EQ(sent<Challenge>(challenged)->data, Bytes("challenge"));
  const Outbox asked = step(Received{peer, ChallengeResponse{Bytes("response")}});
  ASSERT_NE(output<master::Authenticate>(asked), nullptr);
  EXPECT_EQ(output<master::Authenticate>(asked)->token.data, Bytes("response"));
  EXPECT_NE(sent<Welcome>(answer(AuthenticationState::accepted)), nullptr);
}

TEST_F(Door, a_refused_peer_is_cut_off_and_not_told_what_was_wrong_with_its_secret) {
  hello(PeerRole::agent);
  const Outbox outbox = answer(AuthenticationState::refused);
  expect_refused(outbox, "authentication of 'alice' was refused");
  EXPECT_EQ(sent<Refused>(outbox)->reason.find("secret"), std::string::npos);
  // Nothing more is heard of it.
  EXPECT_TRUE(step(Received{peer, RegisterAgent{}}).empty());
}

TEST_F(Door, a_failing_authenticator_lets_nobody_in) {
  hello(PeerRole::agent);
  const Outbox outbox = step(Authenticated{peer, failure("the file is gone")});
  expect_refused(outbox, "the authenticator 'none' failed");
}

TEST_F(Door, an_unknown_mechanism_is_named_together_with_the_known_ones) {
  expect_refused(hello(PeerRole::agent, "kerberos"),
                 "'kerberos' is not in use here; choose from "
                 "none");
}

TEST_F(Door, executors_and_unknown_roles_have_no_business_with_a_master) {
  expect_refused(hello(PeerRole::executor), "role: ");
}

TEST_F(Door, the_first_message_is_hello) {
  expect_refused(step(Received{peer, RegisterAgent{}}), "RegisterAgent: the first message");
}

TEST_F(Door, hello_is_said_once) {
  hello(PeerRole::agent);
  expect_refused(hello(PeerRole::agent), "Hello: was said before");
}

TEST_F(Door, a_response_without_a_challenge_is_refused) {
  hello(PeerRole::agent);
  expect_refused(step(Received{peer, ChallengeResponse{}}), "there was no challenge");
}

TEST_F(Door, who_takes_too_long_to_greet_is_shown_out) {
  hello(PeerRole::agent);
  now += 14s;
  Outbox outbox;
  machine.advance(now, outbox);
  EXPECT_TRUE(outbox.empty());
  now += 1s;
  machine.advance(now, outbox);
  expect_refused(outbox, "it took more than 15secs");
}

TEST(Peers, more_connections_than_the_limit_are_refused) {
  master::Configuration configuration = world_configuration();
  configuration.peers_max = 2;
  World world(configuration);
  world.connect(PeerRole::agent);
  world.connect(PeerRole::scheduler);
  const PeerId third{77};
  world.say(third, Hello{});
  EXPECT_NE(world.take<Refused>(third).reason.find("there are 2 connections"), std::string::npos);
  EXPECT_TRUE(world.is_cut(third));
}

TEST(Peers, an_agent_that_misses_five_pings_is_lost) {
  World world;
  const auto agent = world.add_agent("cpus:4");
  world.mute(agent.peer);
  world.pass(5 * 15s);
  EXPECT_FALSE(world.is_cut(agent.peer));
  world.pass(15s);
  EXPECT_TRUE(world.is_cut(agent.peer));
  EXPECT_NE(world.last_event("agent_lost").find("missed 5 pings"), std::string::npos);
}

TEST(Peers, anything_an_agent_says_counts_as_an_answer_to_a_ping) {
  World world;
  const auto agent = world.add_agent("cpus:4");
  world.mute(agent.peer);
  for (int i = 0; i < 20; ++i) {
    world.pass(15s);
    world.say(agent.peer, AgentUpdates{});
  }
  EXPECT_FALSE(world.is_cut(agent.peer));
}

TEST(Peers, a_scheduler_that_misses_five_pings_is_disconnected) {
  World world;
  FrameworkInfo info;
  info.failover_timeout = 1h;
  const auto framework = world.add_framework(info);
  world.mute(framework.peer);
  world.pass(6 * 15s);
  EXPECT_TRUE(world.is_cut(framework.peer));
  EXPECT_TRUE(world.noted("framework_disconnected"));
}

TEST(Peers, what_follows_a_disconnect_is_not_heard) {
  World world;
  const auto agent = world.add_agent("cpus:4");
  world.say(agent.peer, Subscribe{});
  EXPECT_NE(world.take<Refused>(agent.peer).reason.find("Subscribe: is not what a agent"),
            std::string::npos);
  EXPECT_TRUE(world.is_cut(agent.peer));
  EXPECT_TRUE(world.noted("agent_disconnected"));
}

}  // namespace
}  // namespace mesolite::testing
