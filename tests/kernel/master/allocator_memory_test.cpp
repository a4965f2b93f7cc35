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
using master::LoadAllocator;
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
                 {{.id = ExecutorId("e"), .resources = resources("cpus:1;mem:64"), .detail = {}}});
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
    world.say(first_agent.peer,
              ExecutorExited{FrameworkId(task_framework.id), ExecutorId("e"), 0, ""});
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

TEST_F(Forgetful, one_that_takes_anothers_place_goes_on_where_that_one_ended) {
  const OperatorAnswer answer = world.ask(ReloadModule{1, "allocator", "simple"});
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.text,
            "the allocator is now allocator 'simple', and knows of 2 agents and 2 frameworks");
  expect_memory();
}

TEST_F(Forgetful, only_allocators_are_replaced_in_a_master) {
  EXPECT_EQ(world.ask(ReloadModule{1, "isolator", ""}).error,
            "kind: a master replaces its allocator, and nothing else");
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
  // The operator's request, and the candidate that it leads to.
  void reload() {
    greet(people, PeerRole::operator_client);
    step(master::Received{people, ReloadModule{7, "allocator", "best-fit"}});
  }
  std::optional<Allocate> call_candidate() {
    reload();
    step(AllocatorLoaded{"allocator 'best-fit'"});
    return call();
  }
  std::optional<OperatorAnswer> said() const {
    for (const master::Output& output : outbox) {
      const auto* send = std::get_if<master::Send>(&output);
      if (send == nullptr || send->peer != people) continue;
      if (const auto* found = std::get_if<OperatorAnswer>(&send->message)) return *found;
    }
    return std::nullopt;
  }
  void expect_refused(const std::string& sentence) {
    const auto seat = find<SeatAllocator>();
    ASSERT_TRUE(seat);
    EXPECT_FALSE(seat->adopt);
    ASSERT_TRUE(said());
    EXPECT_EQ(said()->error, sentence);
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
  const PeerId people{3};
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

TEST_F(Memory, a_candidate_serves_once_it_has_been_told_everything) {
  reload();
  const auto load = find<LoadAllocator>();
  ASSERT_TRUE(load);
  EXPECT_EQ(load->name, "best-fit");
  step(AllocatorLoaded{"allocator 'best-fit'"});
  const auto made = call();
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->candidate);
  expect_everything(*made);
  answer({});
  const auto seat = find<SeatAllocator>();
  ASSERT_TRUE(seat);
  EXPECT_TRUE(seat->adopt);
  ASSERT_TRUE(said());
  EXPECT_EQ(said()->request, 7u);
  EXPECT_EQ(said()->error, "");
  EXPECT_FALSE(call());
}

TEST_F(Memory, the_old_one_serves_while_a_candidate_is_loaded) {
  reload();
  step(master::Received{scheduler, Suppress{}});
  const auto made = call();
  ASSERT_TRUE(made);
  EXPECT_FALSE(made->candidate);
  step(AllocatorLoaded{"allocator 'best-fit'"});
  EXPECT_FALSE(call()) << "one call at a time";
  answer({});
  EXPECT_TRUE(call()->candidate);
}

TEST_F(Memory, one_that_cannot_be_loaded_is_answered_with_its_sentence) {
  reload();
  step(AllocatorLoaded{failure("there is no allocator 'best-fit'")});
  ASSERT_TRUE(said());
  EXPECT_EQ(said()->error, "name: there is no allocator 'best-fit'");
  EXPECT_FALSE(call());
}

TEST_F(Memory, one_that_fails_is_dropped_and_the_old_one_misses_nothing) {
  reload();
  step(AllocatorLoaded{"allocator 'best-fit'"});
  step(master::Received{scheduler, Suppress{}});
  ASSERT_TRUE(call()->candidate);
  step(Allocated{failure("it knows no such thing")});
  expect_refused("it knows no such thing");
  const auto made = call();
  ASSERT_TRUE(made);
  EXPECT_FALSE(made->candidate);
  EXPECT_FALSE(made->rebuild);
  EXPECT_THAT(made->request.changes.interests, SizeIs(1));
}

TEST_F(Memory, one_whose_first_answer_makes_no_sense_is_dropped) {
  ASSERT_TRUE(call_candidate());
  answer({whole()});
  ASSERT_TRUE(said());
  EXPECT_THAT(said()->error, HasSubstr("its first answer makes no sense: "));
  expect_refused(said()->error);
}

TEST_F(Memory, one_is_replaced_at_a_time) {
  reload();
  step(master::Received{people, ReloadModule{8, "allocator", "fifo"}});
  machine.advance(now, outbox);
  ASSERT_TRUE(said());
  EXPECT_EQ(said()->request, 8u);
  EXPECT_THAT(said()->error, HasSubstr("another allocator is being loaded"));
}

TEST_F(Memory, a_candidate_heals_a_master_whose_allocator_is_away) {
  step(master::Received{scheduler, Suppress{}});
  ASSERT_TRUE(call());
  forget();
  const auto made = call_candidate();
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->candidate);
  expect_everything(*made);
  answer({});
  EXPECT_TRUE(find<SeatAllocator>()->adopt);
  EXPECT_FALSE(call());
}

}  // namespace
}  // namespace mesolite::testing
