#include "mesolite/module/tournament.hpp"

#include <gtest/gtest.h>

#include <compare>
#include <map>
#include <set>

#include "mesolite/base/random.hpp"

namespace mesolite {
namespace {

struct Key {
  double share = 0;
  std::uint64_t allocations = 0;
  std::uint64_t order = 0;

  friend auto operator<=>(const Key&, const Key&) = default;
};
using Slot = Tournament<Key>::Slot;

TEST(Tournament, an_empty_one_has_no_best) {
  Tournament<Key> tournament;
  EXPECT_EQ(tournament.best([](auto) { return true; }), std::nullopt);
  tournament.set(5, {});
  tournament.remove(5);
  EXPECT_EQ(tournament.best([](auto) { return true; }), std::nullopt);
}

TEST(Tournament, finds_the_smallest_that_qualifies_whatever_changes) {
  Random random(7);
  Tournament<Key> tournament;
  std::map<Slot, Key> keys;
  for (int round = 0; round < 5000; ++round) {
    const auto slot = static_cast<Slot>(random.below(200));
    if (random.chance(0.2)) {
      tournament.remove(slot);
      keys.erase(slot);
    } else {
      keys[slot] = {static_cast<double>(random.below(10)), random.below(3), slot};
      tournament.set(slot, keys[slot]);
    }
    const std::uint64_t divisor = 1 + random.below(7);
    const auto qualifies = [&](Slot each) { return each % divisor == 0; };
    std::optional<Slot> expected;
    for (const auto& [each, key] : keys) {
      if (qualifies(each) && (!expected || key < keys[*expected])) expected = each;
    }
    ASSERT_EQ(tournament.best(qualifies), expected) << "in round " << round;
  }
}

TEST(Tournament, many_changed_keys_count_after_replay) {
  Tournament<Key> tournament;
  for (Slot slot = 0; slot < 10; ++slot) tournament.set(slot, {1.0 + slot, 0, slot});
  for (Slot slot = 0; slot < 10; ++slot) tournament.change(slot, {10.0 - slot, 0, slot});
  tournament.replay();
  EXPECT_EQ(tournament.best([](auto) { return true; }), 9u);
}

}  // namespace
}  // namespace mesolite
