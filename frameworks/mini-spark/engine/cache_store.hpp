// CacheStore: the partitions that this process keeps between jobs, in memory or on disk.
//
// When memory runs short the block that was used longest ago goes (to disk, if its level says so);
// blocks of the RDD that is being stored are spared, since they will be asked for next.
// Owned by the Environment. All members may be called from any thread.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/engine/chunk_file.hpp"
#include "frameworks/mini-spark/records/pack.hpp"

namespace mesolite::spark {

enum class StorageLevel : std::uint8_t { none, memory, memory_and_disk, disk };

// A partition that is kept, or was, and what it takes.
struct CachedPartition {
  std::uint64_t rdd = 0;
  std::uint32_t partition = 0;
  std::uint64_t memory = 0;  // bytes
  std::uint64_t disk = 0;    // bytes
  MESOLITE_FIELDS(rdd, partition, memory, disk);
};

struct BlockKey {
  std::uint64_t rdd = 0;
  std::uint32_t partition = 0;
  friend auto operator<=>(const BlockKey&, const BlockKey&) = default;
};

// The records of a cached partition; what type they are of only the RDD's node knows.
class CachedBlock {
 public:
  virtual ~CachedBlock() = default;
  virtual void save(ChunkFile& file) const = 0;
  std::uint64_t memory = 0;
};

class CacheStore {
 public:
  struct Found {
    std::shared_ptr<const CachedBlock> block;  // in memory
    std::shared_ptr<const ChunkFile> file;     // else on disk; neither: not here
  };

  CacheStore(std::string scratch, std::uint64_t memory_max)
      : scratch_(std::move(scratch)), memory_max_(memory_max) {}

  Found find(const BlockKey& key);
  // How it is kept; nothing if it is not, as a block larger than all memory may not be.
  std::optional<CachedPartition> put(const BlockKey& key, StorageLevel level,
                                     std::shared_ptr<const CachedBlock> block);
  void drop(std::uint64_t rdd);
  std::vector<CachedPartition> take_evicted();  // gone altogether since the last call

 private:
  struct Entry {
    StorageLevel level = StorageLevel::none;
    Found found;
    std::list<BlockKey>::iterator used;  // its place in used_, if in memory
  };

  // REQUIRES: the mutex is held.
  bool make_room(std::uint64_t memory, std::uint64_t spared_rdd);
  void evict(const BlockKey& key);
  std::shared_ptr<const ChunkFile> save(const BlockKey& key, const CachedBlock& block);

  const std::string scratch_;
  const std::uint64_t memory_max_;
  mutable std::mutex mutex_;  // guards all below; held for I/O when blocks move to disk
  std::map<BlockKey, Entry> entries_;
  std::list<BlockKey> used_;  // in memory, the longest unused first
  std::uint64_t memory_ = 0;  // the sum over used_
  std::vector<CachedPartition> evicted_;
  std::uint64_t files_ = 0;  // in the names of files: one may outlive its block
};

}  // namespace mesolite::spark
