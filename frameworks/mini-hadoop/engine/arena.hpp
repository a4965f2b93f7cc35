// Arena: room for many short runs of bytes that all go at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "mesolite/data/buffer.hpp"

namespace mesolite::hadoop {

class Arena {
 public:
  // `memory`: what its owner may use in all; pieces are small beside it.
  explicit Arena(std::size_t memory)
      : piece_(std::clamp(memory / 16, std::size_t{4} << 10, std::size_t{1} << 20)) {}

  // Uninitialised; stays where it is until clear().
  char* allocate(std::size_t size) {
    if (pieces_.empty() || pieces_.back().capacity() - used_ < size) {
      pieces_.emplace_back(std::max(piece_, size));
      bytes_ += pieces_.back().capacity();
      used_ = 0;
    }
    char* const place = pieces_.back().data() + used_;
    used_ += size;
    return place;
  }

  std::size_t bytes() const { return bytes_; }  // of memory taken

  void release() {
    pieces_.clear();
    bytes_ = 0;
    used_ = 0;
  }

  // Keeps the first piece: fresh memory is slow.
  void clear() {
    if (pieces_.size() > 1) pieces_.resize(1);
    bytes_ = pieces_.empty() ? 0 : pieces_.front().capacity();
    used_ = 0;
  }

 private:
  std::size_t piece_;
  std::vector<data::Buffer> pieces_;  // those before the last are full
  std::size_t used_ = 0;              // of the last
  std::size_t bytes_ = 0;
};

}  // namespace mesolite::hadoop
