// The hash of a key: it chooses the key's partition (high bits) and its place in a SumTable (low
// bits). Every executor of a job must agree on it, so it has no seed.
//
// A key of at most 16 bytes is two integers, its bytes padded with zeros, and is hashed by one
// multiplication to 128 bits (the mixing step of Wang Yi's wyhash); a longer one by xxh3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mesolite::hadoop {

inline constexpr std::size_t short_key_max = 16;

struct ShortKey {
  std::uint64_t head = 0;  // bytes 0 to 7
  std::uint64_t tail = 0;  // bytes 8 to 15
};

inline std::uint64_t hash_short(ShortKey key, std::size_t size) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(key.head ^ 0xA0761D6478BD642FULL) *
                       (key.tail ^ 0xE7037ED1A0B428DBULL ^ (std::uint64_t{size} << 56));
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t hash_long(std::string_view key);

// REQUIRES: key.size() <= short_key_max.
inline ShortKey short_key(std::string_view key) {
  char padded[short_key_max] = {};
  std::memcpy(padded, key.data(), key.size());
  ShortKey result;
  std::memcpy(&result, padded, sizeof result);
  return result;
}

inline std::uint64_t hash_key(std::string_view key) {
  return key.size() <= short_key_max ? hash_short(short_key(key), key.size()) : hash_long(key);
}

// In [0, partitions), by multiplication instead of division (Lemire 2016).
inline std::uint32_t partition_of(std::uint64_t hash, std::uint32_t partitions) {
  return static_cast<std::uint32_t>(((hash >> 32) * partitions) >> 32);
}

}  // namespace mesolite::hadoop
