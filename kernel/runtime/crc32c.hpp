// CRC-32C (Castagnoli; RFC 3720, appendix B.4): tells a damaged piece of a file from a whole one.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mesolite::runtime {

inline constexpr std::array<std::uint32_t, 256> crc32c_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0x82f63b78u : 0u);
    table[byte] = rest;
  }
  return table;
}();

// Of `bytes` behind what `before` is the checksum of.
constexpr std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) {
  std::uint32_t rest = ~before;
  for (const char byte : bytes) {
    rest = (rest >> 8) ^ crc32c_table[(rest ^ static_cast<unsigned char>(byte)) & 0xff];
  }
  return ~rest;
}

}  // namespace mesolite::runtime
