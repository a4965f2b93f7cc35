// hash_of: one good 64-bit hash for keys. Its high bits choose the partition, its low bits the
// place in a table. Equal in all processes of one executable.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "frameworks/mini-spark/records/traits.hpp"

namespace mesolite::spark {

// No standard name has it, and every compiler that builds us does.
__extension__ typedef unsigned __int128 Wide;

// The 128-bit product folded: as in wyhash (Wang Yi, public domain).
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline constexpr std::uint64_t hash_seed = 0x9E3779B97F4A7C15ULL;
inline constexpr std::uint64_t hash_factor = 0xE7037ED1A0B428DBULL;

inline std::uint64_t hash_text(std::string_view text) {
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t state = hash_seed ^ left;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  for (; left > 16; at += 16, left -= 16) {
    std::memcpy(&low, at, 8);
    std::memcpy(&high, at + 8, 8);
    state = mix(low ^ hash_factor, high ^ state);
  }
  if (left >= 8) {
    std::memcpy(&low, at, 8);
    std::memcpy(&high, at + left - 8, 8);
  } else if (left >= 4) {
    std::uint32_t half = 0;
    std::memcpy(&half, at, 4);
    low = half;
    std::memcpy(&half, at + left - 4, 4);
    high = half;
  } else if (left > 0) {
    low = static_cast<unsigned char>(at[0]);
    high = static_cast<std::uint64_t>(static_cast<unsigned char>(at[left / 2])) << 8 |
           static_cast<unsigned char>(at[left - 1]);
  }
  return mix(mix(low ^ hash_factor, high ^ state), hash_seed);
}

// Short texts without a call: two words that overlap, as above.
inline bool equal_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto differ = [&]<class Word>(Word, std::size_t at) {
    Word left = 0;
    Word right = 0;
    std::memcpy(&left, a.data() + at, sizeof(Word));
    std::memcpy(&right, b.data() + at, sizeof(Word));
    return left ^ right;
  };
  const std::size_t size = a.size();
  if (size > 16) return a == b;
  if (size >= 8) return (differ(std::uint64_t{}, 0) | differ(std::uint64_t{}, size - 8)) == 0;
  if (size >= 4) return (differ(std::uint32_t{}, 0) | differ(std::uint32_t{}, size - 4)) == 0;
  return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

template <class A, class B>
bool equal_keys(const A& a, const B& b) {
  if constexpr (Text<A> && Text<B>) {
    return equal_text(a, b);
  } else {
    return a == b;
  }
}

template <class T>
std::uint64_t hash_of(const T& key) {
  if constexpr (Text<T>) {
    return hash_text(key);
  } else if constexpr (is_pair<T>) {
    return mix(hash_of(key.first) ^ hash_factor, hash_of(key.second) ^ hash_seed);
  } else if constexpr (is_tuple<T> || Described<T>) {
    std::uint64_t state = hash_seed;
    const auto add = [&](const auto&... parts) {
      ((state = mix(state ^ hash_factor, hash_of(parts) ^ hash_seed)), ...);
    };
    if constexpr (is_tuple<T>) {
      std::apply(add, key);
    } else {
      std::apply(add, tie_fields(key));
    }
    return state;
  } else if constexpr (std::is_floating_point_v<T>) {
    const double wide = key == 0 ? 0.0 : static_cast<double>(key);  // -0 equals 0
    return mix(std::bit_cast<std::uint64_t>(wide) ^ hash_seed, hash_factor);
  } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
    return mix(static_cast<std::uint64_t>(key) ^ hash_seed, hash_factor);
  } else if constexpr (is_optional<T>) {
    return key ? hash_of(*key) + 1 : 0;
  } else {
    std::uint64_t state = hash_seed ^ key.size();
    for (const auto& element : key) state = mix(state ^ hash_factor, hash_of(element) ^ hash_seed);
    return state;
  }
}

// An even share of the hashes for each of `count` partitions. REQUIRES: count > 0.
inline std::uint32_t partition_of(std::uint64_t hash, std::uint32_t count) {
  return static_cast<std::uint32_t>(static_cast<Wide>(hash) * count >> 64);
}

}  // namespace mesolite::spark
