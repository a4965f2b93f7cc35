// The records of teragen, terasort and teravalidate: 100 bytes, of which the first ten are the key,
// all printable and ending with CR LF, so that line tools can read them too (the layout of
// gensort's -a): key, two blanks, the number of the row in 32 hex digits, two blanks, filler.
//
// A row depends on its number alone, so any task can make any row, and making it again gives the
// same bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mesolite::hadoop {

inline constexpr std::size_t tera_record_size = 100;
inline constexpr std::size_t tera_key_size = 10;

// The name of the counter and of the line in teravalidate's output: the sum of the records' hashes
// modulo 2^64, which tells whether all are still there, in whatever order.
inline constexpr std::string_view tera_checksum = "checksum";

using TeraRecord = std::array<char, tera_record_size>;

TeraRecord make_tera_record(std::uint64_t row);
std::uint64_t hash_tera_record(std::string_view record);

}  // namespace mesolite::hadoop
