// ChunkFile: what does not fit in memory, as frames (sdk/data) in a file: map outputs, spilled
// tables, cached blocks on disk. A chunk is some whole records, packed.
//
// Not thread-safe while it is written; afterwards any number of threads may read. Removes its file
// when it goes. Throws TaskFailure when the disk does not do its part.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/data/buffer.hpp"
#include "mesolite/data/file.hpp"
#include "mesolite/data/frame.hpp"

namespace mesolite::spark {

// Chunks are sealed at this size; a longer record makes a longer chunk.
inline constexpr std::size_t chunk_size = std::size_t{64} << 10;

using TakeChunk = std::function<void(std::string_view chunk)>;

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

class ChunkFile {
 public:
  explicit ChunkFile(const std::string& path);
  ~ChunkFile();
  ChunkFile(const ChunkFile&) = delete;
  ChunkFile& operator=(const ChunkFile&) = delete;

  // Appends the chunk as one frame, or as several if it is longer than a frame may be.
  ByteRange append(std::string_view chunk);
  // Appends frames as they lie in another file.
  ByteRange append(const ChunkFile& other, const ByteRange& range);
  void finish();  // no more appends; needed before read()

  void read(const ByteRange& range, const TakeChunk& take) const;
  void read_all(const TakeChunk& take) const { read({0, size_}, take); }

  const std::string& path() const { return file_.path(); }
  std::uint64_t size() const { return size_; }

 private:
  void write(std::string_view bytes);

  data::File file_;
  data::Buffer frame_;
  std::uint64_t size_ = 0;
};

// Takes bytes as they come and hands on the chunks of the frames in them.
class FrameDecoder {
 public:
  FrameDecoder(std::string source, const TakeChunk& take);

  Status add(std::string_view bytes);
  Status finish() const;  // that nothing is left over

 private:
  Status decode_all();
  tl::unexpected<Error> damaged(data::FrameFault fault) const;

  std::string source_;
  const TakeChunk& take_;
  std::string pending_;
  std::string joined_;  // of a chunk that took several frames
  data::Buffer raw_;
};

}  // namespace mesolite::spark
