// Node: one RDD of the lineage graph: how to make its partitions from those of its parents.
//
// Nodes are constant but for their storage level and are shared by the handles of the user, by
// their children and by the stages that run them. compute() may run in any number of threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/engine/task_context.hpp"
#include "frameworks/mini-spark/records/pack.hpp"
#include "frameworks/mini-spark/records/sink.hpp"
#include "frameworks/mini-spark/ship/registration.hpp"

namespace mesolite::spark {

// How an RDD's records lie in its partitions: equal kinds with equal counts put equal keys into
// partitions of equal number. 0 = no order that anybody knows, 1 = by hash_of, others are unique.
struct Partitioning {
  std::uint64_t kind = 0;
  std::uint32_t count = 0;
  MESOLITE_FIELDS(kind, count);
};
inline constexpr std::uint64_t unknown_partitioning = 0;
inline constexpr std::uint64_t hash_partitioning = 1;

struct NodeSeed {
  std::uint64_t id = 0;  // unique in the application; a shuffle's id is that of its node
  std::string name;      // "map", "reduce_by_key"
  std::uint32_t partitions = 0;
  Partitioning partitioning = {};
  std::vector<std::shared_ptr<Node>> parents = {};  // none for a shuffle that is only read
};

class Node {
 public:
  explicit Node(NodeSeed seed) : seed_(std::move(seed)) {}
  virtual ~Node() {
    if (on_drop) on_drop(id());
  }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  std::uint64_t id() const { return seed_.id; }
  const std::string& name() const { return seed_.name; }
  std::uint32_t partitions() const { return seed_.partitions; }
  const Partitioning& partitioning() const { return seed_.partitioning; }
  const std::vector<std::shared_ptr<Node>>& parents() const { return seed_.parents; }
  StorageLevel level() const { return level_; }
  void set_level(StorageLevel level) { level_ = level; }

  // Of a shuffle, run() makes the map outputs: one task for each partition of its parent.
  virtual bool is_shuffle() const { return false; }
  // Makes what the driver or other stages get of a partition. REQUIRES: a shuffle or an action.
  virtual void run(TaskContext& task, std::uint32_t partition, Packer& result) const;

  // How the node is made again in another process; save() writes what its maker reads.
  virtual const Registration& registration() const = 0;
  virtual void save(CapturePacker& out) const = 0;

  std::function<void(std::uint64_t id)> on_drop;  // set by the context that made it

 private:
  const NodeSeed seed_;
  std::atomic<StorageLevel> level_ = StorageLevel::none;
};

template <class T>
class TypedBlock final : public CachedBlock {
 public:
  explicit TypedBlock(RecordBuffer<T> records) : records_(std::move(records)) {
    memory = sizeof(*this) + records_.memory();
    if constexpr (!Bits<T>) {
      for (const T& record : records_.records()) memory += memory_of(record) - sizeof(T);
    }
  }
  std::span<const T> records() const { return records_.records(); }

  void save(ChunkFile& file) const override {
    Packer chunk;
    for (const T& record : records_.records()) {
      pack(chunk, record);
      if (chunk.size() < chunk_size) continue;
      file.append(chunk.view());
      chunk.clear();
    }
    if (chunk.size() > 0) file.append(chunk.view());
  }

 private:
  RecordBuffer<T> records_;
};

// Unpacks the records of a chunk into take(record), which may take the record apart.
template <class T, class Take>
void unpack_chunk_apart(std::string_view chunk, const Take& take) {
  Unpacker in(chunk);
  T record{};
  while (in.more()) {
    unpack(in, record);
    if (in.failed()) throw TaskFailure("the records of a chunk are damaged");
    take(record);
  }
}
template <class T, class Take>
void unpack_chunk(std::string_view chunk, const Take& take) {
  unpack_chunk_apart<T>(chunk, [&take](const T& record) { take(record); });
}

// The part of a node that knows of what type its records are.
template <class T>
class TypedNode : public Node {
 public:
  using Node::Node;

  // Makes the partition's records and pushes them, until no more are wanted.
  virtual void compute(TaskContext& task, std::uint32_t partition, Sink<T>& sink) const = 0;

  // As compute, but from the cache if the node is kept there.
  void read(TaskContext& task, std::uint32_t partition, Sink<T>& sink) const {
    if constexpr (Owning<T>) {
      if (level() != StorageLevel::none) return read_cached(task, partition, sink);
    }
    compute(task, partition, sink);
  }

  // read() with a function that takes a batch and says whether more is wanted.
  template <class F>
  void each(TaskContext& task, std::uint32_t partition, F take) const {
    FunctionSink<T, F> sink(take);
    read(task, partition, sink);
  }

 private:
  void read_cached(TaskContext& task, std::uint32_t partition, Sink<T>& sink) const {
    const BlockKey key{id(), partition};
    CacheStore& cache = task.environment().cache;
    CacheStore::Found found = cache.find(key);
    if (found.block || found.file) {
      ++task.metrics.cache_hits;
    } else {
      ++task.metrics.cache_misses;
      found.block = make_block(task, partition);
      if (const auto kept = cache.put(key, level(), found.block)) task.cached.push_back(*kept);
    }
    if (found.block) {
      task.keep(found.block);
      sink.push_held(static_cast<const TypedBlock<T>&>(*found.block).records());
    } else {
      read_file(*found.file, sink);
    }
  }

  std::shared_ptr<const CachedBlock> make_block(TaskContext& task, std::uint32_t partition) const {
    RecordBuffer<T> records;
    auto take = [&](std::span<const T> batch) {
      task.throw_if_stopped();
      records.append(batch);
      return true;
    };
    FunctionSink<T, decltype(take)> sink(take);
    compute(task, partition, sink);
    return std::make_shared<const TypedBlock<T>>(std::move(records));
  }

  static void read_file(const ChunkFile& file, Sink<T>& sink) {
    Emitter<T> out(sink);
    file.read_all([&](std::string_view chunk) {
      unpack_chunk<T>(chunk, [&](const T& record) { out.emit(record); });
    });
    out.flush();
  }
};

}  // namespace mesolite::spark
