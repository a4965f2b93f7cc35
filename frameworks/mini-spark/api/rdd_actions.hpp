// RDD<T>: actions, and what is kept between them. Part of rdd.hpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/api/rdd.hpp"
#include "frameworks/mini-spark/tracker/stage_plan.hpp"

namespace mesolite::spark {

template <class T>
template <class Op>
std::vector<typename Op::Result> RDD<T>::run(const char* name, Op op,
                                             std::vector<std::uint32_t> which) const {
  std::vector<typename Op::Result> results;
  if (which.empty()) return results;
  auto action = std::make_shared<ActionNode<T, Op>>(context_->seed(name, partitions(), {node_}),
                                                    std::move(op));
  for (const std::string& bytes : context_->run(std::move(action), std::move(which))) {
    results.push_back(unpacked<typename Op::Result>(bytes));
  }
  return results;
}

template <class T>
std::string RDD<T>::to_debug_string() const {
  return lineage_text(*node_);
}

template <class T>
std::string RDD<T>::explain() const {
  return stages_text(node_);
}

// ---- kept --------------------------------------------------------------------------------------

template <class T>
const RDD<T>& RDD<T>::persist(StorageLevel level) const {
  static_assert(Owning<T>, "views end with their task: map them to std::string before caching");
  adopt();
  node_->set_level(level);
  return *this;
}

template <class T>
const RDD<T>& RDD<T>::unpersist() const {
  context_->unpersist(*node_);
  return *this;
}

template <class T>
RDD<T> RDD<T>::checkpoint() const {
  const std::string directory =
      context_->checkpoint_directory() + "/rdd-" + std::to_string(node_->id());
  save_as_object_file(directory);
  return context_->template object_file<T>(directory);
}

// ---- records -----------------------------------------------------------------------------------

template <class T>
typename RDD<T>::Collected RDD<T>::collect() const {
  Collected all;
  for (auto& part : run("collect", TakeOp<T>{})) {
    all.insert(all.end(), std::make_move_iterator(part.begin()),
               std::make_move_iterator(part.end()));
  }
  return all;
}

template <class T>
std::uint64_t RDD<T>::count() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t part : run("count", CountOp{})) sum += part;
  return sum;
}

// Few partitions first: the first mostly has enough.
template <class T>
typename RDD<T>::Collected RDD<T>::take(std::uint64_t limit) const {
  Collected taken;
  std::uint32_t next = 0;
  for (std::uint32_t more = 1; taken.size() < limit && next < partitions(); more *= 4) {
    std::vector<std::uint32_t> which(std::min(more, partitions() - next));
    std::iota(which.begin(), which.end(), next);
    next += static_cast<std::uint32_t>(which.size());
    for (auto& part : run("take", TakeOp<T>{limit - taken.size()}, std::move(which))) {
      const auto left =
          static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(limit - taken.size(), part.size()));
      std::move(part.begin(), part.begin() + left, std::back_inserter(taken));
    }
  }
  return taken;
}

template <class T>
owned_t<T> RDD<T>::first() const {
  auto taken = take(1);
  if (taken.empty()) throw SparkError("first() of an RDD without records");
  return std::move(taken.front());
}

template <class T>
template <class Before>
typename RDD<T>::Collected RDD<T>::take_ordered(std::uint64_t limit, Before before) const {
  Collected all;
  for (const auto& part : run("take_ordered", TopOp<T, Before>{limit, before})) {
    all.insert(all.end(), part.begin(), part.end());
  }
  std::sort(all.begin(), all.end(), before);
  if (all.size() > limit) all.resize(limit);
  return all;
}

// ---- sums --------------------------------------------------------------------------------------

template <class T>
template <class F>
T RDD<T>::reduce(F f) const {
  std::optional<T> sum;
  for (auto& part : run("reduce", ReduceOp<T, F>{f})) {
    if (part) sum = sum ? f(std::move(*sum), std::move(*part)) : std::move(*part);
  }
  if (!sum) throw SparkError("reduce() of an RDD without records");
  return std::move(*sum);
}

template <class T>
template <class F>
T RDD<T>::fold(T zero, F f) const {
  T sum = zero;
  for (auto& part : run("fold", AggregateOp<T, T, F>{zero, f})) sum = f(sum, part);
  return sum;
}

template <class T>
template <class C, class Step, class Join>
C RDD<T>::aggregate(C zero, Step step, Join merge) const {
  C sum = zero;
  for (C& part : run("aggregate", AggregateOp<T, C, Step>{zero, std::move(step)})) {
    sum = merge(std::move(sum), std::move(part));
  }
  return sum;
}

template <class T>
T RDD<T>::max() const {
  return reduce([](const T& a, const T& b) { return a < b ? b : a; });
}

template <class T>
T RDD<T>::min() const {
  return reduce([](const T& a, const T& b) { return b < a ? b : a; });
}

template <class T>
T RDD<T>::sum() const requires std::is_arithmetic_v<T> {
  return fold(T{}, [](T a, T b) { return static_cast<T>(a + b); });
}

// ---- for what they do --------------------------------------------------------------------------

template <class T>
template <class F>
void RDD<T>::foreach (F f) const {
  run("foreach", ForeachOp<T, F>{std::move(f)});
}

template <class T>
template <class F>
void RDD<T>::foreach_partition(F f) const {
  run("foreach_partition", ForeachPartitionOp<T, F>{std::move(f)});
}

namespace detail {
inline void need_output(const Status& status) {
  if (!status) throw SparkError(status.error().message);
}
}  // namespace detail

template <class T>
void RDD<T>::save_as_text_file(const std::string& directory) const {
  const std::string path = absolute_path(directory);
  detail::need_output(prepare_output(path));
  run("save_as_text_file", SaveTextOp<T>{path});
  detail::need_output(finish_output(path));
}

template <class T>
void RDD<T>::save_as_object_file(const std::string& directory) const {
  const std::string path = absolute_path(directory);
  detail::need_output(prepare_output(path));
  run("save_as_object_file", SaveObjectOp<T>{path});
  detail::need_output(finish_output(path));
}

}  // namespace mesolite::spark
