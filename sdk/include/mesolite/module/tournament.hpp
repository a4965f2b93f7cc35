// Tournament: which of many contestants has the smallest key, while keys change one at a time.
// Changing one costs the height of a binary tree; finding the best that qualifies looks only at
// contestants with smaller keys than it. Keys are ordered by < and told apart by it. A value.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace mesolite {

template <class Key>
class Tournament {
 public:
  using Slot = std::uint32_t;

  // Takes part from now on, or goes on with another key. Slots are small numbers.
  void set(Slot slot, const Key& key) {
    if (slot >= capacity_) grow(slot);
    keys_[slot] = key;
    winners_[capacity_ + slot] = slot;
    for (std::size_t node = (capacity_ + slot) / 2; node > 0; node /= 2) play(node);
  }
  void remove(Slot slot) {
    if (slot >= capacity_) return;
    winners_[capacity_ + slot] = nobody;
    for (std::size_t node = (capacity_ + slot) / 2; node > 0; node /= 2) play(node);
  }

  // For many at once: keys that are changed count from the next replay() on.
  void change(Slot slot, const Key& key) { keys_[slot] = key; }
  void replay() {
    for (std::size_t node = capacity_; node-- > 1;) play(node);
  }

  // The slot with the smallest key for which qualifies(slot) holds.
  template <class Qualifies>
  std::optional<Slot> best(Qualifies&& qualifies) const {
    Slot found = nobody;
    if (capacity_ > 0) search(1, qualifies, found);
    return found == nobody ? std::nullopt : std::optional(found);
  }

 private:
  static constexpr Slot nobody = ~Slot{0};

  template <class Qualifies>
  void search(std::size_t node, Qualifies& qualifies, Slot& found) const {
    const Slot winner = winners_[node];
    if (winner == nobody || (found != nobody && !beats(winner, found))) return;
    if (qualifies(winner)) {
      found = winner;  // the smallest below this node: no need to look further down
      return;
    }
    if (node >= capacity_) return;
    const std::size_t left = 2 * node;
    const bool left_first = winners_[left] == winner;
    search(left_first ? left : left + 1, qualifies, found);
    search(left_first ? left + 1 : left, qualifies, found);
  }

  bool beats(Slot a, Slot b) const {
    if (a == nobody || b == nobody) return b == nobody;
    return keys_[a] < keys_[b];
  }
  // Decides a node by its two children.
  void play(std::size_t node) {
    const Slot left = winners_[2 * node];
    const Slot right = winners_[2 * node + 1];
    winners_[node] = beats(right, left) ? right : left;
  }
  void grow(Slot slot) {
    const std::size_t capacity = std::max<std::size_t>(2, std::bit_ceil(std::size_t{slot} + 1));
    std::vector<Slot> winners(2 * capacity, nobody);
    std::copy(winners_.begin() + static_cast<std::ptrdiff_t>(capacity_), winners_.end(),
              winners.begin() + static_cast<std::ptrdiff_t>(capacity));
    winners_ = std::move(winners);
    capacity_ = capacity;
    keys_.resize(capacity);
    replay();
  }

  std::size_t capacity_ = 0;   // power of two; leaves are winners_[capacity_ + slot]
  std::vector<Slot> winners_;  // of the subtree below each node; the root is 1
  std::vector<Key> keys_;
};

}  // namespace mesolite
