// RDD<T>: transformations of any records. Part of rdd.hpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/api/rdd.hpp"
#include "frameworks/mini-spark/engine/command_pipe.hpp"

namespace mesolite::spark {

// ---- one partition from one --------------------------------------------------------------------

namespace detail {

template <class F, class... Arguments>
using result_t = std::decay_t<std::invoke_result_t<const F&, Arguments...>>;

// The key stays, so the partitions do too.
template <class F>
struct KeyedBy {
  F f;
  MESOLITE_PARTS(f)
  template <class T>
  auto operator()(const T& record) const {
    return std::pair<result_t<F, const T&>, T>(f(record), record);
  }
};

}  // namespace detail

template <class T>
template <class F>
auto RDD<T>::map(F f) const {
  using U = detail::result_t<F, const T&>;
  return pipe_op("map", MapOp<U, F>{std::move(f)});
}

template <class T>
template <class F>
RDD<T> RDD<T>::filter(F f) const {
  return pipe_op("filter", FilterOp<T, F>{std::move(f)}, true);
}

template <class T>
template <class U, class F>
auto RDD<T>::flat_map(F f) const {
  if constexpr (std::is_same_v<U, detail::Untold>) {
    using Range = detail::result_t<F, const T&>;
    return pipe_op("flat_map", FlatMapOp<std::ranges::range_value_t<Range>, F>{std::move(f)});
  } else {
    return pipe_op("flat_map", FlatMapOp<U, F>{std::move(f)});
  }
}

template <class T>
template <class F>
auto RDD<T>::map_partitions(F f) const {
  const auto make = [&]<class Range>(std::type_identity<Range>, F function) {
    using U = std::ranges::range_value_t<Range>;
    return RDD<U>(*context_, std::make_shared<MapPartitionsNode<T, U, F>>(
                                 context_->seed("map_partitions", partitions(), {node_}),
                                 std::move(function)));
  };
  if constexpr (std::invocable<const F&, std::uint32_t, std::span<const T>>) {
    using Range = detail::result_t<F, std::uint32_t, std::span<const T>>;
    return make(std::type_identity<Range>(), std::move(f));
  } else {
    return make(std::type_identity<detail::result_t<F, std::span<const T>>>(), std::move(f));
  }
}

template <class T>
template <class F>
auto RDD<T>::key_by(F f) const {
  return map(detail::KeyedBy<F>{std::move(f)});
}

template <class T>
RDD<std::vector<T>> RDD<T>::glom() const {
  return map_partitions([](std::span<const T> all) {
    return std::vector<std::vector<T>>{std::vector<T>(all.begin(), all.end())};
  });
}

template <class T>
RDD<T> RDD<T>::sample(bool replacement, double fraction, std::uint64_t seed) const {
  return pipe_op("sample", SampleOp<T>{replacement, fraction, seed}, true);
}

template <class T>
RDD<std::string> RDD<T>::pipe(const std::string& command) const {
  return map_partitions(CommandPipe<T>{command});
}

template <class T>
RDD<std::pair<T, std::uint64_t>> RDD<T>::zip_with_index() const {
  const std::vector<std::uint64_t> sizes = run("count", CountOp{});
  std::vector<std::uint64_t> first(sizes.size());
  std::exclusive_scan(sizes.begin(), sizes.end(), first.begin(), std::uint64_t{0});
  return pipe_op("zip_with_index", IndexOp<T>{std::move(first)});
}

// ---- partitions from others --------------------------------------------------------------------

template <class T>
RDD<T> RDD<T>::union_with(const RDD& other) const {
  PartitionGroups groups;
  for (std::uint32_t i = 0; i < partitions(); ++i) groups.push_back({{0, i}});
  for (std::uint32_t i = 0; i < other.partitions(); ++i) groups.push_back({{1, i}});
  const auto count = static_cast<std::uint32_t>(groups.size());
  return {*context_, std::make_shared<RegroupNode<T>>(
                         context_->seed("union", count, {node_, other.node_}), std::move(groups))};
}

template <class T>
RDD<T> RDD<T>::coalesce(std::uint32_t count) const {
  count = std::min(std::max(count, 1U), partitions());
  PartitionGroups groups(count);
  for (std::uint32_t group = 0; group < count; ++group) {
    const auto [begin, end] = slice(partitions(), group, count);
    for (std::uint64_t i = begin; i < end; ++i) {
      groups[group].push_back({0, static_cast<std::uint32_t>(i)});
    }
  }
  return {*context_, std::make_shared<RegroupNode<T>>(context_->seed("coalesce", count, {node_}),
                                                      std::move(groups))};
}

template <class T>
template <class W, class Op>
RDD<typename Op::Out> RDD<T>::zip_op(const char* name, const RDD<W>& other, Pairing pairing, Op op,
                                     std::uint32_t count) const {
  auto seed = context_->seed(name, count, {node_, other.node_});
  return {*context_, std::make_shared<ZipNode<T, W, Op>>(std::move(seed), pairing, std::move(op))};
}

template <class T>
template <class U>
RDD<std::pair<T, U>> RDD<T>::cartesian(const RDD<U>& other) const {
  return zip_op("cartesian", other, Pairing::all, CartesianOp<T, U>{},
                partitions() * other.partitions());
}

template <class T>
template <class U>
RDD<std::pair<T, U>> RDD<T>::zip(const RDD<U>& other) const {
  if (partitions() != other.partitions()) {
    throw SparkError("zip needs as many partitions on both sides, not " +
                     std::to_string(partitions()) + " and " + std::to_string(other.partitions()));
  }
  return zip_op("zip", other, Pairing::equal, ZipOp<T, U>{}, partitions());
}

// ---- shuffles ----------------------------------------------------------------------------------

template <class T>
RDD<owned_t<T>> RDD<T>::repartition(std::uint32_t count) const {
  return shuffle("repartition", SpreadPolicy<T>{}, std::max(count, 1U), unknown_partitioning);
}

namespace detail {

struct AsKey {
  template <class T>
  auto operator()(const T& record) const {
    return std::pair<T, NoValue>(record, NoValue());
  }
};
// Of the two sides of a cogroup: which keys stay.
struct OnBoth {
  bool operator()(const auto& group) const {
    return !group.second.first.empty() && !group.second.second.empty();
  }
};

}  // namespace detail

template <class T>
RDD<owned_t<T>> RDD<T>::distinct(std::uint32_t count) const {
  return map(detail::AsKey())
      .template combine<true, NoValue>("distinct", KeyFunctions{}, count_or_own(count))
      .keys();
}

template <class T>
RDD<owned_t<T>> RDD<T>::intersection(const RDD& other, std::uint32_t count) const {
  return map(detail::AsKey())
      .cogroup(other.map(detail::AsKey()), count)
      .filter(detail::OnBoth())
      .keys();
}

template <class T>
RDD<owned_t<T>> RDD<T>::subtract(const RDD& other, std::uint32_t count) const {
  using O = owned_t<T>;
  return map(detail::AsKey())
      .cogroup(other.map(detail::AsKey()), count)
      .template flat_map<O>([](const auto& group, auto& emit) {
        if (!group.second.second.empty()) return;
        for (std::size_t i = 0; i < group.second.first.size(); ++i) emit(group.first);
      });
}

template <class T>
template <class F>
auto RDD<T>::group_by(F f, std::uint32_t count) const {
  return key_by(std::move(f)).group_by_key(count);
}

// Equal keys need not have equal f(record): the order says nothing about where keys lie.
template <class T>
template <class F>
RDD<owned_t<T>> RDD<T>::sort_by(F f, bool ascending, std::uint32_t count) const {
  return sorted("sort_by", std::move(f), ascending, count, unknown_partitioning);
}

template <class T>
template <class F>
RDD<owned_t<T>> RDD<T>::sorted(const char* name, F f, bool ascending, std::uint32_t count,
                               std::uint64_t partitioning) const {
  using O = owned_t<T>;
  using Key = detail::result_t<F, const O&>;
  static_assert(Owning<Key>, "the key of a sort must own its text");
  constexpr std::uint64_t samples_each = 64;  // for each partition to be
  count = count_or_own(count);
  ByRange<Key> part{{}, ascending};
  if (count > 1) {
    const std::uint64_t total = this->count();
    const double wanted = static_cast<double>(samples_each * count);
    const double fraction = total == 0 ? 0 : std::min(1.0, wanted / static_cast<double>(total));
    std::vector<Key> keys;
    for (const O& record : sample(false, fraction, 1).collect()) keys.push_back(f(record));
    std::sort(keys.begin(), keys.end());
    for (std::uint32_t i = 1; i < count && !keys.empty(); ++i) {
      part.bounds.push_back(keys[keys.size() * i / count]);
    }
  }
  SortPolicy<T, F> policy{std::move(f), std::move(part)};
  return shuffle(name, std::move(policy), count, partitioning);
}

}  // namespace mesolite::spark
