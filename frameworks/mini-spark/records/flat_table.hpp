// FlatTable: a hash table whose entries lie one after the other in the order of their coming, so
// that a pass over them is a pass over an array and a batch of a stage at once.
//
// Open addressing, linear probing; a slot holds a part of the hash and the entry's number, so that
// a probe touches one key, the right one nearly always. Keys are never removed. Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/records/hash.hpp"
#include "frameworks/mini-spark/records/record_buffer.hpp"

namespace mesolite::spark {

template <class K, class V>
class FlatTable {
 public:
  using Entry = std::pair<K, V>;

  FlatTable() : slots_(first_slots) {}

  std::size_t size() const { return entries_.size(); }
  std::span<const Entry> entries() const { return entries_.records(); }
  std::span<Entry> entries() { return entries_.records(); }
  // Bytes, without what entries point to.
  std::size_t memory() const { return entries_.memory() + slots_.size() * sizeof(Slot); }

  // The value of the key, or what `create` makes of nothing; second: whether it was made.
  // `key` is of K or of what compares with it and makes one.
  template <class Key, class Create>
  std::pair<V*, bool> find_or_create(const Key& key, std::uint64_t hash, Create&& create) {
    const std::size_t at = probe(key, hash);
    if (slots_[at].entry != 0) return {&entries_[slots_[at].entry - 1].second, false};
    Entry& entry = entries_.emplace_back(K(key), create());
    slots_[at] = {tag(hash), static_cast<std::uint32_t>(entries_.size())};
    if (entries_.size() * 2 > slots_.size()) grow();
    return {&entry.second, true};
  }

  template <class Key>
  V* find(const Key& key, std::uint64_t hash) {
    const std::size_t at = probe(key, hash);
    return slots_[at].entry == 0 ? nullptr : &entries_[slots_[at].entry - 1].second;
  }

  // The place of a key that is looked up soon.
  void prefetch(std::uint64_t hash) const {
    __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }

  // Keeps the memory.
  void clear() {
    entries_.clear();
    std::fill(slots_.begin(), slots_.end(), Slot{});
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t entry = 0;  // number from 1; 0 = free
  };
  static constexpr std::size_t first_slots = 64;

  // Not the bits that chose the slot.
  static std::uint32_t tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 24); }

  template <class Key>
  std::size_t probe(const Key& key, std::uint64_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    for (; slots_[at].entry != 0; at = (at + 1) & mask) {
      if (slots_[at].tag == tag(hash) && equal_keys(entries_[slots_[at].entry - 1].first, key)) {
        break;
      }
    }
    return at;
  }

  void grow() {
    slots_.assign(slots_.size() * 4, Slot{});
    const std::size_t mask = slots_.size() - 1;
    std::uint32_t number = 0;
    for (const Entry& entry : entries_.records()) {
      const std::uint64_t hash = hash_of(entry.first);
      std::size_t at = hash & mask;
      while (slots_[at].entry != 0) at = (at + 1) & mask;
      slots_[at] = {tag(hash), ++number};
    }
  }

  RecordBuffer<Entry> entries_;
  std::vector<Slot> slots_;
};

// Calls add(record, hash of its key) for each record of pairs, with the places that the next ones
// have in the table on their way from memory meanwhile.
template <class Record, class Table, class Add>
void add_ahead(std::span<Record> records, const Table& table, const Add& add) {
  constexpr std::size_t block = 64;
  std::array<std::uint64_t, block> hashes;
  for (std::size_t begin = 0; begin < records.size(); begin += block) {
    const auto part = records.subspan(begin, std::min(block, records.size() - begin));
    for (std::size_t i = 0; i < part.size(); ++i) {
      hashes[i] = hash_of(part[i].first);
      table.prefetch(hashes[i]);
    }
    for (std::size_t i = 0; i < part.size(); ++i) add(part[i], hashes[i]);
  }
}

}  // namespace mesolite::spark
