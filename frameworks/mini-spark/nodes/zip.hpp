// ZipNode: a partition made of one partition of each of two parents: of equal number (zip, joins of
// what is partitioned alike) or every one with every one (cartesian).
//
// Op as in pipe.hpp, with
//   void run(TaskContext&, Left& left, Right& right, Emitter<Out>& out) const
// where left(f) and right(f) push the batches of their side to f, as often as they are called.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/nodes/map_partitions.hpp"
#include "frameworks/mini-spark/records/flat_table.hpp"

namespace mesolite::spark {

enum class Pairing : std::uint8_t { equal, all };

// One side: a parent's partition.
template <class T>
class Side {
 public:
  Side(const TypedNode<T>& node, TaskContext& task, std::uint32_t partition)
      : node_(node), task_(task), partition_(partition) {}

  template <class F>
  void operator()(F take) const {
    node_.each(task_, partition_, [&](std::span<const T> batch) {
      task_.throw_if_stopped();
      return take(batch);
    });
  }
  void gather(GatherSink<T>& sink) const { node_.read(task_, partition_, sink); }
  std::uint32_t partition() const { return partition_; }

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
    const Side<A> left(left_, task, partition / width);
    const Side<B> right(right_, task, all ? partition % width : partition);
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
    right.gather(gathered);
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
    left.gather(lefts);
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
      throw TaskFailure("zip needs partitions of equal size, but partition " +
                        std::to_string(left.partition()) + " has " + std::to_string(first.size()) +
                        " records on the left and " + std::to_string(at) + " on the right");
    }
  }
};

// All values of each key that one of the sides has.
template <class K, class V, class W>
struct CogroupOp {
  using Groups = std::pair<std::vector<V>, std::vector<W>>;
  using Out = std::pair<K, Groups>;
  MESOLITE_PARTS()
  void run(TaskContext&, const Side<std::pair<K, V>>& left, const Side<std::pair<K, W>>& right,
           Emitter<Out>& out) const {
    FlatTable<K, Groups> table;
    const auto group = [&](const K& key) -> Groups& {
      return *table.find_or_create(key, hash_of(key), [] { return Groups(); }).first;
    };
    left([&](std::span<const std::pair<K, V>> batch) {
      for (const auto& [key, value] : batch) group(key).first.push_back(value);
      return true;
    });
    right([&](std::span<const std::pair<K, W>> batch) {
      for (const auto& [key, value] : batch) group(key).second.push_back(value);
      return true;
    });
    out.pass(table.entries());
  }
};

// f(key, v, w, emit) for each pair of values of equal keys. The left streams past a table of the
// right, so the left may be the large side.
template <class K, class V, class W, class U, class F>
struct JoinOp {
  using Out = U;
  F f;
  MESOLITE_PARTS(f)
  void run(TaskContext&, const Side<std::pair<K, V>>& left, const Side<std::pair<K, W>>& right,
           Emitter<Out>& out) const {
    static constexpr std::uint32_t none = UINT32_MAX;
    FlatTable<K, std::uint32_t> newest;                // number of the key's latest value
    RecordBuffer<std::pair<W, std::uint32_t>> values;  // with the number of the one before
    right([&](std::span<const std::pair<K, W>> batch) {
      for (const auto& [key, value] : batch) {
        std::uint32_t& last = *newest.find_or_create(key, hash_of(key), [] { return none; }).first;
        values.emplace_back(value, std::exchange(last, static_cast<std::uint32_t>(values.size())));
      }
      return true;
    });
    left([&](std::span<const std::pair<K, V>> batch) {
      for (const auto& [key, value] : batch) {
        const std::uint32_t* const last = newest.find(key, hash_of(key));
        for (std::uint32_t at = last != nullptr ? *last : none; at != none;
             at = values[at].second) {
          f(key, value, values[at].first, out);
        }
      }
      return out.open();
    });
  }
};

}  // namespace mesolite::spark
