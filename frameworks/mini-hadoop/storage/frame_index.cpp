#include "frameworks/mini-hadoop/storage/frame_index.hpp"

#include <array>
#include <string_view>

namespace mesolite::hadoop {
namespace {

constexpr std::uint32_t zstd_magic = 0xFD2FB528;
constexpr std::uint32_t lz4_magic = 0x184D2204;
constexpr std::uint32_t skippable_magic = 0x184D2A50;  // its last four bits are free
constexpr std::size_t frame_header_max = 19;

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = size; i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

// Reads small pieces of a file; what lies past its end is zero, and noticed as too short.
class HeaderReader {
 public:
  explicit HeaderReader(const ReadableFile& file) : file_(file) {}

  Result<std::string_view> at(std::uint64_t offset, std::size_t size) {
    bytes_.fill('\0');
    const auto got = file_.read_at(offset, bytes_.data(), size);
    if (!got) return tl::unexpected(got.error());
    return std::string_view{bytes_.data(), size};
  }

 private:
  const ReadableFile& file_;
  std::array<char, frame_header_max> bytes_{};
};

// What the header of a frame says; both formats are the same in kind.
struct FrameShape {
  std::uint64_t header = 0;              // bytes
  std::optional<std::uint64_t> content;  // bytes that it stands for
  std::uint64_t trailer = 0;             // bytes of its checksum
  std::uint64_t block_checksum = 0;      // bytes after each block
};

// RFC 8878, 3.1.1.1.
FrameShape zstd_shape(std::string_view bytes) {
  const auto descriptor = static_cast<unsigned char>(bytes[4]);
  const bool single_segment = (descriptor & 0x20) != 0;
  constexpr std::array<std::size_t, 4> dictionary_sizes = {0, 1, 2, 4};
  constexpr std::array<std::size_t, 4> content_sizes = {0, 2, 4, 8};
  std::size_t at = 5 + (single_segment ? 0 : 1) + dictionary_sizes[descriptor & 3];
  std::size_t size = content_sizes[descriptor >> 6];
  if (size == 0 && single_segment) size = 1;
  FrameShape shape;
  if (size > 0) shape.content = little_endian(bytes, at, size) + (size == 2 ? 256 : 0);
  shape.header = at + size;
  shape.trailer = (descriptor & 4) != 0 ? 4 : 0;
  return shape;
}

// lz4_Frame_format.md, "Frame Descriptor".
FrameShape lz4_shape(std::string_view bytes) {
  const auto flags = static_cast<unsigned char>(bytes[4]);
  FrameShape shape;
  shape.header = 7;
  if ((flags & 0x08) != 0) {
    shape.content = little_endian(bytes, 6, 8);
    shape.header += 8;
  }
  if ((flags & 0x01) != 0) shape.header += 4;
  shape.trailer = (flags & 0x04) != 0 ? 4 : 0;
  shape.block_checksum = (flags & 0x10) != 0 ? 4 : 0;
  return shape;
}

// Where the frame whose blocks begin at `at` ends.
Result<std::uint64_t> end_of_blocks(HeaderReader& reader, std::uint64_t at, std::uint64_t file_size,
                                    const FrameShape& shape, Encoding encoding) {
  while (at < file_size) {
    const bool zstd = encoding == Encoding::zstd;
    const auto bytes = reader.at(at, zstd ? 3 : 4);
    if (!bytes) return tl::unexpected(bytes.error());
    const std::uint64_t head = little_endian(*bytes, 0, bytes->size());
    at += bytes->size();
    if (!zstd && head == 0) break;
    // A repeated byte (type 1 of zstd) is stored once.
    const bool repeated = zstd && (head >> 1 & 3) == 1;
    at += zstd ? (repeated ? 1 : head >> 3) : (head & 0x7FFFFFFF) + shape.block_checksum;
    if (zstd && (head & 1) != 0) break;
  }
  return at + shape.trailer;
}

}  // namespace

Result<std::optional<std::vector<CompressedFrame>>> index_frames(const ReadableFile& file,
                                                                 Encoding encoding) {
  using Index = std::optional<std::vector<CompressedFrame>>;
  if (encoding != Encoding::zstd && encoding != Encoding::lz4) return Index{};
  const std::uint32_t magic = encoding == Encoding::zstd ? zstd_magic : lz4_magic;
  HeaderReader reader(file);
  std::vector<CompressedFrame> frames;
  std::uint64_t begin = 0;
  for (std::uint64_t at = 0; at < file.size();) {
    const auto bytes = reader.at(at, frame_header_max);
    if (!bytes) return tl::unexpected(bytes.error());
    const auto found = static_cast<std::uint32_t>(little_endian(*bytes, 0, 4));
    if ((found & 0xFFFFFFF0) == skippable_magic) {
      at += 8 + little_endian(*bytes, 4, 4);
      continue;
    }
    if (found != magic) return Index{};
    const FrameShape shape = encoding == Encoding::zstd ? zstd_shape(*bytes) : lz4_shape(*bytes);
    if (!shape.content) return Index{};
    const auto end = end_of_blocks(reader, at + shape.header, file.size(), shape, encoding);
    if (!end) return tl::unexpected(end.error());
    if (*end > file.size()) return failure("it ends in the middle of a frame");
    frames.push_back({at, *end - at, begin, *shape.content});
    begin += *shape.content;
    at = *end;
  }
  if (frames.size() < 2) return Index{};
  return Index(std::move(frames));
}

}  // namespace mesolite::hadoop
