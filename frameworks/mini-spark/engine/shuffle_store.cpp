#include "frameworks/mini-spark/engine/shuffle_store.hpp"

#include <algorithm>
#include <utility>

namespace mesolite::spark {
namespace {

constexpr std::uint64_t seal_size_min = std::uint64_t{4} << 10;

}  // namespace

std::string block_name(const OutputKey& key, std::uint32_t partition) {
  return "s" + std::to_string(key.shuffle) + ".m" + std::to_string(key.map) + ".a" +
         std::to_string(key.serial) + ".p" + std::to_string(partition);
}

// ---- one output --------------------------------------------------------------------------------

void StoredOutput::read(std::uint32_t partition, const TakeChunk& take) const {
  if (file) return file->read(ranges[partition], take);
  for (const Packer& chunk : chunks[partition]) take(chunk.view());
}

std::vector<std::uint64_t> StoredOutput::lengths() const {
  std::vector<std::uint64_t> lengths(chunks.size());
  for (std::size_t i = 0; i < ranges.size(); ++i) lengths[i] = ranges[i].length;
  return lengths;
}

// ---- all outputs -------------------------------------------------------------------------------

std::vector<std::uint64_t> ShuffleStore::keep(const OutputKey& key,
                                              std::shared_ptr<StoredOutput> output) {
  const std::vector<std::uint64_t> lengths = output->lengths();
  if (options_.blocks != nullptr) {
    for (std::uint32_t partition = 0; partition < output->ranges.size(); ++partition) {
      const ByteRange& range = output->ranges[partition];
      if (range.length == 0) continue;
      options_.blocks->publish(block_name(key, partition),
                               {output->file->path(), range.offset, range.length});
    }
  }
  const std::lock_guard lock(mutex_);
  outputs_[key] = std::move(output);
  return lengths;
}

std::shared_ptr<const StoredOutput> ShuffleStore::find(const OutputKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = outputs_.find(key);
  return found == outputs_.end() ? nullptr : found->second;
}

void ShuffleStore::drop(std::uint64_t shuffle) {
  if (options_.blocks != nullptr) options_.blocks->withdraw("s" + std::to_string(shuffle) + ".");
  std::vector<std::shared_ptr<const StoredOutput>> dropped;  // freed outside of the lock
  const std::lock_guard lock(mutex_);
  const auto first = outputs_.lower_bound({shuffle, 0, 0});
  const auto last = outputs_.lower_bound({shuffle + 1, 0, 0});
  for (auto at = first; at != last; ++at) {
    memory_ -= at->second->memory;
    dropped.push_back(at->second);
  }
  outputs_.erase(first, last);
}

bool ShuffleStore::reserve(std::uint64_t bytes) {
  if (memory_.fetch_add(bytes) + bytes <= options_.memory_max) return true;
  memory_ -= bytes;
  return false;
}

std::unique_ptr<ChunkFile> ShuffleStore::new_file(const std::string& purpose) {
  return std::make_unique<ChunkFile>(options_.scratch + "/" + purpose + "-" +
                                     std::to_string(++files_));
}

// ---- writing -----------------------------------------------------------------------------------

MapOutputWriter::MapOutputWriter(ShuffleStore& store, std::uint32_t partitions,
                                 std::uint64_t memory)
    : store_(store),
      memory_max_(memory / 2),
      seal_size_(std::clamp<std::uint64_t>(memory / 4 / std::max(partitions, 1U), seal_size_min,
                                           chunk_size)),
      open_(partitions),
      sealed_(partitions) {}

void MapOutputWriter::seal(std::uint32_t partition) {
  Packer& chunk = open_[partition];
  if (chunk.size() == 0) return;
  memory_ += chunk.size();
  sealed_[partition].push_back(std::exchange(chunk, Packer()));
  if (memory_ > memory_max_) spill();
}

void MapOutputWriter::spill() {
  if (!spilled_) {
    spilled_ = store_.new_file("spill");
    pieces_.resize(sealed_.size());
  }
  for (std::size_t partition = 0; partition < sealed_.size(); ++partition) {
    ByteRange piece{spilled_->size(), 0};
    for (const Packer& chunk : sealed_[partition]) {
      piece.length += spilled_->append(chunk.view()).length;
    }
    if (piece.length > 0) pieces_[partition].push_back(piece);
    sealed_[partition].clear();
  }
  store_.count_spilled(memory_);
  memory_ = 0;
}

std::shared_ptr<StoredOutput> MapOutputWriter::finish() {
  for (std::uint32_t partition = 0; partition < open_.size(); ++partition) seal(partition);
  auto output = std::make_shared<StoredOutput>();
  if (!spilled_ && !store_.must_serve() && store_.reserve(memory_)) {
    output->memory = memory_;
    output->chunks = std::move(sealed_);
  } else {
    write_file(*output);
  }
  return output;
}

void MapOutputWriter::write_file(StoredOutput& output) {
  output.chunks.resize(sealed_.size());
  output.file = store_.new_file("output");
  if (spilled_) spilled_->finish();
  for (std::size_t partition = 0; partition < sealed_.size(); ++partition) {
    ByteRange range{output.file->size(), 0};
    if (spilled_) {
      for (const ByteRange& piece : pieces_[partition]) output.file->append(*spilled_, piece);
    }
    for (const Packer& chunk : sealed_[partition]) output.file->append(chunk.view());
    range.length = output.file->size() - range.offset;
    output.ranges.push_back(range);
  }
  output.file->finish();
}

}  // namespace mesolite::spark
