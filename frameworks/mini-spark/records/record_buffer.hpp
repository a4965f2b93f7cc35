// RecordBuffer: the records of a batch, of a table or of a cached partition, one after the other.
//
// What std::vector is, but for three things: bool is a record like any other, no record need have a
// default, and what is copied with its bytes grows without being copied (realloc moves pages).
// A resource: movable, owned by one member or frame; not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace mesolite::spark {

template <class T>
class RecordBuffer {
 public:
  RecordBuffer() = default;
  ~RecordBuffer() {
    clear();
    std::free(static_cast<void*>(records_));
  }
  RecordBuffer(RecordBuffer&& other) noexcept { swap(other); }
  RecordBuffer& operator=(RecordBuffer&& other) noexcept {
    swap(other);
    return *this;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t memory() const { return capacity_ * sizeof(T); }  // without what records point to
  T& operator[](std::size_t index) { return records_[index]; }
  const T& operator[](std::size_t index) const { return records_[index]; }
  std::span<T> records() { return {records_, size_}; }
  std::span<const T> records() const { return {records_, size_}; }

  template <class... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    if (size_ == capacity_) [[unlikely]] {
      reserve(std::max<std::size_t>(16, capacity_ * 2));
    }
    T* const place =
        ::new (static_cast<void*>(records_ + size_)) T(std::forward<Arguments>(arguments)...);
    ++size_;
    return *place;
  }

  // REQUIRES: `more` does not lie in this buffer.
  void append(std::span<const T> more) {
    if (more.size() > capacity_ - size_) reserve(std::max(size_ + more.size(), capacity_ * 2));
    std::uninitialized_copy(more.begin(), more.end(), records_ + size_);
    size_ += more.size();
  }

  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    static_assert(alignof(T) <= alignof(std::max_align_t), "records of this alignment");
    if constexpr (moves_by_bytes) {
      void* const moved = std::realloc(static_cast<void*>(records_), capacity * sizeof(T));
      if (moved == nullptr) throw std::bad_alloc();
      records_ = static_cast<T*>(moved);
    } else {
      T* const fresh = static_cast<T*>(std::malloc(capacity * sizeof(T)));
      if (fresh == nullptr) throw std::bad_alloc();
      std::uninitialized_move(records_, records_ + size_, fresh);
      std::destroy(records_, records_ + size_);
      std::free(static_cast<void*>(records_));
      records_ = fresh;
    }
    capacity_ = capacity;
  }

  // Keeps the memory.
  void clear() {
    std::destroy(records_, records_ + size_);
    size_ = 0;
  }

 private:
  static constexpr bool moves_by_bytes =
      std::is_trivially_copy_constructible_v<T> && std::is_trivially_destructible_v<T>;

  void swap(RecordBuffer& other) {
    std::swap(records_, other.records_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  T* records_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace mesolite::spark
