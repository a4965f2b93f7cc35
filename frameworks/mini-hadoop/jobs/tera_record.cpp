#include "frameworks/mini-hadoop/jobs/tera_record.hpp"

#include <xxhash.h>

#include <algorithm>

namespace mesolite::hadoop {
namespace {

constexpr char printable_first = ' ';
constexpr std::uint64_t printable_count = 95;
constexpr std::size_t row_begin = tera_key_size + 2;
constexpr std::size_t row_digits = 32;
constexpr std::size_t filler_begin = row_begin + row_digits + 2;
constexpr std::size_t filler_end = tera_record_size - 2;
constexpr std::string_view hex = "0123456789ABCDEF";

// The mixing step of Steele, Lea and Flood's SplitMix64.
std::uint64_t mix(std::uint64_t number) {
  number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9ULL;
  number = (number ^ (number >> 27)) * 0x94D049BB133111EBULL;
  return number ^ (number >> 31);
}

// Five printable characters from the high bits of a number.
void put_printable(char* out, std::uint64_t number) {
  for (std::size_t i = 0; i < tera_key_size / 2; ++i) {
    const std::uint64_t product = (number >> 32) * printable_count;
    out[i] = static_cast<char>(printable_first + static_cast<char>(product >> 32));
    number = product << 32 | (number & 0xFFFFFFFF);
  }
}

}  // namespace

TeraRecord make_tera_record(std::uint64_t row) {
  TeraRecord record;
  record.fill(' ');
  const std::uint64_t seed = mix(row + 0x9E3779B97F4A7C15ULL);
  put_printable(record.data(), seed);
  put_printable(record.data() + tera_key_size / 2, mix(seed));
  std::fill_n(record.begin() + row_begin, row_digits, '0');
  for (std::size_t digit = 0; digit < 16; ++digit) {
    record[row_begin + row_digits - 1 - digit] = hex[row >> (4 * digit) & 0xF];
  }
  for (std::size_t at = filler_begin; at < filler_end; at += 4) {
    const char letter = hex[seed >> (4 * ((at - filler_begin) / 4)) & 0xF];
    std::fill_n(record.begin() + static_cast<std::ptrdiff_t>(at), 4, letter);
  }
  record[filler_end] = '\r';
  record[filler_end + 1] = '\n';
  return record;
}

std::uint64_t hash_tera_record(std::string_view record) {
  return XXH3_64bits(record.data(), record.size());
}

}  // namespace mesolite::hadoop
