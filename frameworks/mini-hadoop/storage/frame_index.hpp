// FrameIndex: where the frames of a zstd or lz4 file begin, and how many bytes each stands for. A
// file of several frames that say so (as pzstd writes it, or `lz4 --content-size` and cat) can be
// read from the middle, and so be cut.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "frameworks/mini-hadoop/input/file_system.hpp"
#include "frameworks/mini-hadoop/storage/decoder.hpp"

namespace mesolite::hadoop {

struct CompressedFrame {
  std::uint64_t offset = 0;   // of its first byte in the file
  std::uint64_t size = 0;     // of it there
  std::uint64_t begin = 0;    // of what it stands for in the whole
  std::uint64_t content = 0;  // bytes that it stands for
};

// From headers alone. Nothing: the file is not of such frames, or of one only.
Result<std::optional<std::vector<CompressedFrame>>> index_frames(const ReadableFile& file,
                                                                 Encoding encoding);

}  // namespace mesolite::hadoop
