#include "frameworks/mini-spark/engine/cache_store.hpp"

#include <utility>

namespace mesolite::spark {

CacheStore::Found CacheStore::find(const BlockKey& key) {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(key);
  if (at == entries_.end()) return {};
  if (at->second.found.block) used_.splice(used_.end(), used_, at->second.used);
  return at->second.found;
}

std::optional<CachedPartition> CacheStore::put(const BlockKey& key, StorageLevel level,
                                               std::shared_ptr<const CachedBlock> block) {
  const std::lock_guard lock(mutex_);
  CachedPartition kept{key.rdd, key.partition};
  if (entries_.contains(key)) return kept;  // another attempt was first, and has told
  Entry entry{level, {}, {}};
  if (level != StorageLevel::disk && make_room(block->memory, key.rdd)) {
    kept.memory = block->memory;
    memory_ += block->memory;
    entry.found.block = std::move(block);
    entry.used = used_.insert(used_.end(), key);
  } else if (level != StorageLevel::memory) {
    entry.found.file = save(key, *block);
    kept.disk = entry.found.file->size();
  } else {
    return std::nullopt;
  }
  entries_.emplace(key, std::move(entry));
  return kept;
}

bool CacheStore::make_room(std::uint64_t memory, std::uint64_t spared_rdd) {
  if (memory > memory_max_) return false;
  for (auto at = used_.begin(); at != used_.end() && memory_ + memory > memory_max_;) {
    const BlockKey key = *at++;
    if (key.rdd != spared_rdd) evict(key);
  }
  return memory_ + memory <= memory_max_;
}

void CacheStore::evict(const BlockKey& key) {
  const auto at = entries_.find(key);
  Entry& entry = at->second;
  const auto block = std::exchange(entry.found.block, nullptr);
  memory_ -= block->memory;
  used_.erase(entry.used);
  if (entry.level == StorageLevel::memory_and_disk) {
    entry.found.file = save(key, *block);
  } else {
    evicted_.push_back({key.rdd, key.partition, block->memory});
    entries_.erase(at);
  }
}

std::shared_ptr<const ChunkFile> CacheStore::save(const BlockKey& key, const CachedBlock& block) {
  auto file =
      std::make_shared<ChunkFile>(scratch_ + "/rdd-" + std::to_string(key.rdd) + "-" +
                                  std::to_string(key.partition) + "-" + std::to_string(++files_));
  block.save(*file);
  file->finish();
  return file;
}

void CacheStore::drop(std::uint64_t rdd) {
  const std::lock_guard lock(mutex_);
  const auto first = entries_.lower_bound({rdd, 0});
  const auto last = entries_.lower_bound({rdd + 1, 0});
  for (auto at = first; at != last; ++at) {
    if (!at->second.found.block) continue;
    memory_ -= at->second.found.block->memory;
    used_.erase(at->second.used);
  }
  entries_.erase(first, last);
}

std::vector<CachedPartition> CacheStore::take_evicted() {
  const std::lock_guard lock(mutex_);
  return std::exchange(evicted_, {});
}

}  // namespace mesolite::spark
