// Buffer: an owned, uninitialised run of bytes for input, output and tables.
//
// From 64 KiB on aligned to a page, because a copy from the page cache into a misaligned buffer is
// several times slower (smaller ones to 64 bytes); large buffers ask for huge pages, because hash
// tables are bound by address translation.
// A resource: owned by one member or frame, reused rather than given back (first touch is slow).
#pragma once

#include <cstddef>

namespace mesolite::data {

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t capacity) { reserve(capacity); }
  ~Buffer();
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  char* data() { return bytes_; }
  const char* data() const { return bytes_; }
  std::size_t capacity() const { return capacity_; }

  // Ensures at least `capacity` bytes; their content is then undefined. Fresh bytes are zero.
  void reserve(std::size_t capacity);
  // As reserve, but the first `kept` bytes stay. REQUIRES: kept <= capacity().
  void grow(std::size_t capacity, std::size_t kept);
  void release();

 private:
  char* bytes_ = nullptr;
  std::size_t capacity_ = 0;
};

}  // namespace mesolite::data
