// An allocator that has lost its memory, or is to take another's place, is told everything once,
// and no offer and no task notices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "kernel/master/state.hpp"
#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

using master::Allocate;
using master::Allocated;
using master::AllocatorLoaded;
using master::AllocatorStarted;
using master::SeatAllocator;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// ---- with an allocator that checks what it is told ----------------------------------------------

// Two agents: one is offered to the first framework, on the other the second runs a task under an
// executor of its own. Then everything that is held is given back.
class Forgetful : public ::testing::Test {
 protected:
  void SetUp() override {
    first_agent = world.add_agent("cpus:4;mem:1024", "one");
    task_framework = world.add_framework();
    task_offer = world.take_offer(task_framework.peer);
    world.launch(task_framework, task_offer, {task_launch("t", "cpus:3;mem:512", "e")},
                 {{.id = ExecutorId("e"), .resources = resources("cpus:1;mem:64")}});
    world.say(task_framework.peer, Suppress{});
    offer_framework = world.add_framework();
    world.add_agent("cpus:2;mem:256", "two");
    offers = world.count<Offers>(offer_framework.peer);
    ASSERT_GE(offers, 1u);
  }

  // What was held goes free and is offered again: the books agree to the last.
  void expect_memory() {
    EXPECT_EQ(world.count<Offers>(offer_framework.peer), offers);
    EXPECT_EQ(world.count<RescindOffers>(offer_framework.peer), 0u);
    world.update(first_agent, task_framework, "t", TaskState::finished);
    world.say(first_agent.peer, ExecutorExited{FrameworkId(task_framework.id), ExecutorId("e"), 0});
    world.lose(offer_framework.peer);
    world.say(task_framework.peer, Revive{});
    Resources offered;
    while (world.count<Offers>(task_framework.peer) > 0) {
      for (const Offer& offer : world.take<Offers>(task_framework.peer).offers) {
        offered += offer.resources;
      }
    }
    EXPECT_EQ(offered, resources("cpus:6;mem:1280"));
  }

  World world;
  World::Party first_agent;
  World::Party task_framework;
  World::Party offer_framework;
  Offer task_offer;
  std::size_t offers = 0;
};

TEST_F(Forgetful, one_that_was_started_again_goes_on_where_the_last_one_ended) {
  world.input(AllocatorStarted{});
  EXPECT_TRUE(world.noted("allocator_rebuilt"));
  expect_memory();
}

// ---- with the test as allocator -----------------------------------------------------------------

class Memory : public ::testing::Test {
 protected:
  void SetUp() override {
    greet(agent, PeerRole::agent);
    greet(scheduler, PeerRole::scheduler);
    RegisterAgent request;
    request.agent.resources = resources("cpus:4;mem:1024");
    step(master::Received{agent, request});
    step(master::Received{scheduler, Subscribe{}});
    ASSERT_TRUE(call());
    answer({whole()});
  }

  void greet(PeerId peer, PeerRole role) {
    Hello hello;
    hello.role = role;
    hello.mechanism = "none";
    step(master::Received{peer, hello});
    AuthenticationAnswer accepted;
    accepted.state = AuthenticationState::accepted;
    step(master::Authenticated{peer, accepted});
  }
  void step(master::Input input) { machine.step(now, std::move(input), outbox); }
  void answer(std::vector<Holding> allocations) {
    step(Allocated{AllocateResponse{std::move(allocations), {}}});
  }
  void forget() { step(Allocated{failure("its process has ended"), true}); }

  // Ends the turn; the call that it makes, if it makes one.
  std::optional<Allocate> call() {
    machine.advance(now, outbox);
    std::optional<Allocate> made = find<Allocate>();
    sent = std::exchange(outbox, {});
    machine.check_invariants();
    return made;
  }
  template <class T>
  std::optional<T> find() const {
    for (const master::Output& output : outbox) {
      if (const T* found = std::get_if<T>(&output)) return *found;
    }
    return std::nullopt;
  }
  std::size_t events(std::string_view name) const {
    return static_cast<std::size_t>(std::count_if(sent.begin(), sent.end(), [&](const auto& out) {
      const Event* event = std::get_if<Event>(&out);
      return event != nullptr && event->name == name;
    }));
  }
  Holding whole() const {
    return {FrameworkHandle{1}, RoleHandle{1}, AgentHandle{1}, resources("cpus:4;mem:1024")};
  }
  void expect_everything(const Allocate& made) const {
    EXPECT_TRUE(made.rebuild);
    const AllocatorChanges& told = made.request.changes;
    EXPECT_TRUE(told.settings);
    EXPECT_THAT(told.roles, SizeIs(1));
    EXPECT_THAT(told.agents, SizeIs(1));
    EXPECT_THAT(told.frameworks, SizeIs(1));
    ASSERT_THAT(told.held, SizeIs(1));
    EXPECT_EQ(told.held[0].resources, resources("cpus:4;mem:1024"));
    EXPECT_THAT(told.released, IsEmpty());
    EXPECT_THAT(told.interests, IsEmpty());
  }

  Time now = world_start;
  master::Master machine{world_configuration(), world_start};
  master::Outbox outbox;
  master::Outbox sent;
  const PeerId agent{1};
  const PeerId scheduler{2};
};

TEST_F(Memory, one_that_was_started_again_is_told_everything_at_once) {
  EXPECT_FALSE(call());
  step(AllocatorStarted{});
  const auto made = call();
  ASSERT_TRUE(made);
  expect_everything(*made);
  answer({});
  EXPECT_FALSE(call());
  EXPECT_EQ(events("allocator_rebuilt"), 1u);
}

TEST_F(Memory, one_that_ends_in_a_call_is_told_everything_when_it_is_back) {
  step(master::Received{scheduler, Suppress{}});
  ASSERT_TRUE(call());
  forget();
  EXPECT_FALSE(call());
  EXPECT_EQ(events("allocator_failed"), 0u) << "who runs it has said so already";
  step(AllocatorStarted{});
  const auto made = call();
  ASSERT_TRUE(made);
  expect_everything(*made);
  EXPECT_THAT(made->request.changes.frameworks[0].suppressed_roles, SizeIs(1));
}

TEST_F(Memory, one_that_is_back_before_its_end_is_known_is_told_everything_at_once) {
  step(master::Received{scheduler, Suppress{}});
  ASSERT_TRUE(call());
  step(AllocatorStarted{});
  EXPECT_FALSE(call());
  forget();
  const auto made = call();
  ASSERT_TRUE(made);
  expect_everything(*made);
}

TEST_F(Memory, one_that_stays_away_is_asked_for_now_and_then) {
  step(master::Received{scheduler, Suppress{}});
  ASSERT_TRUE(call());
  forget();
  EXPECT_FALSE(call());
  EXPECT_EQ(machine.next_deadline(), now + master::allocator_pause);
  now += master::allocator_pause;
  const auto made = call();
  ASSERT_TRUE(made);
  expect_everything(*made);
}

TEST_F(Memory, changes_of_the_meantime_are_in_the_whole_and_not_told_twice) {
  step(AllocatorStarted{});
  step(master::PeerLost{scheduler});
  const auto made = call();
  ASSERT_TRUE(made);
  EXPECT_THAT(made->request.changes.frameworks, IsEmpty());
  EXPECT_THAT(made->request.changes.held, IsEmpty());
  EXPECT_THAT(made->request.changes.frameworks_removed, IsEmpty());
  answer({});
  EXPECT_FALSE(call());
}

}  // namespace
}  // namespace mesolite::testing
