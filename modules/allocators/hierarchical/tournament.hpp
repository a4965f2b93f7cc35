// Tournament: which of many contestants has the smallest key, while keys change one at a time.
// Changing one costs the height of a binary tree; finding the best that qualifies looks only at
// contestants with smaller keys than it. A value.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mesolite::hierarchical {

struct Key {
  double share = 0;
  std::uint64_t allocations = 0;  // ever made
  std::uint64_t order = 0;        // of arrival; unique

  friend auto operator<=>(const Key&, const Key&) = default;
};

class Tournament {
 public:
  using Slot = std::uint32_t;

  // Takes part from now on, or goes on with another key. Slots are small numbers.
  void set(Slot slot, const Key& key);
  void remove(Slot slot);

  // For many at once: keys that are changed count from the next replay() on.
  void change(Slot slot, const Key& key) { keys_[slot] = key; }
  void replay();

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
  void play(std::size_t node);  // decides a node by its two children
  void grow(Slot slot);

  std::size_t capacity_ = 0;   // power of two; leaves are winners_[capacity_ + slot]
  std::vector<Slot> winners_;  // of the subtree below each node; the root is 1
  std::vector<Key> keys_;
};

}  // namespace mesolite::hierarchical
