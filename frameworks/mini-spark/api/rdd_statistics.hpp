// RDD<T>: statistics and counts. Part of rdd.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/api/rdd.hpp"

namespace mesolite::spark {

// Welford's update and Chan's merge (The American Statistician 37, 1983): exact for long series.
template <class T>
Statistics RDD<T>::stats() const requires std::is_arithmetic_v<T> {
  const double infinite = std::numeric_limits<double>::infinity();
  return aggregate(
      Statistics{0, 0, 0, infinite, -infinite},
      [](Statistics all, const T& record) {
        const auto value = static_cast<double>(record);
        const double distance = value - all.mean;
        ++all.count;
        all.mean += distance / static_cast<double>(all.count);
        all.squares += distance * (value - all.mean);
        all.least = std::min(all.least, value);
        all.most = std::max(all.most, value);
        return all;
      },
      [](Statistics a, const Statistics& b) {
        if (b.count == 0) return a;
        const auto sum = static_cast<double>(a.count + b.count);
        const auto share = static_cast<double>(b.count) / sum;
        const double distance = b.mean - a.mean;
        a.squares += b.squares + distance * distance * static_cast<double>(a.count) * share;
        a.mean += distance * share;
        a.count += b.count;
        a.least = std::min(a.least, b.least);
        a.most = std::max(a.most, b.most);
        return a;
      });
}

namespace detail {

struct CountInBuckets {
  std::vector<double> bounds;
  MESOLITE_PARTS(bounds)
  template <class T>
  std::vector<std::uint64_t> operator()(std::vector<std::uint64_t> counts, const T& record) const {
    const auto value = static_cast<double>(record);
    if (!(value >= bounds.front() && value <= bounds.back())) return counts;
    const auto above = std::upper_bound(bounds.begin(), bounds.end(), value) - bounds.begin();
    ++counts[std::min(static_cast<std::size_t>(above) - 1, counts.size() - 1)];
    return counts;
  }
};

}  // namespace detail

template <class T>
std::vector<std::uint64_t> RDD<T>::histogram(
    std::vector<double> bounds) const requires std::is_arithmetic_v<T> {
  if (bounds.size() < 2 || !std::is_sorted(bounds.begin(), bounds.end())) {
    throw SparkError("histogram() needs two or more bounds that ascend");
  }
  std::vector<std::uint64_t> none(bounds.size() - 1);
  return aggregate(none, detail::CountInBuckets{std::move(bounds)},
                   [](std::vector<std::uint64_t> a, const std::vector<std::uint64_t>& b) {
                     for (std::size_t i = 0; i < b.size(); ++i) a[i] += b[i];
                     return a;
                   });
}

// ---- by key ------------------------------------------------------------------------------------

template <class T>
std::vector<std::pair<owned_t<T>, std::uint64_t>> RDD<T>::count_by_value() const {
  return map([](const T& record) { return std::pair<T, std::uint64_t>(record, 1); })
      .reduce_by_key([](std::uint64_t a, std::uint64_t b) { return a + b; })
      .collect();
}

template <class T>
std::vector<std::pair<typename RDD<T>::OK, std::uint64_t>> RDD<T>::count_by_key()
    const requires Pair<T> {
  return keys().count_by_value();
}

namespace detail {
template <class K>
struct HasKey {
  K key;
  MESOLITE_PARTS(key)
  bool operator()(const auto& record) const { return record.first == key; }
};
}  // namespace detail

// Where the key's place is known, only there.
template <class T>
std::vector<typename RDD<T>::OV> RDD<T>::lookup(const K& key) const requires Pair<T> {
  const auto found = filter(detail::HasKey<OK>{OK(key)}).values();
  std::vector<std::uint32_t> where(partitions());
  std::iota(where.begin(), where.end(), 0U);
  const Partitioning& own = node_->partitioning();
  if (own.kind == hash_partitioning) where = {partition_of(hash_of(key), own.count)};
  std::vector<OV> values;
  for (auto& part : found.run("lookup", TakeOp<V>{}, std::move(where))) {
    values.insert(values.end(), part.begin(), part.end());
  }
  return values;
}

}  // namespace mesolite::spark
