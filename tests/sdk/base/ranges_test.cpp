#include "mesolite/base/ranges.hpp"

#include <gtest/gtest.h>

#include <set>

#include "mesolite/base/random.hpp"

namespace mesolite {
namespace {

Ranges ranges(std::string_view text) {
  return Ranges::parse(text).value();
}

TEST(Ranges, parse_merges_what_overlaps_or_touches) {
  EXPECT_EQ(ranges("[5-7, 1-3, 4-4]").to_text(), "[1-7]");
  EXPECT_EQ(ranges("[31000-31005,31010-32000]").to_text(), "[31000-31005, 31010-32000]");
  EXPECT_EQ(ranges("[7]").to_text(), "[7-7]");
  EXPECT_EQ(ranges("[]").to_text(), "[]");
  EXPECT_EQ(ranges("[0-18446744073709551615, 3-4]").to_text(), "[0-18446744073709551615]");
}

TEST(Ranges, parse_says_what_it_cannot_read) {
  EXPECT_EQ(Ranges::parse("1-3").error().message, "expected ranges such as [1-3, 7-7], got '1-3'");
  EXPECT_EQ(Ranges::parse("[3-1]").error().message, "range '3-1' ends before it begins");
  EXPECT_EQ(Ranges::parse("[a]").error().message, "expected a whole number in a range, got 'a'");
  EXPECT_FALSE(Ranges::parse("[1-2").has_value());
  EXPECT_FALSE(Ranges::parse("[1,,2]").has_value());
  EXPECT_FALSE(Ranges::parse("[99999999999999999999]").has_value());
  EXPECT_FALSE(Ranges::parse("").has_value());
}

TEST(Ranges, union_difference_and_containment_agree_with_sets_of_numbers) {
  Random random(7);
  const auto draw = [&random](std::set<std::uint64_t>& numbers) {
    std::vector<Range> list;
    for (int i = 0; i < 4; ++i) {
      const std::uint64_t begin = random.below(40);
      const std::uint64_t end = begin + random.below(6);
      list.push_back({begin, end});
      for (std::uint64_t n = begin; n <= end; ++n) numbers.insert(n);
    }
    return Ranges(list);
  };
  const auto numbers_of = [](const Ranges& r) {
    std::set<std::uint64_t> numbers;
    for (const Range& range : r.intervals()) {
      for (std::uint64_t n = range.begin; n <= range.end; ++n) numbers.insert(n);
    }
    return numbers;
  };
  for (int round = 0; round < 2000; ++round) {
    std::set<std::uint64_t> a_numbers;
    std::set<std::uint64_t> b_numbers;
    const Ranges a = draw(a_numbers);
    const Ranges b = draw(b_numbers);
    Ranges both = a;
    both += b;
    Ranges left = a;
    left -= b;
    std::set<std::uint64_t> expected_both = a_numbers;
    expected_both.insert(b_numbers.begin(), b_numbers.end());
    std::set<std::uint64_t> expected_left;
    for (const std::uint64_t n : a_numbers) {
      if (!b_numbers.contains(n)) expected_left.insert(n);
    }
    ASSERT_EQ(numbers_of(both), expected_both);
    ASSERT_EQ(numbers_of(left), expected_left);
    ASSERT_EQ(both.count(), expected_both.size());
    ASSERT_TRUE(both.contains(a) && both.contains(b));
    ASSERT_EQ(a.contains(b), std::includes(a_numbers.begin(), a_numbers.end(), b_numbers.begin(),
                                           b_numbers.end()));
  }
}

}  // namespace
}  // namespace mesolite
