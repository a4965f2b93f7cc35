// Frame: a block of records as it lies in a spill file and travels to whoever merges it.
//
//   offset  size  field (little endian)
//        0     4  magic "MSF1"
//        4     4  raw size: bytes after decompression, at most frame_raw_max
//        8     4  stored size: bytes of payload that follow the header
//       12     4  codec: 0 as it is, 1 lz4
//       16     8  xxh3 of the payload, seeded with the xxh3 of bytes 0 to 15
//       24        payload
//
// Bytes that come from a disk or a network are never trusted: every length is capped before
// anything is allocated for it, and a changed bit anywhere gives a FrameFault.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mesolite/data/buffer.hpp"

namespace mesolite::data {

inline constexpr std::size_t frame_header_size = 24;
inline constexpr std::size_t frame_raw_max = std::size_t{64} << 20;

enum class FrameFault { none, truncated, not_a_frame, too_large, checksum, undecodable };
std::string_view to_text(FrameFault fault);

enum class Compression { none, lz4 };

struct FrameHeader {
  std::uint32_t raw_size = 0;
  std::uint32_t stored_size = 0;
  std::uint32_t codec = 0;
  std::uint64_t checksum = 0;
  std::uint64_t seed = 0;
};

// The largest frame that `raw_size` bytes can become.
std::size_t frame_size_max(std::size_t raw_size);

// Writes the frame of `raw` to `out` and returns its size. What does not shrink is stored as it is.
// REQUIRES: raw.size() <= frame_raw_max; out has frame_size_max(raw.size()) bytes.
std::size_t encode_frame(std::string_view raw, Compression compression, char* out);

// Reads the header at the start of `bytes`; `header` is set only if the answer is none.
FrameFault decode_frame_header(std::string_view bytes, FrameHeader& header);

// Checks `payload` and unpacks it to raw[0, header.raw_size).
FrameFault decode_frame_payload(const FrameHeader& header, std::string_view payload, Buffer& raw);

}  // namespace mesolite::data
