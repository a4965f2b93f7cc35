// SortItem: what is moved about when records are sorted, in place of the records themselves.
//
// Items are ordered by partition and by the first eight bytes of their keys with a radix sort, from
// the least digit of one byte to the greatest (Knuth, The Art of Computer Programming, volume 3,
// 5.2.5); digits that all items share cost nothing. Only where those eight bytes are equal are
// whole keys compared.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace mesolite::hadoop {

struct SortItem {
  std::uint64_t prefix = 0;  // data::key_prefix of the key
  std::uint32_t partition = 0;
  std::uint32_t place = 0;  // of the record: its owner knows what that means

  friend bool operator==(const SortItem&, const SortItem&) = default;
};

// Sorts by partition, then prefix; what is equal in both keeps its order. The answer is one of the
// two spans, the other one is scratch. REQUIRES: both have the same size.
std::span<SortItem> sort_by_prefix(std::span<SortItem> items, std::span<SortItem> spare);

// Brings the items of each equal partition and prefix into the order that `before(a, b)` says;
// what it calls equal keeps its order. REQUIRES: `items` is sorted by prefix.
template <class Before>
void sort_ties(std::span<SortItem> items, const Before& before) {
  for (auto first = items.begin(); first != items.end();) {
    const auto other = [&](const SortItem& item) {
      return item.prefix != first->prefix || item.partition != first->partition;
    };
    const auto end = std::find_if(first + 1, items.end(), other);
    if (end - first > 1) std::stable_sort(first, end, before);
    first = end;
  }
}

}  // namespace mesolite::hadoop
