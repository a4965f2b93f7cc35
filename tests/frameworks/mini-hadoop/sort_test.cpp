// Defends: records are sorted exactly, stably and within the memory allowed, and ranges of keys are
// what the total order says.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/engine/record_buffer.hpp"
#include "frameworks/mini-hadoop/engine/sort_items.hpp"
#include "frameworks/mini-hadoop/engine/total_order.hpp"
#include "mesolite/base/random.hpp"

namespace mesolite::hadoop {
namespace {

std::vector<SortItem> random_items(std::size_t count, std::uint64_t prefixes,
                                   std::uint64_t partitions) {
  Random random(count + prefixes);
  std::vector<SortItem> items;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t prefix = random.below(prefixes) * 0x0123456789ABCDEFULL;
    items.push_back({prefix, static_cast<std::uint32_t>(random.below(partitions) * 300),
                     static_cast<std::uint32_t>(i)});
  }
  return items;
}

TEST(SortItems, come_in_the_order_of_a_stable_sort_whatever_their_number) {
  for (const std::size_t count : {0U, 1U, 2U, 127U, 128U, 5000U}) {
    for (const std::uint64_t prefixes : {1ULL, 7ULL, 1ULL << 40}) {
      auto items = random_items(count, prefixes, 5);
      auto expected = items;
      std::stable_sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
        return a.partition != b.partition ? a.partition < b.partition : a.prefix < b.prefix;
      });
      std::vector<SortItem> spare(count);
      const auto sorted = sort_by_prefix(items, spare);
      EXPECT_TRUE(std::equal(sorted.begin(), sorted.end(), expected.begin(), expected.end()))
          << count << " items, " << prefixes << " prefixes";
    }
  }
}

class Buffer : public testing::Test {
 protected:
  // What the buffer holds, as "partition key=value " in its order.
  static std::string sorted(RecordBuffer& buffer, data::KeyComparison comparison = nullptr) {
    std::string text;
    for (const SortItem& item : buffer.sort(comparison)) {
      text += std::to_string(item.partition) + " " + std::string(buffer.key(item)) + "=" +
              std::string(buffer.value(item)) + "; ";
    }
    return text;
  }
};

TEST_F(Buffer, sorts_by_partition_then_key_and_keeps_the_order_of_equal_keys) {
  RecordBuffer buffer(4096);
  EXPECT_TRUE(buffer.add("pear", "1", 1));
  EXPECT_TRUE(buffer.add("apple", "2", 1));
  EXPECT_TRUE(buffer.add("pear", "3", 0));
  EXPECT_TRUE(buffer.add("apple", "4", 1));
  EXPECT_TRUE(buffer.add("", "", 1));
  EXPECT_EQ(sorted(buffer), "0 pear=3; 1 =; 1 apple=2; 1 apple=4; 1 pear=1; ");
}

TEST_F(Buffer, tells_apart_keys_that_differ_after_eight_bytes_or_in_zeros_at_the_end) {
  RecordBuffer buffer(4096);
  for (const std::string_view key : {"prefix--b", "prefix--a", "prefix--"}) {
    EXPECT_TRUE(buffer.add(key, "", 0));
  }
  EXPECT_TRUE(buffer.add(std::string_view("x\0", 2), "two", 0));
  EXPECT_TRUE(buffer.add("x", "one", 0));
  const auto items = buffer.sort(nullptr);
  EXPECT_EQ(buffer.key(items[0]), "prefix--");
  EXPECT_EQ(buffer.key(items[1]), "prefix--a");
  EXPECT_EQ(buffer.value(items[3]), "one");
  EXPECT_EQ(buffer.value(items[4]), "two");
}

TEST_F(Buffer, says_when_it_is_full_and_never_takes_more_than_its_memory) {
  RecordBuffer buffer(100'000);
  std::size_t bytes = 0;
  while (buffer.add("0123456789", std::string(90, 'v'), 0)) bytes += 100;
  EXPECT_LE(bytes, 100'000U - 40 * buffer.size());
  EXPECT_GT(bytes, 65'000U);
  EXPECT_EQ(buffer.sort(nullptr).size(), buffer.size());
  buffer.clear();
  EXPECT_TRUE(buffer.add("a", "b", 0));
}

TEST_F(Buffer, takes_a_pair_that_is_larger_than_its_memory_when_it_is_empty) {
  RecordBuffer buffer(1000);
  const std::string large(1'000'000, 'x');
  EXPECT_TRUE(buffer.add("small", "", 0));
  EXPECT_FALSE(buffer.add("large", large, 0));
  buffer.clear();
  EXPECT_TRUE(buffer.add("large", large, 0));
  EXPECT_EQ(buffer.value(buffer.sort(nullptr)[0]), large);
}

TEST(TotalOrder, cuts_the_keys_into_ranges_of_equal_share_and_knows_each_keys_range) {
  std::vector<std::string> keys;
  for (int i = 0; i < 1000; ++i) keys.push_back("key" + std::to_string(i));
  std::sort(keys.begin(), keys.end());
  const Parameters parameters = {{std::string(cut_points_parameter), cut_points(keys, 7, nullptr)}};
  const auto order = TotalOrder::of(parameters, nullptr);
  ASSERT_TRUE(order) << order.error().message;
  std::vector<int> shares(7);
  std::uint32_t last = 0;
  for (const std::string& key : keys) {
    const std::uint32_t range = order->partition(key);
    EXPECT_LE(last, range) << key;
    last = range;
    ++shares.at(range);
  }
  for (const int share : shares) EXPECT_NEAR(share, 1000 / 7, 1);
}

TEST(TotalOrder, puts_all_into_one_range_where_all_keys_are_equal_or_none_was_seen) {
  for (const std::vector<std::string>& sample : {std::vector<std::string>(50, "same"), {}}) {
    const Parameters parameters = {
        {std::string(cut_points_parameter), cut_points(sample, 4, nullptr)}};
    const auto order = TotalOrder::of(parameters, nullptr);
    std::set<std::uint32_t> ranges;
    for (int i = 0; i < 10; ++i) ranges.insert(order->partition("same"));
    EXPECT_EQ(ranges.size(), 1U);
    EXPECT_LT(*ranges.begin(), 4U);
  }
}

TEST(TotalOrder, goes_by_the_comparison_of_the_job) {
  const auto reversed = [](std::string_view a, std::string_view b) { return b.compare(a); };
  const Parameters parameters = {
      {std::string(cut_points_parameter), cut_points({"a", "b", "c", "d"}, 2, reversed)}};
  const auto order = TotalOrder::of(parameters, reversed);
  EXPECT_EQ(order->partition("z"), 0U);
  EXPECT_EQ(order->partition("b"), 1U);
  EXPECT_EQ(order->partition("a"), 1U);
}

}  // namespace
}  // namespace mesolite::hadoop
