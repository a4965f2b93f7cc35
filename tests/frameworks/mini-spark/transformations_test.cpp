// Defends: every transformation gives what a loop over all records gives, with any number of
// partitions, wherever they are.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/frameworks/mini-spark/contexts.hpp"

namespace mesolite::spark {
namespace {

class Transformations : public TableTest {
 protected:
  const Numbers records_ = random_numbers(1'000, 300, 7);
  const Numbers others_ = random_numbers(700, 300, 8);
};

TEST_P(Transformations, map_applies_the_function_to_each_record_in_order) {
  Numbers expected;
  for (const auto x : records_) expected.push_back(3 * x + 1);
  const auto mapped = spread(records_).map([](std::int64_t x) { return 3 * x + 1; });
  EXPECT_EQ(mapped.collect(), expected);
  EXPECT_EQ(mapped.partitions(), parts());
}

TEST_P(Transformations, filter_keeps_what_the_function_says) {
  Numbers expected;
  for (const auto x : records_) {
    if (x % 3 == 0) expected.push_back(x);
  }
  EXPECT_EQ(spread(records_).filter([](std::int64_t x) { return x % 3 == 0; }).collect(), expected);
}

TEST_P(Transformations, flat_map_gives_none_one_or_many_of_each_record) {
  Numbers expected;
  for (const auto x : records_) {
    for (std::int64_t i = 0; i < x % 4; ++i) expected.push_back(x + i);
  }
  const auto rdd = spread(records_);
  const auto by_range = rdd.flat_map([](std::int64_t x) {
    Numbers some;
    for (std::int64_t i = 0; i < x % 4; ++i) some.push_back(x + i);
    return some;
  });
  const auto by_emit = rdd.flat_map<std::int64_t>([](std::int64_t x, auto& emit) {
    for (std::int64_t i = 0; i < x % 4; ++i) emit(x + i);
  });
  EXPECT_EQ(by_range.collect(), expected);
  EXPECT_EQ(by_emit.collect(), expected);
}

TEST_P(Transformations, map_partitions_sees_each_partition_once_and_whole) {
  const auto sums = spread(records_).map_partitions_with_index(
      [](std::uint32_t partition, std::span<const std::int64_t> all) {
        std::int64_t sum = 0;
        for (const auto x : all) sum += x;
        return NumberPairs{{partition, sum}};
      });
  const NumberPairs collected = sums.collect();
  ASSERT_EQ(collected.size(), parts());
  std::int64_t total = 0;
  for (std::uint32_t i = 0; i < parts(); ++i) {
    EXPECT_EQ(collected[i].first, i);
    total += collected[i].second;
  }
  EXPECT_EQ(total, std::accumulate(records_.begin(), records_.end(), std::int64_t{0}));
}

TEST_P(Transformations, glom_makes_one_record_of_each_partition) {
  const auto glommed = spread(records_).glom().collect();
  ASSERT_EQ(glommed.size(), parts());
  Numbers joined;
  for (const auto& part : glommed) joined.insert(joined.end(), part.begin(), part.end());
  EXPECT_EQ(joined, records_);
}

TEST_P(Transformations, union_has_the_records_of_both) {
  Numbers expected = records_;
  expected.insert(expected.end(), others_.begin(), others_.end());
  EXPECT_EQ(spread(records_).union_with(spread(others_)).collect(), expected);
}

TEST_P(Transformations, distinct_intersection_and_subtract_are_those_of_sets) {
  const std::set<std::int64_t> ours(records_.begin(), records_.end());
  const std::set<std::int64_t> theirs(others_.begin(), others_.end());
  Numbers both;
  Numbers left;
  for (const auto x : ours) {
    if (theirs.contains(x)) both.push_back(x);
  }
  for (const auto x : records_) {
    if (!theirs.contains(x)) left.push_back(x);
  }
  const auto a = spread(records_);
  const auto b = spread(others_);
  EXPECT_EQ(sorted(a.distinct().collect()), Numbers(ours.begin(), ours.end()));
  EXPECT_EQ(sorted(a.intersection(b).collect()), both);
  EXPECT_EQ(sorted(a.subtract(b).collect()), sorted(left));
}

TEST_P(Transformations, cartesian_has_every_pair) {
  const Numbers few(records_.begin(), records_.begin() + 20);
  const Numbers others(others_.begin(), others_.begin() + 15);
  NumberPairs expected;
  for (const auto a : few) {
    for (const auto b : others) expected.emplace_back(a, b);
  }
  const auto pairs = spread(few).cartesian(context().parallelize(others, 3));
  EXPECT_EQ(pairs.partitions(), parts() * 3);
  EXPECT_EQ(sorted(pairs.collect()), sorted(expected));
}

TEST_P(Transformations, zip_pairs_records_of_equal_place) {
  const auto rdd = spread(records_);
  const auto zipped = rdd.zip(rdd.map([](std::int64_t x) { return -x; })).collect();
  ASSERT_EQ(zipped.size(), records_.size());
  for (std::size_t i = 0; i < zipped.size(); ++i) {
    EXPECT_EQ(zipped[i], NumberPair(records_[i], -records_[i]));
  }
}

TEST_P(Transformations, zip_with_index_numbers_the_records_throughout) {
  const auto numbered = spread(records_).zip_with_index().collect();
  ASSERT_EQ(numbered.size(), records_.size());
  for (std::size_t i = 0; i < numbered.size(); ++i) {
    EXPECT_EQ(numbered[i].first, records_[i]);
    EXPECT_EQ(numbered[i].second, i);
  }
}

TEST_P(Transformations, coalesce_and_repartition_keep_all_records) {
  const auto fewer = spread(records_).coalesce(3);
  EXPECT_EQ(fewer.partitions(), std::min(parts(), 3U));
  EXPECT_EQ(fewer.collect(), records_);
  const auto more = spread(records_).repartition(13);
  EXPECT_EQ(more.partitions(), 13U);
  EXPECT_EQ(sorted(more.collect()), sorted(records_));
}

TEST_P(Transformations, sample_is_fair_and_the_same_for_the_same_seed) {
  const auto many = spread(random_numbers(20'000, 1'000'000'000, 3));
  const auto fifth = many.sample(false, 0.2, 42);
  EXPECT_NEAR(static_cast<double>(fifth.count()), 4'000, 400);
  EXPECT_EQ(fifth.collect(), many.sample(false, 0.2, 42).collect());
  EXPECT_NE(fifth.collect(), many.sample(false, 0.2, 43).collect());
  EXPECT_NEAR(static_cast<double>(many.sample(true, 1.5, 1).count()), 30'000, 1'500);
}

TEST_P(Transformations, sort_by_orders_all_records_over_all_partitions) {
  const auto rdd = spread(records_);
  EXPECT_EQ(rdd.sort_by([](std::int64_t x) { return x; }).collect(), sorted(records_));
  Numbers descending = sorted(records_);
  std::reverse(descending.begin(), descending.end());
  EXPECT_EQ(rdd.sort_by([](std::int64_t x) { return x; }, false, 5).collect(), descending);
}

TEST_P(Transformations, group_by_and_key_by_follow_the_function) {
  std::map<std::int64_t, Numbers> expected;
  for (const auto x : records_) expected[x % 10].push_back(x);
  const auto rdd = spread(records_);
  const auto groups = rdd.group_by([](std::int64_t x) { return x % 10; }).collect();
  ASSERT_EQ(groups.size(), expected.size());
  for (const auto& [key, group] : groups) EXPECT_EQ(sorted(group), sorted(expected[key])) << key;
  for (const auto& [key, x] : rdd.key_by([](std::int64_t x) { return x % 10; }).collect()) {
    EXPECT_EQ(key, x % 10);
  }
}

TEST_P(Transformations, pipe_runs_each_partition_through_the_command) {
  std::vector<std::string> expected;
  for (const auto x : records_) expected.push_back("<" + std::to_string(x) + ">");
  EXPECT_EQ(spread(records_).pipe("sed 's/.*/<&>/'").collect(), expected);
}

TEST_P(Transformations, range_counts_up_and_down_without_its_end) {
  SparkContext& spark = context();
  EXPECT_EQ(spark.range(3, 20, 4, parts()).collect(), (Numbers{3, 7, 11, 15, 19}));
  EXPECT_EQ(spark.range(5, -5, -5, parts()).collect(), (Numbers{5, 0}));
  EXPECT_EQ(spark.range(5, 5, 1, parts()).collect(), Numbers{});
  EXPECT_EQ(spark.range(INT64_MIN, INT64_MAX, INT64_MAX, parts()).count(), 3U);
}

INSTANTIATE_TEST_SUITE_P(Local, Transformations, local_places(), text_of);
INSTANTIATE_TEST_SUITE_P(Cluster, Transformations, cluster_places(), text_of);

// An RDD of no partition at all goes through everything.
using EmptyRdd = TableTest;
TEST_P(EmptyRdd, has_no_partitions_and_no_records_after_anything) {
  const auto none = context().empty<std::int64_t>();
  EXPECT_EQ(none.partitions(), 0U);
  EXPECT_EQ(none.map([](std::int64_t x) { return x; }).collect(), Numbers{});
  EXPECT_EQ(none.distinct().count(), 0U);
  EXPECT_EQ(none.sort_by([](std::int64_t x) { return x; }).collect(), Numbers{});
  EXPECT_EQ(none.union_with(none).count(), 0U);
  EXPECT_EQ(none.cartesian(none).count(), 0U);
  EXPECT_EQ(none.take(3), Numbers{});
  EXPECT_EQ(none.sum(), 0);
  EXPECT_EQ(none.coalesce(4).count(), 0U);
  EXPECT_THROW(none.first(), SparkError);
  EXPECT_THROW(none.reduce([](std::int64_t a, std::int64_t b) { return a + b; }), SparkError);
}
INSTANTIATE_TEST_SUITE_P(Local, EmptyRdd, ::testing::Values(Place{Where::local, 0}), text_of);
INSTANTIATE_TEST_SUITE_P(Cluster, EmptyRdd, ::testing::Values(Place{Where::cluster, 0}), text_of);

}  // namespace
}  // namespace mesolite::spark
