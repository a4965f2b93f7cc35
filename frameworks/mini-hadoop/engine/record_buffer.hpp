// RecordBuffer: pairs in one piece of memory of a fixed size, to be sorted and spilled when full.
//
//   [ records, one after the other ──>      free      <── scratch for sorting │ <── sort items ]
//
// Records grow from the front, their sort items from the back, and as much room as the items take
// is kept free for sorting them: so the memory allowed is never exceeded, and nothing is copied to
// grow. (Hadoop's map output buffer has the same two ends.)
//
// Owned and used by one thread; keeps its memory for the next task.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "frameworks/mini-hadoop/engine/sort_items.hpp"
#include "mesolite/data/buffer.hpp"
#include "mesolite/data/merge.hpp"

namespace mesolite::hadoop {

class RecordBuffer {
 public:
  // `memory`: in bytes, taken when the first pair comes.
  explicit RecordBuffer(std::size_t memory) : memory_(memory) {}

  // Whether there was room. A pair that is larger than the whole memory fits into an empty buffer.
  bool add(std::string_view key, std::string_view value, std::uint32_t partition);
  std::size_t size() const { return items_; }
  void clear();
  void release();  // gives the memory back

  // All pairs by partition, then by key (unsigned bytes if there is no comparison); equal keys in
  // the order in which they came. Valid until the next call of add() or clear().
  std::span<const SortItem> sort(data::KeyComparison comparison);
  std::string_view key(const SortItem& item) const;
  std::string_view value(const SortItem& item) const;
  // Asks for the memory of an item that will be read soon.
  void prefetch(const SortItem& item) const {
    __builtin_prefetch(record(item));
    __builtin_prefetch(record(item) + 64);
  }

 private:
  struct Header {
    std::uint32_t key_size;
    std::uint32_t value_size;
  };
  static constexpr std::size_t alignment = 8;  // of a record; places count in units of it

  const char* record(const SortItem& item) const {
    return bytes_.data() + std::size_t{item.place} * alignment;
  }
  Header header(const SortItem& item) const;
  SortItem* items_end() { return reinterpret_cast<SortItem*>(bytes_.data() + items_end_); }

  const std::size_t memory_;
  data::Buffer bytes_;
  std::size_t used_ = 0;       // by records, a multiple of the alignment
  std::size_t items_ = 0;      // below items_end_, the newest lowest
  std::size_t items_end_ = 0;  // offset
};

}  // namespace mesolite::hadoop
