// RDD<std::pair<K, V>>: what goes by key. Part of rdd.hpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/api/rdd.hpp"

namespace mesolite::spark {

// ---- values and keys ---------------------------------------------------------------------------

template <class T>
template <class F>
auto RDD<T>::map_values(F f) const requires Pair<T> {
  using U = std::decay_t<std::invoke_result_t<const F&, const V&>>;
  return pipe_op("map_values", MapValuesOp<K, U, F>{std::move(f)}, true);
}

template <class T>
template <class F>
auto RDD<T>::flat_map_values(F f) const requires Pair<T> {
  using Range = std::decay_t<std::invoke_result_t<const F&, const V&>>;
  using U = std::ranges::range_value_t<Range>;
  return pipe_op("flat_map_values", FlatMapValuesOp<K, U, F>{std::move(f)}, true);
}

template <class T>
auto RDD<T>::keys() const requires Pair<T> {
  return map([](const T& record) { return record.first; });
}

template <class T>
auto RDD<T>::values() const requires Pair<T> {
  return map([](const T& record) { return record.second; });
}

// ---- one value a key ---------------------------------------------------------------------------

template <class T>
template <bool map_side, class C, class Functions>
RDD<std::pair<typename RDD<T>::OK, C>> RDD<T>::combine(const char* name, Functions functions,
                                                       std::uint32_t count) const {
  const Partitioning& own = node_->partitioning();
  if constexpr (Owning<T>) {
    if (own.kind != unknown_partitioning && own.count == count) {
      auto seed = context_->seed(name, count, {node_}, own);
      using Here = CombineHereNode<K, V, C, Functions>;
      return {*context_, std::make_shared<Here>(std::move(seed), std::move(functions))};
    }
  }
  using Policy = CombinePolicy<K, V, C, Functions, ByHash, map_side>;
  return shuffle(name, Policy{std::move(functions), {}}, count, hash_partitioning);
}

template <class T>
template <class F>
RDD<std::pair<typename RDD<T>::OK, typename RDD<T>::OV>> RDD<T>::reduce_by_key(
    F f, std::uint32_t count) const requires Pair<T> {
  return combine<true, OV>("reduce_by_key", ReduceFunctions<OV, F>{std::move(f)},
                           count_or_own(count));
}

template <class T>
template <class C, class Step, class Join>
RDD<std::pair<typename RDD<T>::OK, C>> RDD<T>::aggregate_by_key(
    C zero, Step step, Join merge, std::uint32_t count) const requires Pair<T> {
  return combine<true, C>(
      "aggregate_by_key",
      AggregateFunctions<V, C, Step, Join>{std::move(zero), std::move(step), std::move(merge)},
      count_or_own(count));
}

template <class T>
template <class F>
RDD<std::pair<typename RDD<T>::OK, typename RDD<T>::OV>> RDD<T>::fold_by_key(
    OV zero, F f, std::uint32_t count) const requires Pair<T> {
  return combine<true, OV>("fold_by_key", AggregateFunctions<V, OV, F, F>{std::move(zero), f, f},
                           count_or_own(count));
}

template <class T>
template <class First, class Step, class Join>
auto RDD<T>::combine_by_key(First first, Step step, Join merge,
                            std::uint32_t count) const requires Pair<T> {
  using C = std::decay_t<std::invoke_result_t<const First&, const V&>>;
  return combine<true, C>("combine_by_key",
                          CombineFunctions<V, C, First, Step, Join>{
                              std::move(first), std::move(step), std::move(merge)},
                          count_or_own(count));
}

template <class T>
RDD<std::pair<typename RDD<T>::OK, std::vector<typename RDD<T>::OV>>> RDD<T>::group_by_key(
    std::uint32_t count) const requires Pair<T> {
  // Values do not become fewer by grouping: they travel one by one.
  return combine<false, std::vector<OV>>("group_by_key", GroupFunctions<OV>{}, count_or_own(count));
}

// ---- where keys lie ----------------------------------------------------------------------------

template <class T>
RDD<owned_t<T>> RDD<T>::partition_by(std::uint32_t count) const requires Pair<T> {
  return shuffle("partition_by", PartitionPolicy<K, V, ByHash>{}, std::max(count, 1U),
                 hash_partitioning);
}

template <class T>
template <class F>
RDD<owned_t<T>> RDD<T>::partition_by(std::uint32_t count, F f) const requires Pair<T> {
  using Policy = PartitionPolicy<K, V, ByFunction<F>>;
  return shuffle("partition_by", Policy{{std::move(f)}}, std::max(count, 1U),
                 SparkContext::new_id());
}

template <class T>
RDD<owned_t<T>> RDD<T>::sort_by_key(bool ascending, std::uint32_t count) const requires Pair<T> {
  return sorted(
      "sort_by_key", [](const owned_t<T>& record) { return record.first; }, ascending, count,
      SparkContext::new_id());
}

template <class T>
RDD<owned_t<T>> RDD<T>::partitioned(const Partitioning& wanted) const {
  if constexpr (Owning<T>) {
    const Partitioning& own = node_->partitioning();
    if (own.kind == wanted.kind && own.count == wanted.count) return *this;
  }
  return partition_by(wanted.count);
}

// ---- two RDDs ----------------------------------------------------------------------------------

// Of two that lie alike nothing moves, whatever laid them; else both go by hash.
template <class T>
template <class Other>
Partitioning RDD<T>::common_partitioning(const Other& other, std::uint32_t count) const {
  const Partitioning& own = node_->partitioning();
  const Partitioning& others = other.node()->partitioning();
  const bool wished = count == 0 || count == own.count;
  if (own.kind != unknown_partitioning && own == others && wished) return own;
  if (count == 0 && own.kind == hash_partitioning) return own;
  if (count == 0 && others.kind == hash_partitioning) return others;
  if (count == 0) count = std::max({partitions(), other.partitions(), 1U});
  return {hash_partitioning, count};
}

template <class T>
template <class W, class Op>
auto RDD<T>::co_operate(const char* name, const RDD<W>& other, Op op, std::uint32_t count) const {
  static_assert(std::is_same_v<OK, typename RDD<W>::OK>, "both sides must have the same keys");
  const Partitioning common = common_partitioning(other, count);
  return partitioned(common).zip_op(name, other.partitioned(common), Pairing::equal, std::move(op),
                                    common.count);
}

template <class T>
template <class W>
auto RDD<T>::cogroup(const RDD<W>& other, std::uint32_t count) const requires Pair<T> {
  using OW = typename RDD<W>::OV;
  return co_operate("cogroup", other, CogroupOp<OK, OV, OW>{}, count);
}

template <class T>
template <class U, class W, class F>
RDD<U> RDD<T>::join_with(const RDD<W>& other, F f, std::uint32_t count) const requires Pair<T> {
  using OW = typename RDD<W>::OV;
  return co_operate("join", other, JoinOp<OK, OV, OW, U, F>{std::move(f)}, count);
}

template <class T>
template <class W>
auto RDD<T>::join(const RDD<W>& other, std::uint32_t count) const requires Pair<T> {
  using OW = typename RDD<W>::OV;
  using U = std::pair<OK, std::pair<OV, OW>>;
  return join_with<U>(
      other,
      [](const OK& key, const OV& left, const OW& right, auto& emit) {
        emit(U(key, {left, right}));
      },
      count);
}

namespace detail {

// Every pair of values, with nothing in the place of those that a side lacks.
template <class A, class B, class Out>
struct OuterPairs {
  bool left_needed = false;  // keys without a left value are dropped
  bool right_needed = false;
  MESOLITE_PARTS(left_needed, right_needed)
  std::vector<Out> operator()(const std::pair<std::vector<A>, std::vector<B>>& groups) const {
    const auto& [lefts, rights] = groups;
    std::vector<Out> pairs;
    for (const A& left : lefts) {
      for (const B& right : rights) pairs.emplace_back(left, right);
      if constexpr (is_optional<typename Out::second_type>) {
        if (rights.empty() && !right_needed) pairs.emplace_back(left, std::nullopt);
      }
    }
    if constexpr (is_optional<typename Out::first_type>) {
      if (lefts.empty() && !left_needed) {
        for (const B& right : rights) pairs.emplace_back(std::nullopt, right);
      }
    }
    return pairs;
  }
};

}  // namespace detail

template <class T>
template <class W>
auto RDD<T>::left_outer_join(const RDD<W>& other, std::uint32_t count) const requires Pair<T> {
  using OW = typename RDD<W>::OV;
  using Out = std::pair<OV, std::optional<OW>>;
  return cogroup(other, count).flat_map_values(detail::OuterPairs<OV, OW, Out>{true, false});
}

template <class T>
template <class W>
auto RDD<T>::right_outer_join(const RDD<W>& other, std::uint32_t count) const requires Pair<T> {
  using OW = typename RDD<W>::OV;
  using Out = std::pair<std::optional<OV>, OW>;
  return cogroup(other, count).flat_map_values(detail::OuterPairs<OV, OW, Out>{false, true});
}

template <class T>
template <class W>
auto RDD<T>::full_outer_join(const RDD<W>& other, std::uint32_t count) const requires Pair<T> {
  using OW = typename RDD<W>::OV;
  using Out = std::pair<std::optional<OV>, std::optional<OW>>;
  return cogroup(other, count).flat_map_values(detail::OuterPairs<OV, OW, Out>{});
}

}  // namespace mesolite::spark
