// Where the tests of this program run, and the records that they share.
//
// A table test compares an operation with a loop over all records, in every place: two threads of
// this process; workers on a real cluster; the same while a worker dies in the middle of a stage.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/api/rdd.hpp"
#include "mesolite/data/file.hpp"

namespace mesolite::harness {
class Cluster;
}

namespace mesolite::spark {

using Numbers = std::vector<std::int64_t>;
using NumberPair = std::pair<std::int64_t, std::int64_t>;
using NumberPairs = std::vector<NumberPair>;

// Two threads of this process, for all tests of the program.
SparkContext& local_context();
// Three agents with a worker each, begun at the first use; end_cluster() comes after all tests.
SparkContext& cluster_context();
void end_cluster();
// Of a context on such a cluster: three workers at most, two tasks at a time each.
Options options_for(const harness::Cluster& cluster);

enum class Where : std::uint8_t { local, cluster, dying_cluster };
struct Place {
  Where where = Where::local;
  std::uint32_t partitions = 1;
};
// For INSTANTIATE_TEST_SUITE_P: Local for ctest's mini_spark_test, Cluster for the other entry.
inline auto local_places() {
  return ::testing::Values(Place{Where::local, 1}, Place{Where::local, 7},
                           Place{Where::local, 100});
}
inline auto cluster_places() {
  return ::testing::Values(Place{Where::cluster, 1}, Place{Where::cluster, 7},
                           Place{Where::cluster, 100}, Place{Where::dying_cluster, 7});
}
std::string text_of(const ::testing::TestParamInfo<Place>& place);

// A record itself. The first process that meets one in the partition dies of it; `mark` is a file
// that says that one has.
struct DieOnce {
  std::string mark;
  std::uint32_t partition = 0;
  MESOLITE_FIELDS(mark, partition);

  template <class T>
  T operator()(const T& record) const {
    die_if_first();
    return record;
  }
  void die_if_first() const;
};

class TableTest : public ::testing::TestWithParam<Place> {
 protected:
  SparkContext& context() const;
  std::uint32_t parts() const { return GetParam().partitions; }
  // The records in that many partitions.
  template <class T>
  RDD<T> spread(const std::vector<T>& records) const {
    const auto rdd = context().parallelize(records, parts());
    if (GetParam().where != Where::dying_cluster) return rdd;
    return rdd.map(DieOnce{scratch_.file("died"), parts() / 2});
  }

  const data::ScratchDirectory scratch_ =
      std::move(*data::ScratchDirectory::create(::testing::TempDir(), "mini-spark-test-"));
};

Numbers random_numbers(std::size_t count, std::int64_t bound, std::uint64_t seed);
NumberPairs random_pairs(std::size_t count, std::int64_t keys, std::uint64_t seed);

template <class T>
std::vector<T> sorted(std::vector<T> records) {
  std::sort(records.begin(), records.end());
  return records;
}

}  // namespace mesolite::spark
