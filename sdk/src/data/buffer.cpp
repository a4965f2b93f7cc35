#include "mesolite/data/buffer.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::data {
namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t page_size = 4096;
// Smaller buffers come from the heap: a reduce opens thousands, and each mapping is a system call.
constexpr std::size_t mapped_size_min = std::size_t{64} << 10;
constexpr std::size_t huge_page_size = std::size_t{2} << 20;

std::size_t round_up(std::size_t size, std::size_t unit) {
  return (size + unit - 1) / unit * unit;
}

char* take_from_heap(std::size_t size) {
  void* const bytes = std::aligned_alloc(alignment, size);
  if (bytes == nullptr) throw std::bad_alloc();
  std::memset(bytes, 0, size);
  return static_cast<char*>(bytes);
}

char* map_pages(std::size_t size) {
  void* const pages =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(pages);
}

// A large mapping is cut to start at a huge page, or the kernel cannot use its first one.
char* map_huge_pages(std::size_t size) {
  char* const wide = map_pages(size + huge_page_size);
  const auto address = reinterpret_cast<std::uintptr_t>(wide);
  const std::size_t before = round_up(address, huge_page_size) - address;
  if (before > 0) munmap(wide, before);
  if (before < huge_page_size) munmap(wide + before + size, huge_page_size - before);
  madvise(wide + before, size, MADV_HUGEPAGE);
  return wide + before;
}

}  // namespace

Buffer::~Buffer() {
  release();
}

Buffer::Buffer(Buffer&& other) noexcept
    : bytes_(std::exchange(other.bytes_, nullptr)), capacity_(std::exchange(other.capacity_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

void Buffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  release();
  grow(capacity, 0);
}

void Buffer::grow(std::size_t capacity, std::size_t kept) {
  MESOLITE_CHECK(kept <= capacity_, "only bytes that are there can be kept");
  if (capacity <= capacity_) return;
  Buffer larger;
  if (round_up(capacity, alignment) < mapped_size_min) {
    larger.capacity_ = round_up(capacity, alignment);
    larger.bytes_ = take_from_heap(larger.capacity_);
  } else if (capacity < huge_page_size) {
    larger.capacity_ = round_up(capacity, page_size);
    larger.bytes_ = map_pages(larger.capacity_);
  } else {
    larger.capacity_ = round_up(capacity, huge_page_size);
    larger.bytes_ = map_huge_pages(larger.capacity_);
  }
  if (kept > 0) std::memcpy(larger.bytes_, bytes_, kept);
  *this = std::move(larger);
}

void Buffer::release() {
  if (capacity_ >= mapped_size_min) {
    munmap(bytes_, capacity_);
  } else {
    std::free(bytes_);
  }
  bytes_ = nullptr;
  capacity_ = 0;
}

}  // namespace mesolite::data
