// Fixed-size numbers in files and on the wire: little endian on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mesolite::data {

template <class Number>
void put_number(char* out, Number number) {
  for (std::size_t byte = 0; byte < sizeof(Number); ++byte) {
    out[byte] = static_cast<char>(number >> (8 * byte));
  }
}

template <class Number>
Number get_number(const char* in) {
  std::uint64_t number = 0;
  for (std::size_t byte = 0; byte < sizeof(Number); ++byte) {
    number |= std::uint64_t{static_cast<unsigned char>(in[byte])} << (8 * byte);
  }
  return static_cast<Number>(number);
}

inline void put_u16(char* out, std::uint16_t number) {
  put_number(out, number);
}
inline void put_u32(char* out, std::uint32_t number) {
  put_number(out, number);
}
inline void put_u64(char* out, std::uint64_t number) {
  put_number(out, number);
}
inline std::uint16_t get_u16(const char* in) {
  return get_number<std::uint16_t>(in);
}
inline std::uint32_t get_u32(const char* in) {
  return get_number<std::uint32_t>(in);
}
inline std::uint64_t get_u64(const char* in) {
  return get_number<std::uint64_t>(in);
}

}  // namespace mesolite::data
