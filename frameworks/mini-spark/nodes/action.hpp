// ActionNode: the end of a job: what becomes of a partition's records goes back to the driver.
//
// Op says what, and is what is shipped:
//   using Result = …;                    of one partition; unpacked by the driver
//   start(TaskContext&, partition) -> Run: bool operator()(std::span<const T>), whether more is
//   wanted, and finish() -> Result
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/engine/node.hpp"
#include "frameworks/mini-spark/nodes/map_partitions.hpp"

namespace mesolite::spark {

template <class T, class Op>
class ActionNode final : public Node {
 public:
  ActionNode(NodeSeed seed, Op op)
      : Node(std::move(seed)),
        op_(std::move(op)),
        parent_(static_cast<const TypedNode<T>&>(*this->parents()[0])) {}

  void run(TaskContext& task, std::uint32_t partition, Packer& result) const override {
    auto run = op_.start(task, partition);
    parent_.each(task, partition, [&](std::span<const T> batch) {
      task.throw_if_stopped();
      return run(batch);
    });
    pack(result, run.finish());
  }

  const Registration& registration() const override { return registration_of<ActionNode>; }
  void save(CapturePacker& out) const override { pack_capture(out, op_); }
  static std::shared_ptr<Node> make(Unpacker& in, NodeSeed seed) {
    return std::make_shared<ActionNode>(std::move(seed), unpack_capture<Op>(in));
  }

 private:
  const Op op_;
  const TypedNode<T>& parent_;
};

struct CountOp {
  using Result = std::uint64_t;
  MESOLITE_PARTS()
  struct Run {
    std::uint64_t count = 0;
    template <class T>
    bool operator()(std::span<const T> batch) {
      count += batch.size();
      return true;
    }
    std::uint64_t finish() const { return count; }
  };
  Run start(TaskContext&, std::uint32_t) const { return {}; }
};

// The first `limit` records.
template <class T>
struct TakeOp {
  using Result = std::vector<owned_t<T>>;
  std::uint64_t limit = UINT64_MAX;
  MESOLITE_PARTS(limit)
  struct Run {
    std::uint64_t left;
    Result records = {};
    bool operator()(std::span<const T> batch) {
      const auto taken = batch.first(std::min<std::uint64_t>(batch.size(), left));
      records.insert(records.end(), taken.begin(), taken.end());
      left -= taken.size();
      return left > 0;
    }
    Result finish() { return std::move(records); }
  };
  Run start(TaskContext&, std::uint32_t) const { return {limit}; }
};

// From `zero`, step by step; C may be an optional that is nothing at first.
template <class T, class C, class Step>
struct AggregateOp {
  using Result = C;
  C zero;
  Step step;
  MESOLITE_PARTS(zero, step)
  struct Run {
    const Step& step;
    C value;
    bool operator()(std::span<const T> batch) {
      for (const T& record : batch) value = step(std::move(value), record);
      return true;
    }
    C finish() { return std::move(value); }
  };
  Run start(TaskContext&, std::uint32_t) const { return {step, zero}; }
};

template <class T, class F>
struct ReduceOp {
  using Result = std::optional<T>;
  F f;
  MESOLITE_PARTS(f)
  struct Run {
    const F& f;
    Result value = {};
    bool operator()(std::span<const T> batch) {
      if (batch.empty()) return true;
      if (!value) {
        value = batch.front();
        batch = batch.subspan(1);
      }
      T sum = std::move(*value);
      for (const T& record : batch) sum = f(std::move(sum), record);
      value = std::move(sum);
      return true;
    }
    Result finish() { return std::move(value); }
  };
  Run start(TaskContext&, std::uint32_t) const { return {f}; }
};

// The `count` records that come first, in order. before(a, b) orders.
template <class T, class Before>
struct TopOp {
  using Result = std::vector<T>;
  std::uint64_t count = 0;
  Before before;
  MESOLITE_PARTS(count, before)
  struct Run {
    const TopOp& op;
    Result heap = {};  // the last of the first `count` on top
    bool operator()(std::span<const T> batch) {
      for (const T& record : batch) {
        if (heap.size() == op.count) {
          if (heap.empty() || !op.before(record, heap.front())) continue;
          std::pop_heap(heap.begin(), heap.end(), op.before);
          heap.pop_back();
        }
        heap.push_back(record);
        std::push_heap(heap.begin(), heap.end(), op.before);
      }
      return true;
    }
    Result finish() {
      std::sort_heap(heap.begin(), heap.end(), op.before);
      return std::move(heap);
    }
  };
  Run start(TaskContext&, std::uint32_t) const { return {*this}; }
};

// f(record) for what it does.
template <class T, class F>
struct ForeachOp {
  using Result = bool;
  F f;
  MESOLITE_PARTS(f)
  struct Run {
    const F& f;
    bool operator()(std::span<const T> batch) {
      for (const T& record : batch) f(record);
      return true;
    }
    bool finish() const { return true; }
  };
  Run start(TaskContext&, std::uint32_t) const { return {f}; }
};

// f(all records of the partition).
template <class T, class F>
struct ForeachPartitionOp {
  using Result = bool;
  F f;
  MESOLITE_PARTS(f)
  struct Run {
    const F& f;
    GatherSink<T> gathered;
    bool operator()(std::span<const T> batch) { return gathered.push(batch); }
    bool finish() {
      f(gathered.records());
      return true;
    }
  };
  Run start(TaskContext& task, std::uint32_t) const { return {f, GatherSink<T>(task)}; }
};

}  // namespace mesolite::spark
