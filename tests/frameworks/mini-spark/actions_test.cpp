// Defends: every action gives what a loop over all records gives, with any number of partitions,
// and a failure says where it was.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "mesolite/data/file.hpp"
#include "tests/frameworks/mini-spark/contexts.hpp"

namespace mesolite::spark {
namespace {

class Actions : public TableTest {
 protected:
  RDD<std::int64_t> numbers() const { return spread(records_); }
  const Numbers records_ = random_numbers(1'000, 500, 21);
};

TEST_P(Actions, count_first_and_take_keep_the_order) {
  EXPECT_EQ(numbers().count(), records_.size());
  EXPECT_EQ(numbers().first(), records_.front());
  for (const std::size_t count : {0UL, 1UL, 17UL, 999UL, 5'000UL}) {
    const std::size_t there = std::min(count, records_.size());
    EXPECT_EQ(numbers().take(count),
              Numbers(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(there)));
  }
}

TEST_P(Actions, take_does_not_compute_what_nobody_asked_for) {
  const auto seen = context().accumulator<std::uint64_t>();
  const auto rdd = context().range(0, 1'000'000, 1, parts()).filter([seen](std::int64_t) {
    seen.add(1);
    return true;
  });
  EXPECT_EQ(rdd.take(2), (Numbers{0, 1}));
  EXPECT_LT(seen.value(), 20'000U);
}

TEST_P(Actions, top_and_take_ordered_are_the_ends_of_the_order) {
  Numbers ordered = sorted(records_);
  EXPECT_EQ(numbers().take_ordered(10), Numbers(ordered.begin(), ordered.begin() + 10));
  std::reverse(ordered.begin(), ordered.end());
  EXPECT_EQ(numbers().top(10), Numbers(ordered.begin(), ordered.begin() + 10));
  EXPECT_EQ(numbers().top(0), Numbers{});
  EXPECT_EQ(numbers().top(2'000), ordered);
}

TEST_P(Actions, reduce_fold_and_aggregate_agree) {
  const auto total = std::accumulate(records_.begin(), records_.end(), std::int64_t{0});
  const auto add = [](std::int64_t a, std::int64_t b) { return a + b; };
  EXPECT_EQ(numbers().reduce(add), total);
  EXPECT_EQ(numbers().fold(0, add), total);
  EXPECT_EQ(numbers().sum(), total);
  const auto both = numbers().aggregate(
      NumberPair(0, 0),
      [](NumberPair sum, std::int64_t x) { return NumberPair(sum.first + x, sum.second + 1); },
      [](NumberPair a, const NumberPair& b) {
        return NumberPair(a.first + b.first, a.second + b.second);
      });
  EXPECT_EQ(both, NumberPair(total, static_cast<std::int64_t>(records_.size())));
}

TEST_P(Actions, statistics_are_those_of_all_records) {
  const auto count = static_cast<double>(records_.size());
  double mean = 0;
  for (const auto x : records_) mean += static_cast<double>(x) / count;
  double variance = 0;
  for (const auto x : records_) {
    variance += (static_cast<double>(x) - mean) * (static_cast<double>(x) - mean) / count;
  }
  EXPECT_EQ(numbers().min(), *std::min_element(records_.begin(), records_.end()));
  EXPECT_EQ(numbers().max(), *std::max_element(records_.begin(), records_.end()));
  EXPECT_NEAR(numbers().mean(), mean, 1e-9);
  EXPECT_NEAR(numbers().stdev(), std::sqrt(variance), 1e-9);
  std::vector<std::uint64_t> expected(3);
  for (const auto x : records_) {
    if (x <= 400) ++expected[x < 100 ? 0 : x < 250 ? 1 : 2];
  }
  EXPECT_EQ(numbers().histogram({0, 100, 250, 400}), expected);
  EXPECT_THROW(numbers().histogram({1}), SparkError);
}

TEST_P(Actions, count_by_value_counts_each) {
  std::map<std::int64_t, std::uint64_t> expected;
  for (const auto x : records_) ++expected[x];
  const auto counts = numbers().count_by_value();
  EXPECT_EQ((std::map<std::int64_t, std::uint64_t>(counts.begin(), counts.end())), expected);
}

TEST_P(Actions, foreach_reaches_every_record_and_accumulators_count_each_once) {
  const auto sum = context().accumulator<std::int64_t>();
  const auto partitions = context().accumulator<std::uint64_t>(100);
  numbers().foreach ([sum](std::int64_t x) { sum.add(x); });
  numbers().foreach_partition([partitions](std::span<const std::int64_t>) { partitions.add(1); });
  EXPECT_EQ(sum.value(), std::accumulate(records_.begin(), records_.end(), std::int64_t{0}));
  EXPECT_EQ(partitions.value(), 100U + parts());
}

TEST_P(Actions, saved_files_come_back_as_they_were) {
  const std::string text = scratch_.file("text");
  const std::string objects = scratch_.file("objects");
  const auto pairs = numbers().map([](std::int64_t x) {
    return std::pair(x, std::vector<std::string>{std::to_string(x), "y"});
  });
  pairs.save_as_object_file(objects);
  EXPECT_EQ(
      (context().object_file<std::pair<std::int64_t, std::vector<std::string>>>(objects).collect()),
      pairs.collect());
  numbers().save_as_text_file(text);
  std::vector<std::string> lines;
  for (const auto x : records_) lines.push_back(std::to_string(x));
  EXPECT_EQ(context().text_file(text, parts()).collect(), lines);
  EXPECT_TRUE(std::filesystem::exists(text + "/_SUCCESS"));
  EXPECT_THROW(numbers().save_as_text_file(text), SparkError) << "it is there already";
}

TEST_P(Actions, lines_and_records_are_whole_wherever_files_are_cut) {
  std::vector<std::string> lines;
  std::ofstream out(scratch_.file("lines"));
  for (const auto x : records_) {
    lines.push_back(std::string(static_cast<std::size_t>(x % 40), 'x') + std::to_string(x));
    out << lines.back() << (x % 7 == 0 ? "\r\n" : "\n");
  }
  out << "no end";
  lines.emplace_back("no end");
  out.close();
  SparkContext& spark = context();
  EXPECT_EQ(spark.text_file(scratch_.file("lines"), parts()).collect(), lines);
  EXPECT_EQ(spark.text_views(scratch_.file("li*"), parts()).collect(), lines);
  const auto whole = spark.whole_text_files(scratch_.path()).collect();
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_EQ(whole[0].second.size(), std::filesystem::file_size(scratch_.file("lines")));
  std::ofstream(scratch_.file("binary")) << "aaabbbcccddd";
  EXPECT_EQ(spark.binary_records(scratch_.file("binary"), 3).collect(),
            (std::vector<std::string>{"aaa", "bbb", "ccc", "ddd"}));
  EXPECT_THROW(spark.text_file(scratch_.file("nowhere")), SparkError);
}

TEST_P(Actions, a_failure_names_stage_partition_attempt_and_reason) {
  const auto failing =
      context().parallelize(records_, parts()).map([](std::int64_t x) -> std::int64_t {
        throw std::runtime_error("I cannot bear " + std::to_string(x));
      });
  try {
    failing.count();
    FAIL() << "it should have thrown";
  } catch (const SparkError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("(count), partition "), std::string::npos) << text;
    EXPECT_NE(text.find(", attempt 4 on "), std::string::npos) << text;
    EXPECT_NE(text.find(": I cannot bear "), std::string::npos) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Local, Actions, local_places(), text_of);
INSTANTIATE_TEST_SUITE_P(Cluster, Actions, cluster_places(), text_of);

}  // namespace
}  // namespace mesolite::spark
