// SumTable: adds up a number for each distinct key. This is where word count spends its time.
//
// Open addressing with linear probing over entries of 32 bytes, two to a cache line. A key of at
// most 16 bytes lies in its entry; of a longer one the entry holds the place and the hash. Counting
// is bound by cache misses, so words are looked up in batches: all hashes first, each asking for
// its cache line, then all updates.
//
// Owned and used by one thread; keeps its memory for the next task.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "frameworks/mini-hadoop/engine/arena.hpp"
#include "frameworks/mini-hadoop/engine/key_hash.hpp"
#include "frameworks/mini-hadoop/engine/sort_items.hpp"
#include "mesolite/data/buffer.hpp"

namespace mesolite::hadoop {

// A word as offsets into a text.
struct Word {
  std::uint32_t begin;
  std::uint32_t end;
};

class SumTable {
 public:
  // Of the text that is counted, this many bytes after a word may be read.
  static constexpr std::size_t readable_past = short_key_max;
  static constexpr std::size_t batch_max = 32;

  explicit SumTable(std::size_t memory_max);

  // Whether `batch_max` more words might not fit into the memory allowed. The caller then takes
  // what is there and clears. Long keys may overrun the limit by one batch.
  bool full() {
    if (long_keys_.bytes() > memory_max_ / 2) return true;
    return entries_ + batch_max > entries_max_ && !grow();
  }

  // REQUIRES: !full(); words.size() <= batch_max.
  void count(const char* text, std::span<const Word> words);
  // REQUIRES: !full().
  void add(std::string_view key, std::uint64_t amount);

  std::size_t size() const { return entries_; }
  void clear();
  void release();  // as clear(), and gives the memory back

  // All keys by partition, then by key. Valid until the table changes.
  std::span<const SortItem> sort(std::uint32_t partitions);
  std::string_view key(const SortItem& item) const { return key_of(slots()[item.place]); }
  std::uint64_t sum(const SortItem& item) const { return slots()[item.place].sum; }
  // Asks for the memory of an item that will be read soon.
  void prefetch(const SortItem& item) const { __builtin_prefetch(slots() + item.place); }

 private:
  struct Slot {
    std::uint64_t head;  // first 8 bytes; of a long key its address
    std::uint64_t tail;  // next 8 bytes; of a long key its hash
    std::uint64_t sum;
    std::uint64_t size;  // of the key, plus 1; 0 means that the slot is free
  };
  struct Probe {
    std::uint64_t head;
    std::uint64_t tail;
    std::uint64_t hash;
    std::size_t size;
    const char* text;
  };

  Slot* slots() { return reinterpret_cast<Slot*>(table_.data()); }
  const Slot* slots() const { return reinterpret_cast<const Slot*>(table_.data()); }
  static std::string_view key_of(const Slot& slot);
  static std::uint64_t hash_of(const Slot& slot);
  static bool holds(const Slot& slot, const Probe& probe);
  static Probe probe_for(const char* text, std::size_t size);

  void update(const Probe& probe, std::uint64_t amount);
  bool grow();
  void allocate(std::size_t capacity);

  const std::size_t memory_max_;
  data::Buffer table_;
  std::size_t mask_ = 0;  // capacity - 1; the capacity is a power of two
  std::size_t entries_ = 0;
  std::size_t entries_max_ = 0;  // more would make probing slow
  Arena long_keys_;
  std::vector<SortItem> items_;  // and as many again to sort them
};

}  // namespace mesolite::hadoop
