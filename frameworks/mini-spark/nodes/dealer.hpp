// Dealer: what does not fit in a task's memory, dealt out to files by some bits of its key's hash,
// so that each file can be handled by itself; and dealt out again by other bits if need be, a level
// deeper (a Grace join's way: Kitsuregawa et al. 1983).
//
// Owned and used by the task's thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "frameworks/mini-spark/engine/node.hpp"

namespace mesolite::spark {

template <class Record>
class Dealer {
 public:
  static constexpr std::size_t parts = 16;
  static constexpr unsigned levels = 6;  // deeper ones would use up the bits of a hash

  // REQUIRES: level < levels.
  Dealer(TaskContext& task, unsigned level) : task_(task), shift_(20 + 4 * level) {}

  bool empty() const { return !dealt_[0].file; }

  void add(const Record& record, std::uint64_t hash) {
    Dealt& dealt = dealt_[(hash >> shift_) & (parts - 1)];
    pack(dealt.chunk, record);
    if (dealt.chunk.size() >= chunk_size) write(dealt);
  }
  // What was added is in files then.
  void flush() {
    task_.throw_if_stopped();
    for (Dealt& dealt : dealt_) write(dealt);
  }
  // Takes the records of a part, once: take(record) may take the record apart. REQUIRES: flushed.
  template <class Take>
  void take(std::size_t part, const Take& take) {
    const auto file = std::exchange(dealt_[part].file, nullptr);
    file->finish();
    file->read_all([&](std::string_view chunk) {
      task_.throw_if_stopped();
      unpack_chunk_apart<Record>(chunk, take);
    });
  }

 private:
  struct Dealt {
    std::unique_ptr<ChunkFile> file;
    Packer chunk;
  };
  void write(Dealt& dealt) {
    if (!dealt.file) dealt.file = task_.environment().shuffles.new_file("part");
    if (dealt.chunk.size() == 0) return;
    dealt.file->append(dealt.chunk.view());
    task_.metrics.spilled += dealt.chunk.size();
    dealt.chunk.clear();
  }

  TaskContext& task_;
  const unsigned shift_;
  std::array<Dealt, parts> dealt_;
};

}  // namespace mesolite::spark
