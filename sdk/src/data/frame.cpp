#include "mesolite/data/frame.hpp"

#include <lz4.h>
#include <xxhash.h>

#include "little_endian.hpp"
#include "mesolite/base/check.hpp"

namespace mesolite::data {
namespace {

constexpr std::uint32_t frame_magic = 0x3146534D;  // "MSF1"
constexpr std::uint32_t codec_stored = 0;
constexpr std::uint32_t codec_lz4 = 1;
constexpr std::size_t checked_header_size = 16;

}  // namespace

std::string_view to_text(FrameFault fault) {
  switch (fault) {
    case FrameFault::none:
      return "no fault";
    case FrameFault::truncated:
      return "it ends too early";
    case FrameFault::not_a_frame:
      return "no frame starts here";
    case FrameFault::too_large:
      return "a length is past its limit";
    case FrameFault::checksum:
      return "the checksum does not match";
    case FrameFault::undecodable:
      return "the compressed data does not unpack";
  }
  return "unknown fault";
}

std::size_t frame_size_max(std::size_t raw_size) {
  return frame_header_size +
         static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(raw_size)));
}

std::size_t encode_frame(std::string_view raw, Compression compression, char* out) {
  MESOLITE_CHECK(raw.size() <= frame_raw_max, "a frame has at most frame_raw_max bytes");
  const auto raw_size = static_cast<std::uint32_t>(raw.size());
  char* const payload = out + frame_header_size;
  std::uint32_t codec = codec_stored;
  std::uint32_t stored_size = raw_size;
  if (compression == Compression::lz4) {
    const int bound = LZ4_compressBound(static_cast<int>(raw_size));
    const int packed = LZ4_compress_default(raw.data(), payload, static_cast<int>(raw_size), bound);
    // Unpacking costs the reader time: an eighth saved is the least that is worth it.
    if (packed > 0 && static_cast<std::uint32_t>(packed) < raw_size - raw_size / 8) {
      codec = codec_lz4;
      stored_size = static_cast<std::uint32_t>(packed);
    }
  }
  if (codec == codec_stored) raw.copy(payload, raw.size());
  put_u32(out, frame_magic);
  put_u32(out + 4, raw_size);
  put_u32(out + 8, stored_size);
  put_u32(out + 12, codec);
  const std::uint64_t seed = XXH3_64bits(out, checked_header_size);
  put_u64(out + checked_header_size, XXH3_64bits_withSeed(payload, stored_size, seed));
  return frame_header_size + stored_size;
}

FrameFault decode_frame_header(std::string_view bytes, FrameHeader& header) {
  if (bytes.size() < frame_header_size) return FrameFault::truncated;
  if (get_u32(bytes.data()) != frame_magic) return FrameFault::not_a_frame;
  FrameHeader found;
  found.raw_size = get_u32(bytes.data() + 4);
  found.stored_size = get_u32(bytes.data() + 8);
  found.codec = get_u32(bytes.data() + 12);
  found.seed = XXH3_64bits(bytes.data(), checked_header_size);
  found.checksum = get_u64(bytes.data() + checked_header_size);
  if (found.raw_size > frame_raw_max || found.stored_size > frame_raw_max) {
    return FrameFault::too_large;
  }
  if (found.codec > codec_lz4) return FrameFault::undecodable;
  if (found.codec == codec_stored && found.stored_size != found.raw_size) {
    return FrameFault::undecodable;
  }
  header = found;
  return FrameFault::none;
}

FrameFault decode_frame_payload(const FrameHeader& header, std::string_view payload, Buffer& raw) {
  if (payload.size() < header.stored_size) return FrameFault::truncated;
  if (XXH3_64bits_withSeed(payload.data(), header.stored_size, header.seed) != header.checksum) {
    return FrameFault::checksum;
  }
  raw.reserve(header.raw_size);
  if (header.codec == codec_stored) {
    payload.copy(raw.data(), header.stored_size);
    return FrameFault::none;
  }
  const int unpacked =
      LZ4_decompress_safe(payload.data(), raw.data(), static_cast<int>(header.stored_size),
                          static_cast<int>(header.raw_size));
  const bool whole = unpacked >= 0 && static_cast<std::uint32_t>(unpacked) == header.raw_size;
  return whole ? FrameFault::none : FrameFault::undecodable;
}

}  // namespace mesolite::data
