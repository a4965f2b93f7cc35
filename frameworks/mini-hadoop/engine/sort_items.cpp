#include "frameworks/mini-hadoop/engine/sort_items.hpp"

#include <array>
#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::hadoop {
namespace {

constexpr std::size_t radix = 256;
constexpr std::size_t prefix_digits = 8;
constexpr std::size_t item_digits = prefix_digits + 4;  // then those of the partition
// Below this many items counting digits costs more than comparing.
constexpr std::size_t radix_sort_min = 128;

using Histogram = std::array<std::uint32_t, radix>;

std::size_t digit_of(const SortItem& item, std::size_t digit) {
  const std::uint64_t number = digit < prefix_digits ? item.prefix : item.partition;
  return static_cast<std::size_t>(number >> (8 * (digit % prefix_digits)) & 0xFF);
}

std::array<Histogram, item_digits> count_digits(std::span<const SortItem> items) {
  std::array<Histogram, item_digits> counts{};
  for (const SortItem& item : items) {
    for (std::size_t at = 0; at < item_digits; ++at) ++counts[at][digit_of(item, at)];
  }
  return counts;
}

void scatter(std::span<const SortItem> from, std::span<SortItem> to, std::size_t digit,
             const Histogram& counts) {
  Histogram next{};
  std::uint32_t sum = 0;
  for (std::size_t value = 0; value < radix; ++value) {
    next[value] = sum;
    sum += counts[value];
  }
  for (const SortItem& item : from) to[next[digit_of(item, digit)]++] = item;
}

}  // namespace

std::span<SortItem> sort_by_prefix(std::span<SortItem> items, std::span<SortItem> spare) {
  MESOLITE_CHECK(items.size() == spare.size(), "the scratch has room for every item");
  if (items.size() < radix_sort_min) {
    std::stable_sort(items.begin(), items.end(), [](const SortItem& a, const SortItem& b) {
      return a.partition != b.partition ? a.partition < b.partition : a.prefix < b.prefix;
    });
    return items;
  }
  const auto counts = count_digits(items);
  for (std::size_t digit = 0; digit < item_digits; ++digit) {
    const bool shared = counts[digit][digit_of(items.front(), digit)] == items.size();
    if (shared) continue;
    scatter(items, spare, digit, counts[digit]);
    std::swap(items, spare);
  }
  return items;
}

}  // namespace mesolite::hadoop
