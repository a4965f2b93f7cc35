// The context of these tests: two threads of this process, and records that every test can use.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/api/rdd.hpp"

namespace mesolite::spark {

using Numbers = std::vector<std::int64_t>;
using NumberPair = std::pair<std::int64_t, std::int64_t>;
using NumberPairs = std::vector<NumberPair>;

// Made once for all tests of the program.
SparkContext& local_context();

// Every table test runs with these.
inline constexpr std::uint32_t partition_counts[] = {1, 7, 100};

Numbers random_numbers(std::size_t count, std::int64_t bound, std::uint64_t seed);
NumberPairs random_pairs(std::size_t count, std::int64_t keys, std::uint64_t seed);

template <class T>
std::vector<T> sorted(std::vector<T> records) {
  std::sort(records.begin(), records.end());
  return records;
}

}  // namespace mesolite::spark
