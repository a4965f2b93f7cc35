#include "tournament.hpp"

#include <algorithm>
#include <bit>

namespace mesolite::hierarchical {

void Tournament::set(Slot slot, const Key& key) {
  if (slot >= capacity_) grow(slot);
  keys_[slot] = key;
  winners_[capacity_ + slot] = slot;
  for (std::size_t node = (capacity_ + slot) / 2; node > 0; node /= 2) play(node);
}

void Tournament::remove(Slot slot) {
  if (slot >= capacity_) return;
  winners_[capacity_ + slot] = nobody;
  for (std::size_t node = (capacity_ + slot) / 2; node > 0; node /= 2) play(node);
}

void Tournament::replay() {
  for (std::size_t node = capacity_; node-- > 1;) play(node);
}

void Tournament::play(std::size_t node) {
  const Slot left = winners_[2 * node];
  const Slot right = winners_[2 * node + 1];
  winners_[node] = beats(right, left) ? right : left;
}

void Tournament::grow(Slot slot) {
  const std::size_t capacity = std::max<std::size_t>(2, std::bit_ceil(std::size_t{slot} + 1));
  std::vector<Slot> winners(2 * capacity, nobody);
  std::copy(winners_.begin() + static_cast<std::ptrdiff_t>(capacity_), winners_.end(),
            winners.begin() + static_cast<std::ptrdiff_t>(capacity));
  winners_ = std::move(winners);
  capacity_ = capacity;
  keys_.resize(capacity);
  replay();
}

}  // namespace mesolite::hierarchical
