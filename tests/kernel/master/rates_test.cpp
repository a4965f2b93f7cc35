// How fast schedulers may speak.
#include "kernel/master/rates.hpp"

#include <gtest/gtest.h>

#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

using master::Meter;
using master::Rates;

constexpr Time start{1h};

TEST(Meters, let_a_principal_catch_up_on_a_moment_and_then_speak_at_its_rate) {
  Meter meter({.messages_per_second = 100});
  int passed = 0;
  while (meter.pass(start)) ++passed;
  EXPECT_EQ(passed, 11) << "a tenth of a second's, and one";
  EXPECT_FALSE(meter.pass(start + 9ms));
  EXPECT_TRUE(meter.pass(start + 10ms));
  EXPECT_FALSE(meter.pass(start + 19ms));
}

TEST(Meters, let_nobody_overtake_who_waits) {
  Meter meter({.messages_per_second = 1000});
  while (meter.pass(start)) continue;
  meter.wait({PeerId{1}, Message(Revive{})});
  meter.wait({PeerId{2}, Message(Revive{})});
  EXPECT_EQ(meter.next(), start + 1ms);
  EXPECT_FALSE(meter.pass(start + 1h));
  EXPECT_FALSE(meter.take(start));
  EXPECT_EQ(meter.take(start + 1ms)->peer, PeerId{1});
  meter.forget(PeerId{2});
  EXPECT_FALSE(meter.next());
  EXPECT_TRUE(meter.pass(start + 2ms));
}

TEST(Meters, are_of_a_principal_or_of_all_others_together) {
  Rates rates({.principals = {{"slow", master::RateLimit{1}}, {"free", std::nullopt}},
               .others = master::RateLimit{5}});
  EXPECT_NE(rates.of("slow"), nullptr);
  EXPECT_EQ(rates.of("free"), nullptr);
  EXPECT_EQ(rates.of(""), rates.of("anybody"));
  EXPECT_NE(rates.of(""), rates.of("slow"));
  EXPECT_EQ(&rates.at(rates.number_of(*rates.of("slow"))), rates.of("slow"));
  EXPECT_EQ(Rates({}).of("anybody"), nullptr);
}

class RatedWorld : public ::testing::Test {
 protected:
  static master::Configuration configuration() {
    master::Configuration configuration = world_configuration();
    configuration.rate_limits.others = master::RateLimit{10, 5};
    configuration.rate_limits.principals["free"] = std::nullopt;
    return configuration;
  }

  // Asks for the state of a task, which is answered.
  void ask(PeerId peer, int times) {
    for (int i = 0; i < times; ++i) {
      world.say(peer, Reconcile{{{TaskId("t" + std::to_string(i)), AgentId()}}});
    }
  }
  std::size_t answers(PeerId peer) { return world.count<Updates>(peer); }

  World world{configuration()};
};

TEST_F(RatedWorld, what_comes_too_fast_waits_and_comes_in_order) {
  const auto framework = world.add_framework();
  world.pass(1s);
  ask(framework.peer, 6);
  EXPECT_EQ(answers(framework.peer), 2u);
  world.pass(100ms);
  EXPECT_EQ(answers(framework.peer), 3u);
  world.pass(1s);
  EXPECT_EQ(answers(framework.peer), 6u);
  EXPECT_EQ(world.take_update(framework.peer).task_id, TaskId("t0"));
  EXPECT_FALSE(world.is_cut(framework.peer));
}

TEST_F(RatedWorld, who_has_too_much_waiting_is_told_and_cut_off) {
  const auto framework = world.add_framework();
  world.pass(1s);
  ask(framework.peer, 8);
  EXPECT_EQ(world.take<FrameworkError>(framework.peer).message,
            "message Reconcile dropped: capacity(5) exceeded");
  EXPECT_TRUE(world.is_cut(framework.peer));
  EXPECT_TRUE(world.noted("capacity_exceeded"));
  world.lose(framework.peer);
  world.pass(1s);
  const auto other = world.add_framework();
  world.pass(1s);
  ask(other.peer, 1);
  EXPECT_EQ(answers(other.peer), 1u) << "what it left does not wait in front of others";
}

TEST_F(RatedWorld, who_has_no_limit_is_not_kept_waiting) {
  const PeerId peer = world.connect(PeerRole::scheduler, "free");
  FrameworkInfo info;
  info.name = "f";
  world.say(peer, Subscribe{info});
  ask(peer, 100);
  EXPECT_EQ(answers(peer), 100u);
}

}  // namespace
}  // namespace mesolite::testing
