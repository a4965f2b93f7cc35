#include "frameworks/mini-hadoop/engine/sum_table.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "mesolite/base/check.hpp"
#include "mesolite/data/merge.hpp"

namespace mesolite::hadoop {
namespace {

constexpr std::size_t capacity_min = std::size_t{1} << 12;

// Row n keeps the first n of 16 bytes.
constexpr auto make_masks() {
  std::array<ShortKey, short_key_max + 1> masks{};
  for (std::size_t size = 0; size <= short_key_max; ++size) {
    for (std::size_t byte = 0; byte < size; ++byte) {
      std::uint64_t& half = byte < 8 ? masks[size].head : masks[size].tail;
      half |= std::uint64_t{0xFF} << (byte % 8 * 8);
    }
  }
  return masks;
}
constexpr auto masks = make_masks();

}  // namespace

std::uint64_t hash_long(std::string_view key) {
  return XXH3_64bits(key.data(), key.size());
}

SumTable::SumTable(std::size_t memory_max) : memory_max_(memory_max), long_keys_(memory_max) {
  allocate(capacity_min);
}

void SumTable::allocate(std::size_t capacity) {
  table_.reserve(capacity * sizeof(Slot));
  mask_ = capacity - 1;
  entries_max_ = capacity / 2;
}

std::string_view SumTable::key_of(const Slot& slot) {
  const std::size_t size = slot.size - 1;
  if (size <= short_key_max) return {reinterpret_cast<const char*>(&slot.head), size};
  return {reinterpret_cast<const char*>(slot.head), size};
}

std::uint64_t SumTable::hash_of(const Slot& slot) {
  const std::size_t size = slot.size - 1;
  return size <= short_key_max ? hash_short({slot.head, slot.tail}, size) : slot.tail;
}

// Reads readable_past bytes from `text`, whatever the size.
inline SumTable::Probe SumTable::probe_for(const char* text, std::size_t size) {
  if (size > short_key_max) [[unlikely]] {
    const std::uint64_t hash = hash_long({text, size});
    return {0, hash, hash, size, text};
  }
  ShortKey key;
  std::memcpy(&key, text, sizeof key);
  key.head &= masks[size].head;
  key.tail &= masks[size].tail;
  return {key.head, key.tail, hash_short(key, size), size, text};
}

inline bool SumTable::holds(const Slot& slot, const Probe& probe) {
  if (slot.size != probe.size + 1 || slot.tail != probe.tail) return false;
  if (probe.size <= short_key_max) return slot.head == probe.head;
  return std::memcmp(reinterpret_cast<const char*>(slot.head), probe.text, probe.size) == 0;
}

inline void SumTable::update(const Probe& probe, std::uint64_t amount) {
  Slot* const table = slots();
  for (std::size_t at = probe.hash & mask_;; at = (at + 1) & mask_) {
    Slot& slot = table[at];
    if (holds(slot, probe)) {
      slot.sum += amount;
      return;
    }
    if (slot.size == 0) {
      slot = {probe.head, probe.tail, amount, probe.size + 1};
      if (probe.size > short_key_max) {
        char* const place = long_keys_.allocate(probe.size);
        std::memcpy(place, probe.text, probe.size);
        slot.head = reinterpret_cast<std::uint64_t>(place);
      }
      ++entries_;
      return;
    }
  }
}

void SumTable::count(const char* text, std::span<const Word> words) {
  std::array<Probe, batch_max> probes;
  for (std::size_t i = 0; i < words.size(); ++i) {
    probes[i] = probe_for(text + words[i].begin, words[i].end - words[i].begin);
    __builtin_prefetch(slots() + (probes[i].hash & mask_), 1);
  }
  for (std::size_t i = 0; i < words.size(); ++i) update(probes[i], 1);
}

void SumTable::add(std::string_view key, std::uint64_t amount) {
  if (key.size() > short_key_max) {
    update(probe_for(key.data(), key.size()), amount);
  } else {
    const ShortKey small = short_key(key);
    update({small.head, small.tail, hash_short(small, key.size()), key.size(), key.data()}, amount);
  }
}

bool SumTable::grow() {
  const std::size_t capacity = 2 * (mask_ + 1);
  // While it grows the old table is there too, half as large; and sorting takes an entry for each
  // key, of which there are at most half as many as slots.
  static_assert(2 * sizeof(SortItem) == sizeof(Slot));
  const std::size_t peak = capacity * sizeof(Slot) * 3 / 2 + long_keys_.bytes();
  if (peak > memory_max_) return false;
  data::Buffer old;
  std::swap(old, table_);
  const std::size_t old_capacity = mask_ + 1;
  allocate(capacity);
  const auto* const from = reinterpret_cast<const Slot*>(old.data());
  for (std::size_t i = 0; i < old_capacity; ++i) {
    if (from[i].size == 0) continue;
    std::size_t at = hash_of(from[i]) & mask_;
    while (slots()[at].size != 0) at = (at + 1) & mask_;
    slots()[at] = from[i];
  }
  return true;
}

void SumTable::clear() {
  std::memset(table_.data(), 0, (mask_ + 1) * sizeof(Slot));
  entries_ = 0;
  long_keys_.clear();
}

void SumTable::release() {
  table_.release();
  items_ = {};
  long_keys_.release();
  entries_ = 0;
  allocate(capacity_min);
}

std::span<const SortItem> SumTable::sort(std::uint32_t partitions) {
  items_.resize(2 * entries_);
  std::size_t next = 0;
  for (std::size_t at = 0; at <= mask_; ++at) {
    const Slot& slot = slots()[at];
    if (slot.size == 0) continue;
    items_[next++] = {data::key_prefix(key_of(slot)), partition_of(hash_of(slot), partitions),
                      static_cast<std::uint32_t>(at)};
  }
  const std::span<SortItem> all(items_);
  const auto sorted = sort_by_prefix(all.first(entries_), all.last(entries_));
  sort_ties(sorted, [this](const SortItem& a, const SortItem& b) { return key(a) < key(b); });
  return sorted;
}

}  // namespace mesolite::hadoop
