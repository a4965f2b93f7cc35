// IndexSet: a set of small numbers as bits, for "which of the thousand": a union, a difference or a
// test over 1,000 numbers reads 16 words. A value.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mesolite {

class IndexSet {
 public:
  using Index = std::uint32_t;

  bool contains(Index index) const {
    return word_of(index) < words_.size() && (words_[word_of(index)] & bit_of(index)) != 0;
  }
  void insert(Index index) {
    if (word_of(index) >= words_.size()) words_.resize(word_of(index) + 1);
    words_[word_of(index)] |= bit_of(index);
  }
  void erase(Index index) {
    if (word_of(index) < words_.size()) words_[word_of(index)] &= ~bit_of(index);
  }
  void set(Index index, bool member) { member ? insert(index) : erase(index); }
  void clear() { words_.clear(); }

  bool empty() const {
    return std::all_of(words_.begin(), words_.end(), [](Word word) { return word == 0; });
  }
  std::size_t count() const {
    std::size_t count = 0;
    for (const Word word : words_) count += static_cast<std::size_t>(std::popcount(word));
    return count;
  }
  bool intersects(const IndexSet& other) const {
    for (std::size_t i = 0; i < std::min(words_.size(), other.words_.size()); ++i) {
      if ((words_[i] & other.words_[i]) != 0) return true;
    }
    return false;
  }

  IndexSet& operator|=(const IndexSet& other) {
    if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
    for (std::size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  IndexSet& operator&=(const IndexSet& other) {
    words_.resize(std::min(words_.size(), other.words_.size()));
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  IndexSet& operator-=(const IndexSet& other) {
    const std::size_t size = std::min(words_.size(), other.words_.size());
    for (std::size_t i = 0; i < size; ++i) words_[i] &= ~other.words_[i];
    return *this;
  }

  // Calls visit(index) in ascending order. The set must not change meanwhile.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (Word word = words_[i]; word != 0; word &= word - 1) {
        visit(static_cast<Index>(i * word_bits + static_cast<std::size_t>(std::countr_zero(word))));
      }
    }
  }

 private:
  using Word = std::uint64_t;
  static constexpr std::size_t word_bits = 64;

  static std::size_t word_of(Index index) { return index / word_bits; }
  static Word bit_of(Index index) { return Word{1} << (index % word_bits); }

  std::vector<Word> words_;  // what lies past the end is not in the set
};

}  // namespace mesolite
