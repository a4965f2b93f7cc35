#include "mesolite/base/random.hpp"

#include <gtest/gtest.h>

#include <array>

namespace mesolite {
namespace {

TEST(Random, the_numbers_of_a_seed_never_change) {
  // A simulation's trace is named by its seed: another sequence would orphan every recorded seed.
  Random random(42);
  EXPECT_EQ(random.next(), 1546998764402558742ULL);
  EXPECT_EQ(random.next(), 6990951692964543102ULL);
  EXPECT_EQ(random.next(), 12544586762248559009ULL);
}

TEST(Random, a_draw_stays_below_its_bound_and_reaches_every_number) {
  Random random(7);
  std::array<int, 6> counts{};
  for (int i = 0; i < 6000; ++i) counts.at(random.below(6)) += 1;
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
  EXPECT_EQ(random.below(1), 0U);
  for (int i = 0; i < 100; ++i) EXPECT_LT(random.below(3ULL << 62), 3ULL << 62);
}

TEST(Random, a_unit_draw_is_at_least_zero_and_below_one) {
  Random random(1);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const double drawn = random.unit();
    ASSERT_GE(drawn, 0.0);
    ASSERT_LT(drawn, 1.0);
    sum += drawn;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

TEST(Random, what_is_certain_happens_and_what_is_impossible_does_not) {
  Random random(3);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(random.chance(1.0));
    EXPECT_FALSE(random.chance(0.0));
  }
}

TEST(RandomDeathTest, an_empty_range_is_a_bug_that_is_named) {
  Random random(3);
  EXPECT_DEATH(random.below(0), "this is a bug: expected that a range to draw from is not empty");
}

TEST(Random, seeds_of_the_system_differ) {
  EXPECT_NE(random_seed(), random_seed());
}

}  // namespace
}  // namespace mesolite
