// ZipNode: a partition made of one partition of each of two parents: of equal number (zip; joins of
// what is partitioned alike, join.hpp) or every one with every one (cartesian).
//
// Op as in pipe.hpp, with
//   void run(TaskContext&, const Side<A>& left, const Side<B>& right, Emitter<Out>& out) const
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "frameworks/mini-spark/nodes/map_partitions.hpp"

namespace mesolite::spark {

enum class Pairing : std::uint8_t { equal, all };

// One side: what there is of a partition.
template <class T>
class Side {
 public:
  virtual ~Side() = default;
  virtual void read(Sink<T>& sink) const = 0;

  // Pushes the batches to take(batch), which says whether more is wanted.
  template <class F>
  void operator()(F take) const {
    FunctionSink<T, F> sink(take);
    read(sink);
  }
};

// A parent's partition.
template <class T>
class PartitionSide final : public Side<T> {
 public:
  PartitionSide(const TypedNode<T>& node, TaskContext& task, std::uint32_t partition)
      : node_(node), task_(task), partition_(partition) {}

  void read(Sink<T>& sink) const override {
    task_.throw_if_stopped();
    node_.read(task_, partition_, sink);
  }

 private:
  const TypedNode<T>& node_;
  TaskContext& task_;
  const std::uint32_t partition_;
};

template <class A, class B, class Op>
class ZipNode final : public TypedNode<typename Op::Out> {
 public:
  using Out = typename Op::Out;

  ZipNode(NodeSeed seed, Pairing pairing, Op op)
      : TypedNode<Out>(std::move(seed)),
        pairing_(pairing),
        op_(std::move(op)),
        left_(static_cast<const TypedNode<A>&>(*this->parents()[0])),
        right_(static_cast<const TypedNode<B>&>(*this->parents()[1])) {}

  void compute(TaskContext& task, std::uint32_t partition, Sink<Out>& sink) const override {
    const bool all = pairing_ == Pairing::all;
    const std::uint32_t width = all ? right_.partitions() : 1;
    const PartitionSide<A> left(left_, task, partition / width);
    const PartitionSide<B> right(right_, task, all ? partition % width : partition);
    Emitter<Out> out(sink);
    op_.run(task, left, right, out);
    out.flush();
  }

  const Registration& registration() const override { return registration_of<ZipNode>; }
  void save(CapturePacker& out) const override {
    pack(out, pairing_);
    pack_capture(out, op_);
  }
  static std::shared_ptr<Node> make(Unpacker& in, NodeSeed seed) {
    Pairing pairing{};
    unpack(in, pairing);
    return std::make_shared<ZipNode>(std::move(seed), pairing, unpack_capture<Op>(in));
  }

 private:
  const Pairing pairing_;
  const Op op_;
  const TypedNode<A>& left_;
  const TypedNode<B>& right_;
};

// Every record of the left with every one of the right; the right is gathered.
template <class A, class B>
struct CartesianOp {
  using Out = std::pair<A, B>;
  MESOLITE_PARTS()
  void run(TaskContext& task, const Side<A>& left, const Side<B>& right, Emitter<Out>& out) const {
    GatherSink<B> gathered(task);
    right.read(gathered);
    const std::span<const B> others = gathered.records();
    left([&](std::span<const A> batch) {
      for (const A& a : batch) {
        for (const B& b : others) out.emit(a, b);
      }
      return out.open();
    });
  }
};

// The first with the first, and so on. Fails unless both sides have as many.
template <class A, class B>
struct ZipOp {
  using Out = std::pair<A, B>;
  MESOLITE_PARTS()
  void run(TaskContext& task, const Side<A>& left, const Side<B>& right, Emitter<Out>& out) const {
    GatherSink<A> lefts(task);
    left.read(lefts);
    const std::span<const A> first = lefts.records();
    std::size_t at = 0;
    right([&](std::span<const B> batch) {
      for (const B& b : batch) {
        if (at < first.size()) out.emit(first[at], b);
        ++at;
      }
      return true;
    });
    if (at != first.size()) {
      throw TaskFailure("zip needs partitions of equal size, but has " +
                        std::to_string(first.size()) + " records on the left and " +
                        std::to_string(at) + " on the right");
    }
  }
};

}  // namespace mesolite::spark
