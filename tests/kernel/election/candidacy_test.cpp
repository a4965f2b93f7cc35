#include "kernel/election/candidacy.hpp"

#include <gtest/gtest.h>

#include "sdk/detection/leader_watch.hpp"
#include "tests/support/pretended_ensemble.hpp"

namespace mesolite::election {
namespace {

using harness::PretendedEnsemble;

constexpr const char* path = "/cluster/mesos";

// Masters that begin anew when they have lost their place, and somebody who looks on.
class Masters {
 public:
  Masters(std::size_t count, std::uint64_t seed) : ensemble(seed), masters(count) {
    for (std::size_t i = 0; i < count; ++i) restart(i);
    ensemble.add(watch);
    ensemble.connect(watch);
  }

  void restart(std::size_t index) {
    if (masters[index]) {
      ensemble.remove(*masters[index]);
      buried.push_back(std::move(masters[index]));
    }
    masters[index] = std::make_unique<Candidacy>(path, "master " + std::to_string(index));
    ensemble.add(*masters[index]);
    ensemble.connect(*masters[index]);
  }

  // By what it knows and the clock says; who is frozen says nothing.
  bool leads(const Candidacy& master) const {
    return master.epoch() && ensemble.now() < master.lease_until();
  }

  std::vector<std::size_t> leaders() const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < masters.size(); ++i) {
      if (leads(*masters[i])) found.push_back(i);
    }
    return found;
  }

  // At most one at a time, and each with a higher epoch than all before.
  void check() {
    const auto now = leaders();
    ASSERT_LE(now.size(), 1u);
    if (!now.empty()) {
      const std::int64_t epoch = *masters[now.front()]->epoch();
      ASSERT_GE(epoch, epoch_max);
      epoch_max = epoch;
    }
    if (auto news = watch.take_news()) seen = news->leader;
  }

  void pass(Duration duration) {
    ensemble.pass(duration, [this] { check(); });
  }

  PretendedEnsemble ensemble;
  std::vector<std::unique_ptr<Candidacy>> masters;
  std::vector<std::unique_ptr<Candidacy>> buried;
  detection::LeaderWatch watch{path};
  std::optional<detection::LeaderWatch::Leader> seen;
  std::int64_t epoch_max = 0;
};

TEST(Candidacy, a_master_without_rivals_leads_and_others_can_see_who_it_is) {
  Masters world(1, 1);
  world.pass(1s);
  ASSERT_EQ(world.leaders().size(), 1u);
  ASSERT_TRUE(world.seen);
  EXPECT_EQ(world.seen->data, "master 0");
  EXPECT_EQ(world.seen->epoch, *world.masters[0]->epoch());
  EXPECT_EQ(*world.ensemble.data(world.masters[0]->own_path()), "master 0");
}

TEST(Candidacy, a_leader_goes_on_for_as_long_as_it_is_connected) {
  Masters world(3, 2);
  world.pass(1s);
  const auto leader = world.leaders();
  ASSERT_EQ(leader.size(), 1u);
  world.pass(60s);
  EXPECT_EQ(world.leaders(), leader);
}

TEST(Candidacy, a_dead_leader_is_replaced_within_the_sessions_timeout_and_a_little) {
  Masters world(3, 3);
  world.pass(1s);
  const std::size_t first = world.leaders().front();
  world.ensemble.remove(*world.masters[first]);
  world.buried.push_back(std::move(world.masters[first]));
  world.masters[first] = std::make_unique<Candidacy>(path, "");  // takes no part
  world.pass(PretendedEnsemble::session_timeout + 200ms);
  ASSERT_EQ(world.leaders().size(), 1u);
  EXPECT_NE(world.leaders().front(), first);
  EXPECT_EQ(world.seen->data, "master " + std::to_string(world.leaders().front()));
}

TEST(Candidacy, a_leader_that_is_cut_off_steps_down_before_another_one_leads) {
  Masters world(2, 4);
  world.pass(1s);
  Candidacy& leader = *world.masters[world.leaders().front()];
  world.ensemble.disconnect(leader);
  Duration without{};
  while (!leader.ended() && without < 10s) {
    world.pass(5ms);
    without += 5ms;
  }
  EXPECT_GT(without, PretendedEnsemble::session_timeout * 2 / 3 - 500ms);
  EXPECT_LE(without, PretendedEnsemble::session_timeout * 2 / 3);
  EXPECT_TRUE(world.leaders().empty());
  world.pass(PretendedEnsemble::session_timeout);
  EXPECT_EQ(world.leaders().size(), 1u);
  EXPECT_FALSE(leader.epoch());
}

TEST(Candidacy, a_short_break_of_the_connection_is_not_noticed) {
  Masters world(2, 5);
  world.pass(1s);
  const std::size_t leader = world.leaders().front();
  world.ensemble.disconnect(*world.masters[leader]);
  world.pass(500ms);
  world.ensemble.connect(*world.masters[leader]);
  world.pass(10s);
  EXPECT_EQ(world.leaders(), std::vector<std::size_t>{leader});
}

TEST(Candidacy, a_frozen_leader_finds_its_lease_over_when_it_wakes) {
  Masters world(2, 6);
  world.pass(1s);
  Candidacy& leader = *world.masters[world.leaders().front()];
  world.ensemble.freeze(leader);
  world.pass(10s);
  world.ensemble.thaw(leader);
  EXPECT_GE(world.ensemble.now(), leader.lease_until());
  world.pass(100ms);
  EXPECT_TRUE(leader.ended());
  EXPECT_EQ(world.leaders().size(), 1u);
}

TEST(Candidacy, a_node_whose_making_was_not_heard_of_is_found_again_and_not_made_twice) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Masters world(1, seed);
    for (int i = 0; i < 20; ++i) {
      world.pass(std::chrono::milliseconds(10 + 3 * i));
      world.ensemble.disconnect(*world.masters[0]);
      world.pass(20ms);
      world.ensemble.connect(*world.masters[0]);
    }
    world.pass(2s);
    EXPECT_EQ(world.ensemble.count(std::string(path) + "/json.info_"), 1u) << seed;
    EXPECT_EQ(world.leaders().size(), 1u) << seed;
  }
}

TEST(Candidacy, a_leader_whose_node_was_taken_away_steps_down) {
  Masters world(1, 7);
  world.pass(1s);
  world.ensemble.erase(world.masters[0]->own_path());
  world.pass(1s);
  EXPECT_TRUE(world.masters[0]->ended());
}

TEST(Candidacy, what_is_no_candidate_is_passed_over) {
  Masters world(1, 8);
  world.ensemble.set("/cluster", "");
  world.ensemble.set(path, "");
  world.ensemble.set(std::string(path) + "/registry", "");
  world.ensemble.set(std::string(path) + "/a", "");
  world.pass(1s);
  EXPECT_EQ(world.leaders().size(), 1u);
}

// Whatever happens to connections, processes and the ensemble's word: one leader at a time, and
// peace brings one back.
TEST(Candidacy, under_torment_there_is_never_more_than_one_leader) {
  int terms = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Masters world(4, seed);
    Random random(seed);
    std::int64_t epoch = 0;
    for (int turn = 0; turn < 150; ++turn) {
      Candidacy& victim = *world.masters[random.below(4)];
      switch (random.below(6)) {
        case 0:
          world.ensemble.disconnect(victim);
          break;
        case 1:
          world.ensemble.freeze(victim);
          break;
        case 2:
          world.ensemble.thaw(victim);
          break;
        case 3:
          world.restart(random.below(4));
          break;
        default:
          world.ensemble.connect(victim);
      }
      world.pass(std::chrono::milliseconds(random.below(800)));
      if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed;
      terms += std::exchange(epoch, world.epoch_max) != world.epoch_max ? 1 : 0;
    }
    // Peace. Who has lost its place begins anew, as the program does.
    for (std::size_t i = 0; i < 4; ++i) world.restart(i);
    world.pass(2 * PretendedEnsemble::session_timeout);
    ASSERT_EQ(world.leaders().size(), 1u) << "seed " << seed;
    ASSERT_EQ(world.ensemble.count(std::string(path) + "/json.info_"), 4u) << "seed " << seed;
    ASSERT_TRUE(world.seen) << "seed " << seed;
    EXPECT_EQ(world.seen->data, "master " + std::to_string(world.leaders().front()))
        << "seed " << seed;
  }
  EXPECT_GT(terms, 200) << "too little happened";
}

}  // namespace
}  // namespace mesolite::election
