// Records inside a frame: [varint key size][varint value size][key][value], one after the other.
// A varint is LEB128: seven bits a byte, lowest first, at most ten bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mesolite::data {

inline constexpr std::size_t varint_size_max = 10;

struct Record {
  std::string_view key;
  std::string_view value;
};

inline char* put_varint(char* out, std::uint64_t number) {
  while (number >= 0x80) {
    *out++ = static_cast<char>(number | 0x80);
    number >>= 7;
  }
  *out++ = static_cast<char>(number);
  return out;
}

// The position after the number, or nullptr if it does not end before `end`.
inline const char* get_varint(const char* at, const char* end, std::uint64_t& number) {
  number = 0;
  for (unsigned shift = 0; at != end && shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return at;
  }
  return nullptr;
}

inline std::size_t record_size_max(std::string_view key, std::string_view value) {
  return 2 * varint_size_max + key.size() + value.size();
}

// The position after the record, or nullptr if it does not end at or before `end`.
inline const char* get_record(const char* at, const char* end, Record& record) {
  std::uint64_t key_size = 0;
  std::uint64_t value_size = 0;
  at = get_varint(at, end, key_size);
  if (at == nullptr) return nullptr;
  at = get_varint(at, end, value_size);
  if (at == nullptr) return nullptr;
  const auto left = static_cast<std::uint64_t>(end - at);
  if (key_size > left || value_size > left - key_size) return nullptr;
  record.key = {at, key_size};
  record.value = {at + key_size, value_size};
  return at + key_size + value_size;
}

}  // namespace mesolite::data
