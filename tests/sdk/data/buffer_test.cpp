// Defends: buffers of every size, from the heap and from the system, keep what they are asked to.
#include "mesolite/data/buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace mesolite::data {
namespace {

constexpr std::size_t kib = 1024;

TEST(Buffers, of_every_size_are_aligned_zeroed_and_writable_to_the_end) {
  for (const std::size_t edge : {std::size_t{128}, 4 * kib, 64 * kib, 2048 * kib}) {
    for (std::size_t capacity = edge - 70; capacity <= edge + 70; ++capacity) {
      Buffer buffer(capacity);
      ASSERT_GE(buffer.capacity(), capacity);
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0U);
      ASSERT_EQ(buffer.data()[capacity - 1], 0);
      buffer.data()[buffer.capacity() - 1] = 'x';
    }
  }
}

TEST(Buffers, keep_their_bytes_while_they_grow) {
  Buffer buffer(10);
  std::size_t kept = 10;
  std::fill_n(buffer.data(), kept, 'k');
  for (std::size_t capacity = 20; capacity < 5000 * kib; capacity *= 3) {
    buffer.grow(capacity, kept);
    ASSERT_EQ(std::count(buffer.data(), buffer.data() + kept, 'k'),
              static_cast<std::ptrdiff_t>(kept));
    std::fill_n(buffer.data(), capacity, 'k');
    kept = capacity;
  }
}

TEST(Buffers, move_with_their_bytes) {
  Buffer first(100);
  first.data()[0] = 'a';
  Buffer second(std::move(first));
  EXPECT_EQ(second.data()[0], 'a');
  Buffer third;
  third = std::move(second);
  EXPECT_EQ(third.data()[0], 'a');
  third.release();
  EXPECT_EQ(third.capacity(), 0U);
  EXPECT_EQ(third.data(), nullptr);
}

}  // namespace
}  // namespace mesolite::data
