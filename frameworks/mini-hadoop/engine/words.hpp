// Where the words of a text begin and end: 64 bytes at a time, one bit for each whitespace byte.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace mesolite::hadoop {

inline constexpr std::size_t word_block = 64;

// Bit i says whether text[i] is one of the six bytes that isspace() knows in the C locale: blank
// and 9 to 13.
inline std::uint64_t whitespace_bits(const char* text) {
  std::uint64_t bits = 0;
#if defined(__SSE2__)
  const __m128i blank = _mm_set1_epi8(' ');
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i range = _mm_set1_epi8('\r' - '\t');
  for (unsigned part = 0; part < word_block / 16; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + 16 * part));
    const __m128i past_tab = _mm_sub_epi8(bytes, tab);
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(past_tab, range), past_tab);
    const __m128i spaces = _mm_or_si128(_mm_cmpeq_epi8(bytes, blank), controls);
    const auto found = static_cast<std::uint32_t>(_mm_movemask_epi8(spaces));
    bits |= std::uint64_t{found} << (16 * part);
  }
#else
  for (unsigned i = 0; i < word_block; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool space = byte == ' ' || static_cast<unsigned char>(byte - '\t') <= '\r' - '\t';
    bits |= std::uint64_t{space} << i;
  }
#endif
  return bits;
}

// Calls edge(position) for each change between whitespace and word, the places before and after
// the text counting as whitespace: so the edges are begin, end, begin, end, … of its words.
// REQUIRES: word_block bytes after the text can be read; its size is below 2^32.
template <class Edge>
void for_each_word_edge(const char* text, std::size_t size, Edge&& edge) {
  std::uint64_t before = 1;  // whether the byte before the block is whitespace
  std::size_t block = 0;
  for (; block < size; block += word_block) {
    std::uint64_t spaces = whitespace_bits(text + block);
    if (size - block < word_block) spaces |= ~std::uint64_t{0} << (size - block);
    std::uint64_t edges = spaces ^ (spaces << 1 | before);
    before = spaces >> (word_block - 1);
    while (edges != 0) {
      edge(static_cast<std::uint32_t>(block + static_cast<unsigned>(std::countr_zero(edges))));
      edges &= edges - 1;
    }
  }
  if (before == 0) edge(static_cast<std::uint32_t>(size));
}

}  // namespace mesolite::hadoop
