// How records become bytes and come back: for shuffles, results, cached blocks on disk, captures.
//
// Both ends are the same executable (build ids are compared), so numbers are written as they lie in
// memory; the rest is what cannot be trusted: lengths are checked against what is there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "frameworks/mini-spark/records/traits.hpp"
#include "mesolite/data/records.hpp"

namespace mesolite::spark {

// Bytes that grow at their end. Movable; not thread-safe.
class Packer {
 public:
  std::size_t size() const { return size_; }
  std::string_view view() const { return {bytes_.get(), size_}; }
  std::string text() const { return std::string(view()); }
  void clear() { size_ = 0; }  // keeps the memory

  void raw(const void* from, std::size_t size) {
    if (size == 0) return;
    std::memcpy(room(size), from, size);
    size_ += size;
  }
  void number(std::uint64_t value) {
    char* const at = room(data::varint_size_max);
    size_ += static_cast<std::size_t>(data::put_varint(at, value) - at);
  }

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };

  char* room(std::size_t size) {
    if (size > capacity_ - size_) [[unlikely]]
      grow(size);
    return bytes_.get() + size_;
  }
  void grow(std::size_t size) {
    const std::size_t capacity = std::max({std::size_t{256}, capacity_ * 2, size_ + size});
    char* const moved = static_cast<char*>(std::realloc(bytes_.get(), capacity));
    if (moved == nullptr) throw std::bad_alloc();
    static_cast<void>(bytes_.release());
    bytes_.reset(moved);
    capacity_ = capacity;
  }

  std::unique_ptr<char, Free> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// Reads what a Packer wrote. After a failure everything reads as nothing.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool more() const { return at_ != end_; }
  bool failed() const { return failed_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  void raw(void* into, std::size_t size) {
    if (size > left()) [[unlikely]]
      return fail();
    if (size == 0) return;
    std::memcpy(into, at_, size);
    at_ += size;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    const char* const next = data::get_varint(at_, end_, value);
    if (next == nullptr) [[unlikely]] {
      fail();
      return 0;
    }
    at_ = next;
    return value;
  }
  std::string_view bytes(std::uint64_t size) {
    if (size > left()) [[unlikely]] {
      fail();
      return {};
    }
    const std::string_view found(at_, size);
    at_ += size;
    return found;
  }
  void fail() {
    failed_ = true;
    at_ = end_;
  }

 private:
  const char* at_;
  const char* end_;
  bool failed_ = false;
};

namespace detail {
template <class T>
inline constexpr bool never = false;
}  // namespace detail

template <class T>
void pack(Packer& out, const T& record) {
  if constexpr (Text<T>) {
    out.number(record.size());
    out.raw(record.data(), record.size());
  } else if constexpr (is_pair<T>) {
    pack(out, record.first);
    pack(out, record.second);
  } else if constexpr (is_tuple<T>) {
    std::apply([&](const auto&... parts) { (pack(out, parts), ...); }, record);
  } else if constexpr (Described<T>) {
    std::apply([&](const auto&... parts) { (pack(out, parts), ...); }, tie_fields(record));
  } else if constexpr (is_optional<T>) {
    pack(out, record.has_value());
    if (record) pack(out, *record);
  } else if constexpr (Container<T>) {
    out.number(record.size());
    for (const auto& element : record) pack(out, element);
  } else if constexpr (Bits<T>) {
    out.raw(&record, sizeof(T));
  } else {
    static_assert(detail::never<T>,
                  "records that leave a task must be trivially copyable, texts, pairs, tuples, "
                  "optionals or containers of such, or structs with MESOLITE_FIELDS");
  }
}

template <class T>
void unpack(Unpacker& in, T& record) {
  static_assert(!std::same_as<T, std::string_view>, "a view cannot own what comes from elsewhere");
  if constexpr (std::same_as<T, std::string>) {
    record.assign(in.bytes(in.number()));
  } else if constexpr (is_pair<T>) {
    unpack(in, record.first);
    unpack(in, record.second);
  } else if constexpr (is_tuple<T>) {
    std::apply([&](auto&... parts) { (unpack(in, parts), ...); }, record);
  } else if constexpr (Described<T>) {
    std::apply([&](auto&... parts) { (unpack(in, parts), ...); }, tie_fields(record));
  } else if constexpr (is_optional<T>) {
    bool there = false;
    unpack(in, there);
    record.reset();
    if (there) unpack(in, record.emplace());
  } else if constexpr (Container<T>) {
    record = T();
    const std::uint64_t size = in.number();
    if constexpr (requires { record.reserve(size); }) record.reserve(std::min(size, in.left()));
    for (std::uint64_t i = 0; i < size && !in.failed(); ++i) {
      // Keys of maps are const in the maps themselves.
      if constexpr (requires { typename T::mapped_type; }) {
        std::pair<typename T::key_type, typename T::mapped_type> entry;
        unpack(in, entry);
        record.insert(record.end(), std::move(entry));
      } else {
        typename T::value_type element{};
        unpack(in, element);
        record.insert(record.end(), std::move(element));
      }
    }
  } else if constexpr (Bits<T>) {
    in.raw(&record, sizeof(T));
  } else {
    static_assert(detail::never<T>, "this type cannot come back from its bytes");
  }
}

template <class T>
T unpacked(std::string_view bytes) {
  Unpacker in(bytes);
  T record{};
  unpack(in, record);
  if (in.failed() || in.more()) throw std::runtime_error("bytes of a record are damaged");
  return record;
}

}  // namespace mesolite::spark
