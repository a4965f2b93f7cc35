// RDD<T>: a collection in partitions, described by how it is made. Transformations describe
// further ones and cost nothing; actions run what is described (Zaharia et al., NSDI 2012).
//
// A handle: cheap to copy, bound to its SparkContext, which outlives its use. Functions handed in
// may be called on any machine, in any thread, several times for one record: they must not change
// anything but their own result (for that there are accumulators), and may capture only what is
// trivially copyable or a Broadcast<T>, or be structs with MESOLITE_FIELDS.
// Names follow Spark's RDD guide; README.md has them side by side.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/api/context.hpp"
#include "frameworks/mini-spark/nodes/action.hpp"
#include "frameworks/mini-spark/nodes/combine_functions.hpp"
#include "frameworks/mini-spark/nodes/combine_here.hpp"
#include "frameworks/mini-spark/nodes/join.hpp"
#include "frameworks/mini-spark/nodes/map_partitions.hpp"
#include "frameworks/mini-spark/nodes/pipe_ops.hpp"
#include "frameworks/mini-spark/nodes/regroup.hpp"
#include "frameworks/mini-spark/nodes/save_ops.hpp"
#include "frameworks/mini-spark/nodes/sort.hpp"
#include "frameworks/mini-spark/nodes/sources.hpp"

namespace mesolite::spark {

namespace detail {
struct Untold;  // "deduce it"
}  // namespace detail

struct Statistics {
  std::uint64_t count = 0;
  double mean = 0;
  double squares = 0;  // sum of squared distances to the mean
  double least = 0;
  double most = 0;
  MESOLITE_FIELDS(count, mean, squares, least, most);

  double variance() const { return count == 0 ? 0 : squares / static_cast<double>(count); }
  double stdev() const { return std::sqrt(variance()); }
};

template <class T>
class RDD {
 public:
  using Record = T;
  using K = typename PairTypes<T>::Key;
  using V = typename PairTypes<T>::Value;
  using OK = typename PairTypes<owned_t<T>>::Key;
  using OV = typename PairTypes<owned_t<T>>::Value;
  using Collected = std::vector<owned_t<T>>;

  RDD(SparkContext& context, std::shared_ptr<TypedNode<T>> node)
      : context_(&context), node_(std::move(node)) {
    if (node_->is_shuffle()) adopt();
  }

  SparkContext& context() const { return *context_; }
  const std::shared_ptr<TypedNode<T>>& node() const { return node_; }
  std::uint32_t partitions() const { return node_->partitions(); }
  std::string to_debug_string() const;  // the lineage, one RDD a line
  std::string explain() const;          // the stages that an action would run

  // ---- narrow transformations: each partition from one ----
  // clang-format off
  template <class F> auto map(F f) const;
  template <class F> RDD filter(F f) const;
  // f(record) -> range, or flat_map<U>([](const T& record, auto& emit) { emit(U()); }).
  template <class U = detail::Untold, class F> auto flat_map(F f) const;
  // f(std::span<const T> all) -> range; with_index: f(partition, all).
  template <class F> auto map_partitions(F f) const;
  template <class F> auto map_partitions_with_index(F f) const { return map_partitions(f); }
  template <class F> auto key_by(F f) const;
  RDD<std::vector<T>> glom() const;
  RDD sample(bool replacement, double fraction, std::uint64_t seed) const;
  RDD union_with(const RDD& other) const;
  RDD coalesce(std::uint32_t partitions) const;
  template <class U> RDD<std::pair<T, U>> cartesian(const RDD<U>& other) const;
  template <class U> RDD<std::pair<T, U>> zip(const RDD<U>& other) const;
  RDD<std::pair<T, std::uint64_t>> zip_with_index() const;  // runs a job to count
  RDD<std::string> pipe(const std::string& command) const;   // through sh -c, a line a record

  // ---- shuffles; `partitions` 0 = as many as here, but for reduces of more than one parent ----
  RDD<owned_t<T>> repartition(std::uint32_t partitions) const;
  RDD<owned_t<T>> distinct(std::uint32_t partitions = 0) const;
  RDD<owned_t<T>> intersection(const RDD& other, std::uint32_t partitions = 0) const;
  RDD<owned_t<T>> subtract(const RDD& other, std::uint32_t partitions = 0) const;
  template <class F> auto group_by(F f, std::uint32_t partitions = 0) const;
  // By f(record), which has <. Runs a job to find the bounds of the partitions.
  template <class F>
  RDD<owned_t<T>> sort_by(F f, bool ascending = true, std::uint32_t partitions = 0) const;

  // ---- of pairs ----
  template <class F> auto map_values(F f) const requires Pair<T>;
  template <class F> auto flat_map_values(F f) const requires Pair<T>;
  auto keys() const requires Pair<T>;
  auto values() const requires Pair<T>;
  template <class F>
  RDD<std::pair<OK, OV>> reduce_by_key(F f, std::uint32_t partitions = 0) const requires Pair<T>;
  template <class C, class Step, class Join>
  RDD<std::pair<OK, C>> aggregate_by_key(C zero, Step step, Join merge,
                                         std::uint32_t partitions = 0) const requires Pair<T>;
  template <class F>
  RDD<std::pair<OK, OV>> fold_by_key(OV zero, F f, std::uint32_t partitions = 0) const
      requires Pair<T>;
  template <class First, class Step, class Join>
  auto combine_by_key(First first, Step step, Join merge, std::uint32_t partitions = 0) const
      requires Pair<T>;
  RDD<std::pair<OK, std::vector<OV>>> group_by_key(std::uint32_t partitions = 0) const
      requires Pair<T>;
  RDD<owned_t<T>> partition_by(std::uint32_t partitions) const requires Pair<T>;
  // f(key) -> a number of a partition
  template <class F>
  RDD<owned_t<T>> partition_by(std::uint32_t partitions, F f) const requires Pair<T>;
  RDD<owned_t<T>> sort_by_key(bool ascending = true, std::uint32_t partitions = 0) const
      requires Pair<T>;
  template <class W> auto cogroup(const RDD<W>& other, std::uint32_t partitions = 0) const
      requires Pair<T>;
  template <class W> auto join(const RDD<W>& other, std::uint32_t partitions = 0) const
      requires Pair<T>;
  // join that hands each match to f(key, v, w, emit) and copies none: the way of iterations.
  template <class U, class W, class F>
  RDD<U> join_with(const RDD<W>& other, F f, std::uint32_t partitions = 0) const requires Pair<T>;
  template <class W> auto left_outer_join(const RDD<W>& other, std::uint32_t partitions = 0) const
      requires Pair<T>;
  template <class W> auto right_outer_join(const RDD<W>& other, std::uint32_t partitions = 0) const
      requires Pair<T>;
  template <class W> auto full_outer_join(const RDD<W>& other, std::uint32_t partitions = 0) const
      requires Pair<T>;

  // ---- kept between jobs ----
  const RDD& persist(StorageLevel level) const;
  const RDD& cache() const { return persist(StorageLevel::memory); }
  const RDD& unpersist() const;
  // Written to the checkpoint directory now; its lineage begins there.
  RDD checkpoint() const;

  // ---- actions ----
  Collected collect() const;
  std::uint64_t count() const;
  owned_t<T> first() const;
  Collected take(std::uint64_t count) const;
  template <class Before = std::less<>>
  Collected take_ordered(std::uint64_t count, Before before = {}) const;
  Collected top(std::uint64_t count) const { return take_ordered(count, std::greater<>()); }
  template <class F> T reduce(F f) const;
  template <class F> T fold(T zero, F f) const;
  template <class C, class Step, class Join> C aggregate(C zero, Step step, Join merge) const;
  template <class F> void foreach(F f) const;
  template <class F> void foreach_partition(F f) const;  // f(std::span<const T> all)
  void save_as_text_file(const std::string& directory) const;
  void save_as_object_file(const std::string& directory) const;
  std::vector<std::pair<owned_t<T>, std::uint64_t>> count_by_value() const;
  std::vector<std::pair<OK, std::uint64_t>> count_by_key() const requires Pair<T>;
  std::vector<OV> lookup(const K& key) const requires Pair<T>;
  T max() const;
  T min() const;
  T sum() const requires std::is_arithmetic_v<T>;
  double mean() const requires std::is_arithmetic_v<T> { return stats().mean; }
  double stdev() const requires std::is_arithmetic_v<T> { return stats().stdev(); }
  Statistics stats() const requires std::is_arithmetic_v<T>;
  // How many lie in [bounds[i], bounds[i + 1]), the last one with its end. REQUIRES: they ascend.
  std::vector<std::uint64_t> histogram(std::vector<double> bounds) const
      requires std::is_arithmetic_v<T>;
  // clang-format on

  // Runs an operation of action.hpp on these partitions; its results in their order.
  template <class Op>
  std::vector<typename Op::Result> run(const char* name, Op op,
                                       std::vector<std::uint32_t> which) const;
  template <class Op>
  std::vector<typename Op::Result> run(const char* name, Op op) const {
    std::vector<std::uint32_t> all(partitions());
    std::iota(all.begin(), all.end(), 0U);
    return run(name, std::move(op), std::move(all));
  }

 private:
  template <class U>
  friend class RDD;

  template <class Op>
  RDD<typename Op::Out> pipe_op(const char* name, Op op, bool keeps_partitioning = false) const {
    auto seed = context_->seed(name, partitions(), {node_},
                               keeps_partitioning ? node_->partitioning() : Partitioning{});
    return {*context_, std::make_shared<PipeNode<T, Op>>(std::move(seed), std::move(op))};
  }
  template <class Policy>
  RDD<typename Policy::Out> shuffle(const char* name, Policy policy, std::uint32_t count,
                                    std::uint64_t partitioning) const {
    auto seed = context_->seed(name, count, {node_}, {partitioning, count});
    return {*context_, std::make_shared<ShuffleNode<Policy>>(std::move(seed), std::move(policy))};
  }
  template <bool map_side, class C, class Functions>
  RDD<std::pair<OK, C>> combine(const char* name, Functions functions, std::uint32_t count) const;
  template <class F>
  RDD<owned_t<T>> sorted(const char* name, F f, bool ascending, std::uint32_t count,
                         std::uint64_t partitioning) const;
  template <class Other>
  Partitioning common_partitioning(const Other& other, std::uint32_t count) const;
  RDD<owned_t<T>> partitioned(const Partitioning& wanted) const;
  template <class W, class Op>
  RDD<typename Op::Out> zip_op(const char* name, const RDD<W>& other, Pairing pairing, Op op,
                               std::uint32_t count) const;
  template <class W, class Op>
  auto co_operate(const char* name, const RDD<W>& other, Op op, std::uint32_t count) const;
  std::uint32_t count_or_own(std::uint32_t count) const {
    return count > 0 ? count : std::max(1U, partitions());
  }

  // Once: what it leaves in workers goes with it.
  void adopt() const {
    if (!node_->on_drop) context_->adopt(*node_);
  }

  SparkContext* context_;
  std::shared_ptr<TypedNode<T>> node_;
};

}  // namespace mesolite::spark

#include "frameworks/mini-spark/api/rdd_actions.hpp"
#include "frameworks/mini-spark/api/rdd_pairs.hpp"
#include "frameworks/mini-spark/api/rdd_sources.hpp"
#include "frameworks/mini-spark/api/rdd_statistics.hpp"
#include "frameworks/mini-spark/api/rdd_transformations.hpp"
