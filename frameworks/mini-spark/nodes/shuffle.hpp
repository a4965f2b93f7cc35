// ShuffleNode: the border between two stages. Its map side brings the parent's records to their
// partitions, its reduce side makes the records of a partition of what all maps brought there.
//
// Policy says how, and is what is shipped:
//   using In = …; using Out = …;
//   map_side(MapOutputWriter&)  -> Run: operator()(span<const In>), finish()
//   void reduce(TaskContext&, const ShuffleInput&, Sink<Out>&) const
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/engine/node.hpp"
#include "frameworks/mini-spark/engine/shuffle_reader.hpp"
#include "frameworks/mini-spark/records/hash.hpp"

namespace mesolite::spark {

// One partition of a shuffle, as the reduce side reads it.
struct ShuffleInput {
  std::uint64_t shuffle = 0;
  std::uint32_t partition = 0;

  // Unpacks the records of type R, some at a time, into take(records), which may take them apart.
  template <class R, class Take>
  void each_block(TaskContext& task, const Take& take) const {
    constexpr std::size_t block_size = std::clamp<std::size_t>(16'384 / sizeof(R), 1, 64);
    std::array<R, block_size> block{};
    read_shuffle(task, shuffle, partition, [&](std::string_view chunk) {
      task.throw_if_stopped();
      Unpacker in(chunk);
      while (in.more()) {
        std::size_t count = 0;
        while (count < block.size() && in.more()) unpack(in, block[count++]);
        if (in.failed()) throw TaskFailure("the records of a shuffle are damaged");
        task.metrics.records_read += count;
        take(std::span<R>(block.data(), count));
      }
    });
  }
  template <class R, class Take>
  void each(TaskContext& task, const Take& take) const {
    each_block<R>(task, [&take](std::span<R> records) {
      for (R& record : records) take(record);
    });
  }
};

template <class Policy>
class ShuffleNode final : public TypedNode<typename Policy::Out> {
 public:
  using In = typename Policy::In;
  using Out = typename Policy::Out;

  ShuffleNode(NodeSeed seed, Policy policy)
      : TypedNode<Out>(std::move(seed)), policy_(std::move(policy)) {}

  bool is_shuffle() const override { return true; }

  void run(TaskContext& task, std::uint32_t map, Packer&) const override {
    const auto& parent = static_cast<const TypedNode<In>&>(*this->parents().at(0));
    ShuffleStore& store = task.environment().shuffles;
    MapOutputWriter writer(store, this->partitions(), task.memory());
    auto side = policy_.map_side(writer);
    parent.each(task, map, [&](std::span<const In> batch) {
      task.throw_if_stopped();
      side(batch);
      return true;
    });
    side.finish();
    const auto output = writer.finish();
    task.metrics.shuffle_written += output->file ? output->file->size() : output->memory;
    task.output_lengths = store.keep({this->id(), map, task.place().serial}, output);
  }

  void compute(TaskContext& task, std::uint32_t partition, Sink<Out>& sink) const override {
    policy_.reduce(task, {this->id(), partition}, sink);
  }

  const Registration& registration() const override { return registration_of<ShuffleNode>; }
  void save(CapturePacker& out) const override { pack_capture(out, policy_); }
  static std::shared_ptr<Node> make(Unpacker& in, NodeSeed seed) {
    return std::make_shared<ShuffleNode>(std::move(seed), unpack_capture<Policy>(in));
  }

 private:
  const Policy policy_;
};

// ---- which partition ---------------------------------------------------------------------------

// Of a key: by its hash, as partition_of says.
struct ByHash {
  MESOLITE_PARTS()
  template <class K>
  std::uint32_t operator()(const K&, std::uint64_t hash, std::uint32_t count) const {
    return partition_of(hash, count);
  }
};

// By a user's function of the key; what is too large wraps around.
template <class F>
struct ByFunction {
  F f;
  MESOLITE_PARTS(f)
  template <class K>
  std::uint32_t operator()(const K& key, std::uint64_t, std::uint32_t count) const {
    return static_cast<std::uint32_t>(f(key)) % count;
  }
};

// By where the key lies between the bounds, which ascend: each partition holds one range.
template <class K>
struct ByRange {
  std::vector<K> bounds;
  bool ascending = true;
  MESOLITE_PARTS(bounds, ascending)
  std::uint32_t operator()(const K& key, std::uint64_t, std::uint32_t count) const {
    const auto at = std::lower_bound(bounds.begin(), bounds.end(), key);
    const auto range = static_cast<std::uint32_t>(at - bounds.begin());
    return ascending ? range : count - 1 - range;
  }
};

// ---- records as they are -----------------------------------------------------------------------

// Records of keys to their partitions, nothing else: partition_by.
template <class K, class V, class Part>
struct PartitionPolicy {
  using In = std::pair<K, V>;
  using Out = owned_t<In>;
  Part part;
  MESOLITE_PARTS(part)

  struct Run {
    const Part& part;
    MapOutputWriter& writer;
    void operator()(std::span<const In> batch) {
      for (const In& record : batch) {
        const std::uint64_t hash = hash_of(record.first);
        const std::uint32_t to = part(record.first, hash, writer.partitions());
        pack(writer.open(to), record);
        writer.record_ended(to);
      }
    }
    void finish() {}
  };
  Run map_side(MapOutputWriter& writer) const { return {part, writer}; }

  void reduce(TaskContext& task, const ShuffleInput& input, Sink<Out>& sink) const {
    Emitter<Out> out(sink);
    input.each<Out>(task, [&](const Out& record) { out.emit(record); });
    out.flush();
  }
};

// Records to all partitions in turn: repartition.
template <class T>
struct SpreadPolicy {
  using In = T;
  using Out = owned_t<T>;
  MESOLITE_PARTS()

  struct Run {
    MapOutputWriter& writer;
    std::uint32_t next = 0;
    void operator()(std::span<const In> batch) {
      for (const In& record : batch) {
        pack(writer.open(next), record);
        writer.record_ended(next);
        next = next + 1 == writer.partitions() ? 0 : next + 1;
      }
    }
    void finish() {}
  };
  Run map_side(MapOutputWriter& writer) const { return {writer}; }

  void reduce(TaskContext& task, const ShuffleInput& input, Sink<Out>& sink) const {
    Emitter<Out> out(sink);
    input.each<Out>(task, [&](const Out& record) { out.emit(record); });
    out.flush();
  }
};

}  // namespace mesolite::spark
