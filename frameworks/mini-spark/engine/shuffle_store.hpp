// ShuffleStore: the map outputs that this process has made, by shuffle, map and attempt.
//
// An output stays in memory while there is room and nobody else must read it; else it lies in a
// file, the bytes of each partition in one range, and is served from there (block_server.hpp).
// Owned by the Environment. All members may be called from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/engine/chunk_file.hpp"
#include "frameworks/mini-spark/records/pack.hpp"
#include "mesolite/data/block_server.hpp"

namespace mesolite::spark {

struct OutputKey {
  std::uint64_t shuffle = 0;
  std::uint32_t map = 0;
  std::uint64_t serial = 0;  // of the attempt that made it; unique
  friend auto operator<=>(const OutputKey&, const OutputKey&) = default;
};

// "s4.m7.a31.p2": the name under which a partition of an output is served.
std::string block_name(const OutputKey& key, std::uint32_t partition);

// One map task's output, complete and constant.
class StoredOutput {
 public:
  std::vector<std::vector<Packer>> chunks;  // by partition, if in memory
  std::unique_ptr<ChunkFile> file;          // else
  std::vector<ByteRange> ranges;            // in the file, by partition
  std::uint64_t memory = 0;

  void read(std::uint32_t partition, const TakeChunk& take) const;
  std::vector<std::uint64_t> lengths() const;  // in the file; 0 for what is in memory
};

struct ShuffleStoreOptions {
  std::string scratch;                  // directory for files
  std::uint64_t memory_max = 0;         // of all outputs that stay in memory
  data::BlockServer* blocks = nullptr;  // serves outputs to others, if there are any
};

class ShuffleStore {
 public:
  explicit ShuffleStore(ShuffleStoreOptions options) : options_(std::move(options)) {}

  // Keeps the output; gives its lengths by partition.
  std::vector<std::uint64_t> keep(const OutputKey& key, std::shared_ptr<StoredOutput> output);
  std::shared_ptr<const StoredOutput> find(const OutputKey& key) const;  // null = not here
  void drop(std::uint64_t shuffle);

  // Whether an output of this size may stay in memory; then it is counted.
  bool reserve(std::uint64_t bytes);
  std::unique_ptr<ChunkFile> new_file(const std::string& purpose);
  bool must_serve() const { return options_.blocks != nullptr; }
  std::uint64_t bytes_spilled() const { return spilled_; }
  void count_spilled(std::uint64_t bytes) { spilled_ += bytes; }

 private:
  const ShuffleStoreOptions options_;
  mutable std::mutex mutex_;  // guards the map; held for moments only
  std::map<OutputKey, std::shared_ptr<const StoredOutput>> outputs_;
  std::atomic<std::uint64_t> memory_ = 0;
  std::atomic<std::uint64_t> files_ = 0;
  std::atomic<std::uint64_t> spilled_ = 0;
};

// Collects the records of one map task by partition. What exceeds `memory` goes to a file.
// Owned and used by the task's thread.
class MapOutputWriter {
 public:
  MapOutputWriter(ShuffleStore& store, std::uint32_t partitions, std::uint64_t memory);

  // Where the next record of the partition is to be packed; then record_ended().
  Packer& open(std::uint32_t partition) { return open_[partition]; }
  void record_ended(std::uint32_t partition) {
    if (open_[partition].size() >= seal_size_) [[unlikely]]
      seal(partition);
  }
  std::uint32_t partitions() const { return static_cast<std::uint32_t>(open_.size()); }

  std::shared_ptr<StoredOutput> finish();

 private:
  void seal(std::uint32_t partition);
  void spill();
  void write_file(StoredOutput& output);

  ShuffleStore& store_;
  const std::uint64_t memory_max_;
  // Of a chunk: smaller when there are so many partitions that open chunks alone would fill it.
  const std::size_t seal_size_;
  std::uint64_t memory_ = 0;  // of the sealed ones
  std::vector<Packer> open_;
  std::vector<std::vector<Packer>> sealed_;
  // What went to the file before: for each partition its pieces in order.
  std::unique_ptr<ChunkFile> spilled_;
  std::vector<std::vector<ByteRange>> pieces_;
};

}  // namespace mesolite::spark
