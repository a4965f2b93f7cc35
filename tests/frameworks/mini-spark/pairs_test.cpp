// Defends: what goes by key gives what a table over all records gives, with any number of
// partitions; and nothing moves that lies right already.
#include <gtest/gtest.h>

#include <map>

#include "tests/frameworks/mini-spark/contexts.hpp"

namespace mesolite::spark {
namespace {

using Grouped = std::map<std::int64_t, Numbers>;

Grouped grouped(const NumberPairs& pairs) {
  Grouped groups;
  for (const auto& [key, value] : pairs) groups[key].push_back(value);
  for (auto& [key, values] : groups) std::sort(values.begin(), values.end());
  return groups;
}

std::int64_t plus(std::int64_t a, std::int64_t b) {
  return a + b;
}

class Pairs : public TableTest {
 protected:
  static NumberPairs summed(const NumberPairs& pairs) {
    NumberPairs sums;
    for (const auto& [key, values] : grouped(pairs)) {
      sums.emplace_back(key, std::accumulate(values.begin(), values.end(), std::int64_t{0}));
    }
    return sums;
  }

  const NumberPairs left_ = random_pairs(2'000, 150, 11);
  const NumberPairs right_ = random_pairs(300, 200, 13);
};

TEST_P(Pairs, values_are_mapped_and_keys_stay) {
  NumberPairs mapped;
  NumberPairs doubled;
  for (const auto& [key, value] : left_) {
    mapped.emplace_back(key, value + 1);
    doubled.emplace_back(key, value);
    doubled.emplace_back(key, -value);
  }
  const auto pairs = spread(left_);
  EXPECT_EQ(pairs.map_values([](std::int64_t v) { return v + 1; }).collect(), mapped);
  EXPECT_EQ(pairs.flat_map_values([](std::int64_t v) {
                   return Numbers{v, -v};
                 })
                .collect(),
            doubled);
  EXPECT_EQ(pairs.keys().zip(pairs.values()).collect(), left_);
}

TEST_P(Pairs, reduce_fold_aggregate_and_combine_by_key_agree) {
  const auto pairs = spread(left_);
  const auto add = [](std::int64_t a, std::int64_t b) { return a + b; };
  const NumberPairs expected = summed(left_);
  EXPECT_EQ(sorted(pairs.reduce_by_key(add).collect()), expected);
  EXPECT_EQ(sorted(pairs.reduce_by_key(plus, 3).collect()), expected);
  EXPECT_EQ(sorted(pairs.aggregate_by_key(std::int64_t{0}, add, add).collect()), expected);
  EXPECT_EQ(sorted(pairs.combine_by_key([](std::int64_t v) { return v; }, add, add).collect()),
            expected);
  const auto largest =
      pairs.fold_by_key(0, [](std::int64_t a, std::int64_t b) { return std::max(a, b); });
  for (const auto& [key, value] : largest.collect()) {
    EXPECT_EQ(value, grouped(left_)[key].back());
  }
}

TEST_P(Pairs, group_by_key_has_all_values_of_each_key_once) {
  Grouped groups;
  for (const auto& [key, values] : spread(left_).group_by_key().collect()) {
    EXPECT_FALSE(groups.contains(key));
    groups[key] = sorted(values);
  }
  EXPECT_EQ(groups, grouped(left_));
}

TEST_P(Pairs, join_has_every_pair_of_values_of_equal_keys) {
  std::vector<std::pair<std::int64_t, NumberPair>> expected;
  for (const auto& [key, value] : left_) {
    for (const auto& [other, found] : right_) {
      if (key == other) expected.push_back({key, {value, found}});
    }
  }
  EXPECT_EQ(sorted(spread(left_).join(spread(right_)).collect()), sorted(expected));
  EXPECT_EQ(sorted(spread(left_).join(spread(right_), 4).collect()), sorted(expected));
}

TEST_P(Pairs, outer_joins_keep_keys_of_their_sides) {
  using Maybe = std::optional<std::int64_t>;
  using Row = std::pair<std::int64_t, std::pair<Maybe, Maybe>>;
  std::vector<Row> both;
  std::vector<Row> only_left;
  std::vector<Row> only_right;
  const Grouped lefts = grouped(left_);
  const Grouped rights = grouped(right_);
  for (const auto& [key, value] : left_) {
    if (!rights.contains(key)) {
      only_left.push_back({key, {value, std::nullopt}});
      continue;
    }
    for (const auto found : rights.at(key)) both.push_back({key, {value, found}});
  }
  for (const auto& [key, value] : right_) {
    if (!lefts.contains(key)) only_right.push_back({key, {std::nullopt, value}});
  }
  const auto with = [&](std::vector<std::vector<Row>> parts) {
    std::vector<Row> rows = both;
    for (const auto& part : parts) rows.insert(rows.end(), part.begin(), part.end());
    return sorted(rows);
  };
  const auto widened = [](const auto& rdd) {
    std::vector<Row> rows;
    for (const auto& [key, row] : rdd.collect()) {
      rows.push_back({key, {Maybe(row.first), Maybe(row.second)}});
    }
    return sorted(rows);
  };
  ASSERT_FALSE(only_right.empty());
  const auto left = spread(left_);
  const auto right = spread(right_);
  EXPECT_EQ(widened(left.left_outer_join(right)), with({only_left}));
  EXPECT_EQ(widened(left.right_outer_join(right)), with({only_right}));
  EXPECT_EQ(widened(left.full_outer_join(right)), with({only_left, only_right}));
}

TEST_P(Pairs, cogroup_has_the_values_of_both_sides) {
  Grouped lefts;
  Grouped rights;
  for (const auto& [key, groups] : spread(left_).cogroup(spread(right_)).collect()) {
    if (!groups.first.empty()) lefts[key] = sorted(groups.first);
    if (!groups.second.empty()) rights[key] = sorted(groups.second);
  }
  EXPECT_EQ(lefts, grouped(left_));
  EXPECT_EQ(rights, grouped(right_));
}

TEST_P(Pairs, partition_by_puts_equal_keys_together_as_the_function_says) {
  const auto by_hash = spread(left_).partition_by(5);
  EXPECT_EQ(by_hash.partitions(), 5U);
  EXPECT_EQ(sorted(by_hash.collect()), sorted(left_));
  const auto modulo =
      spread(left_).partition_by(4, [](std::int64_t key) { return key % 4; }).glom();
  const auto parts = modulo.collect();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (const auto& [key, value] : parts[i]) EXPECT_EQ(key % 4, static_cast<std::int64_t>(i));
  }
}

TEST_P(Pairs, sort_by_key_orders_both_ways) {
  const auto ordered = spread(left_).sort_by_key().keys().collect();
  EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end()));
  EXPECT_EQ(ordered.size(), left_.size());
  const auto falling = spread(left_).sort_by_key(false, 3).keys().collect();
  EXPECT_TRUE(std::is_sorted(falling.begin(), falling.end(), std::greater<>()));
}

TEST_P(Pairs, join_after_a_sort_by_value_misses_no_key) {
  std::size_t expected = 0;
  for (const auto& [key, values] : grouped(right_)) expected += values.size() * values.size();
  const auto ordered = spread(right_).sort_by([](const NumberPair& pair) { return pair.second; });
  EXPECT_EQ(ordered.join(ordered.map_values([](std::int64_t v) { return -v; })).count(), expected);
  const auto by_key = spread(right_).sort_by_key();
  EXPECT_EQ(by_key.join(by_key.map_values([](std::int64_t v) { return -v; })).count(), expected);
}

TEST_P(Pairs, lookup_and_counts_by_key_see_all_partitions) {
  const auto pairs = spread(left_);
  Grouped groups = grouped(left_);
  EXPECT_EQ(sorted(pairs.lookup(42)), groups[42]);
  EXPECT_EQ(sorted(pairs.partition_by(6).lookup(42)), groups[42]);
  EXPECT_EQ(pairs.lookup(100'000), Numbers{});
  for (const auto& [key, count] : pairs.count_by_key()) EXPECT_EQ(count, groups[key].size());
}

INSTANTIATE_TEST_SUITE_P(Local, Pairs, local_places(), text_of);
INSTANTIATE_TEST_SUITE_P(Cluster, Pairs, cluster_places(), text_of);

TEST(Keys, of_text_are_owned_after_a_shuffle_even_if_they_were_views) {
  const std::vector<std::string> words{"a",  "bb", "a", "a word that is too long to be inline",
                                       "bb", "a"};
  const auto counts = local_context()
                          .parallelize(words, 2)
                          .map([](const std::string& word) { return std::pair(word, 1); })
                          .reduce_by_key([](int a, int b) { return a + b; })
                          .collect();
  const std::map<std::string, int> found(counts.begin(), counts.end());
  EXPECT_EQ(found, (std::map<std::string, int>{
                       {"a", 3}, {"bb", 2}, {"a word that is too long to be inline", 1}}));
}

TEST(CoPartitioned, sides_join_without_another_shuffle) {
  auto& context = local_context();
  const auto left = context.parallelize(random_pairs(100, 10, 1), 3).partition_by(4);
  const auto right = context.parallelize(random_pairs(100, 10, 2), 3).partition_by(4);
  const auto shuffles = [](const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = text.find("partition_by"); at != std::string::npos;
         at = text.find("partition_by", at + 1)) {
      ++count;
    }
    return count;
  };
  EXPECT_EQ(shuffles(left.join(right).to_debug_string()), 2U);
  EXPECT_EQ(
      shuffles(left.map_values([](std::int64_t v) { return v; }).join(right).to_debug_string()),
      2U);
  const auto sums = left.reduce_by_key([](std::int64_t a, std::int64_t b) { return a + b; });
  EXPECT_EQ(sums.explain().find("stage 3"), std::string::npos) << "equal keys lie together";
  EXPECT_EQ(sums.count(), left.keys().distinct().count());
  EXPECT_EQ(sums.values().sum(), left.values().sum());
  EXPECT_EQ(shuffles(left.join(right, 7).to_debug_string()), 4U) << "another count was asked for";
}

}  // namespace
}  // namespace mesolite::spark
