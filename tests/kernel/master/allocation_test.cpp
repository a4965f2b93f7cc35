// Defends the dialogue with the allocator: one call at a time, one per turn, and the kernel's own
// books have the last word.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

using master::Allocate;
using master::Allocated;
using master::Outbox;

// A master whose allocator is the test itself: one agent and one framework are there.
class Dialogue : public ::testing::Test {
 protected:
  void SetUp() override {
    greet(agent, PeerRole::agent);
    greet(scheduler, PeerRole::scheduler);
    RegisterAgent request;
    request.agent.resources = resources("cpus:4;mem:1024");
    step(master::Received{agent, request});
    step(master::Received{scheduler, Subscribe{}});
  }

  void greet(PeerId peer, PeerRole role) {
    Hello hello;
    hello.role = role;
    hello.mechanism = "none";
    step(master::Received{peer, hello});
    AuthenticationAnswer answer;
    answer.state = AuthenticationState::accepted;
    step(master::Authenticated{peer, answer});
  }

  void step(master::Input input) { machine.step(now, std::move(input), outbox); }

  // Ends the turn; the call that it makes, if it makes one.
  std::optional<AllocateRequest> turn() {
    machine.advance(now, outbox);
    std::optional<AllocateRequest> request;
    for (const master::Output& output : outbox) {
      if (const auto* allocate = std::get_if<Allocate>(&output)) request = allocate->request;
    }
    sent = std::move(outbox);
    outbox.clear();
    machine.check_invariants();
    return request;
  }

  void answer(std::vector<Holding> allocations, std::optional<Time> deadline = {}) {
    step(Allocated{AllocateResponse{std::move(allocations), deadline}});
  }

  std::size_t offers() const {
    std::size_t count = 0;
    for (const master::Output& output : sent) {
      const auto* send = std::get_if<master::Send>(&output);
      count += send != nullptr && std::holds_alternative<Offers>(send->message) ? 1 : 0;
    }
    return count;
  }

  bool refused(std::string_view part) const {
    return std::any_of(sent.begin(), sent.end(), [&](const master::Output& output) {
      const Event* event = std::get_if<Event>(&output);
      return event != nullptr && event->name == "allocation_refused" &&
             to_text(*event).find(part) != std::string::npos;
    });
  }

  Holding whole(std::string_view what = "cpus:4;mem:1024") const {
    return {FrameworkHandle{1}, RoleHandle{1}, AgentHandle{1}, resources(what)};
  }

  Time now = world_start;
  master::Master machine{world_configuration(), world_start};
  Outbox outbox;
  Outbox sent;
  const PeerId agent{1};
  const PeerId scheduler{2};
};

TEST_F(Dialogue, a_turn_makes_one_call_with_all_that_changed) {
  const auto request = turn();
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->changes.settings);
  EXPECT_EQ(request->changes.roles.size(), 1u);
  EXPECT_EQ(request->changes.agents.size(), 1u);
  EXPECT_EQ(request->changes.frameworks.size(), 1u);
  EXPECT_EQ(request->now, now);
}

TEST_F(Dialogue, nothing_is_asked_while_a_call_is_under_way) {
  turn();
  step(master::Received{scheduler, Suppress{}});
  EXPECT_FALSE(turn());
  answer({});
  const auto request = turn();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->changes.interests.size(), 1u);
  EXPECT_FALSE(request->changes.settings);
}

TEST_F(Dialogue, nothing_is_asked_when_nothing_changed) {
  turn();
  answer({});
  EXPECT_FALSE(turn());
}

TEST_F(Dialogue, allocations_become_offers_in_the_same_step) {
  turn();
  outbox.clear();
  answer({whole()});
  sent = outbox;
  EXPECT_EQ(offers(), 1u);
}

TEST_F(Dialogue, what_a_failed_call_was_told_is_told_again_after_a_pause) {
  turn();
  step(Allocated{failure("the module has crashed")});
  EXPECT_FALSE(turn());
  EXPECT_EQ(machine.next_deadline(), now + 1s);
  now += 1s;
  const auto request = turn();
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->changes.settings);
  EXPECT_EQ(request->changes.agents.size(), 1u);
}

TEST_F(Dialogue, the_allocator_is_called_when_it_asked_to_be) {
  turn();
  answer({}, now + 5s);
  EXPECT_FALSE(turn());
  EXPECT_EQ(machine.next_deadline(), now + 5s);
  now += 5s;
  const auto request = turn();
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->changes.empty());
}

TEST_F(Dialogue, an_allocator_that_asks_for_the_past_does_not_keep_us_busy) {
  turn();
  answer({}, now - 5s);
  EXPECT_FALSE(turn());
}

TEST_F(Dialogue, giving_away_more_than_is_free_is_refused_and_not_tried_again_at_once) {
  turn();
  answer({whole(), whole("cpus:1")});
  EXPECT_FALSE(turn());
  EXPECT_TRUE(refused("gives cpus:1 where nothing is free"));
  EXPECT_EQ(offers(), 1u);
  now += 1s;
  const auto request = turn();
  ASSERT_TRUE(request);  // it is told that it does not hold that
  ASSERT_EQ(request->changes.released.size(), 1u);
  EXPECT_EQ(request->changes.released[0].holding.resources, resources("cpus:1"));
}

TEST_F(Dialogue, nonsense_from_the_allocator_is_named_and_dropped) {
  turn();
  Holding stranger = whole("cpus:1");
  stranger.framework = FrameworkHandle{9};
  Holding roleless = whole("cpus:1");
  roleless.role = RoleHandle{9};
  Holding agentless = whole("cpus:1");
  agentless.agent = AgentHandle{9};
  answer({stranger, roleless, agentless, whole("")});
  turn();
  EXPECT_TRUE(refused("the framework is not known"));
  EXPECT_TRUE(refused("the role is none of the framework's"));
  EXPECT_TRUE(refused("nothing is given"));
  EXPECT_EQ(offers(), 0u);
}

TEST_F(Dialogue, what_changed_while_the_call_was_under_way_is_nobodys_mistake) {
  turn();
  step(master::PeerLost{agent});
  answer({whole()});
  const auto request = turn();
  EXPECT_FALSE(refused(""));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->changes.released.size(), 1u);
  EXPECT_FALSE(request->changes.agents.at(0).active);
}

TEST_F(Dialogue, a_framework_that_left_while_the_call_was_under_way_holds_nothing) {
  turn();
  step(master::PeerLost{scheduler});
  answer({whole()});
  const auto request = turn();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->changes.released.size(), 1u);
  EXPECT_EQ(request->changes.frameworks_removed.size(), 1u);
}

TEST(Interval, passes_keep_the_least_gap_between_them) {
  master::Configuration configuration = world_configuration();
  configuration.allocation_interval = 10s;
  World world(configuration);
  world.add_agent("cpus:4");
  const auto framework = world.add_framework();
  EXPECT_EQ(world.count<Offers>(framework.peer), 0u);
  world.pass(10s);
  world.take_offer(framework.peer);
}

TEST(Weights, are_told_with_their_roles) {
  master::Configuration configuration = world_configuration();
  configuration.weights = {{"eng", 2.5}};
  master::Master machine(configuration, world_start);
  Outbox outbox;
  machine.advance(world_start, outbox);
  ASSERT_EQ(outbox.size(), 1u);
  const AllocatorChanges& changes = std::get<Allocate>(outbox[0]).request.changes;
  ASSERT_EQ(changes.roles.size(), 1u);
  EXPECT_EQ(changes.roles[0].name, "eng");
  EXPECT_EQ(changes.roles[0].weight, 2.5);
}

}  // namespace
}  // namespace mesolite::testing
