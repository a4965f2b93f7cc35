#include "frameworks/mini-hadoop/engine/record_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace mesolite::hadoop {

bool RecordBuffer::add(std::string_view key, std::string_view value, std::uint32_t partition) {
  const std::size_t size =
      (sizeof(Header) + key.size() + value.size() + alignment - 1) / alignment * alignment;
  const std::size_t needed = used_ + size + 2 * sizeof(SortItem) * (items_ + 1);
  if (needed > items_end_) {
    if (items_ > 0) return false;
    // The capacity may be more than was asked for; what is allowed is not.
    const std::size_t wanted = std::max(needed + sizeof(SortItem), memory_);
    bytes_.reserve(wanted);
    items_end_ = wanted / sizeof(SortItem) * sizeof(SortItem);
  }
  char* const record = bytes_.data() + used_;
  const Header header{static_cast<std::uint32_t>(key.size()),
                      static_cast<std::uint32_t>(value.size())};
  std::memcpy(record, &header, sizeof header);
  key.copy(record + sizeof header, key.size());
  value.copy(record + sizeof header + key.size(), value.size());
  ++items_;
  *(items_end() - items_) = {data::key_prefix(key), partition,
                             static_cast<std::uint32_t>(used_ / alignment)};
  used_ += size;
  return true;
}

void RecordBuffer::clear() {
  used_ = 0;
  items_ = 0;
}

void RecordBuffer::release() {
  clear();
  bytes_.release();
  items_end_ = 0;
}

RecordBuffer::Header RecordBuffer::header(const SortItem& item) const {
  Header header;
  std::memcpy(&header, record(item), sizeof header);
  return header;
}

std::string_view RecordBuffer::key(const SortItem& item) const {
  return {record(item) + sizeof(Header), header(item).key_size};
}

std::string_view RecordBuffer::value(const SortItem& item) const {
  const Header sizes = header(item);
  return {record(item) + sizeof(Header) + sizes.key_size, sizes.value_size};
}

std::span<const SortItem> RecordBuffer::sort(data::KeyComparison comparison) {
  const std::span<SortItem> items{items_end() - items_, items_};
  std::reverse(items.begin(), items.end());  // into the order in which they came
  if (comparison != nullptr) {
    std::stable_sort(items.begin(), items.end(), [&](const SortItem& a, const SortItem& b) {
      if (a.partition != b.partition) return a.partition < b.partition;
      return comparison(key(a), key(b)) < 0;
    });
    return items;
  }
  const auto sorted = sort_by_prefix(items, {items_end() - 2 * items_, items_});
  // Keys of at most eight bytes with the same prefix differ in zeros at their ends alone.
  sort_ties(sorted, [&](const SortItem& a, const SortItem& b) { return key(a) < key(b); });
  return sorted;
}

}  // namespace mesolite::hadoop
