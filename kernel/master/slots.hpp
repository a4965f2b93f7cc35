// Slots: a dense table that owns its items and finds them by handle. Handles count up from 1 and
// are never used again, so a stale one finds nothing. Iteration is in the order of arrival.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace mesolite::master {

template <class Handle, class T>
class Slots {
 public:
  // Also sets the item's handle.
  T& add(std::unique_ptr<T> item) {
    items_.push_back(std::move(item));
    items_.back()->handle = Handle{items_.size()};
    ++size_;
    return *items_.back();
  }

  T* find(Handle handle) const {
    const bool given = handle.value >= 1 && handle.value <= items_.size();
    return given ? items_[handle.value - 1].get() : nullptr;
  }

  // REQUIRES: find(handle) is not null.
  std::unique_ptr<T> take(Handle handle) {
    --size_;
    return std::move(items_[handle.value - 1]);
  }
  void remove(Handle handle) { take(handle); }

  std::size_t size() const { return size_; }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& item : items_) {
      if (item) visit(*item);
    }
  }

 private:
  std::vector<std::unique_ptr<T>> items_;  // null = removed
  std::size_t size_ = 0;
};

}  // namespace mesolite::master
