// FixedSource: a piece of a file of records of one size, as chunks of whole records.
//
// A record belongs to the piece in which its first byte lies. Used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "frameworks/mini-hadoop/input/file_system.hpp"
#include "frameworks/mini-hadoop/input/splits.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/data/buffer.hpp"

namespace mesolite::hadoop {

class FixedSource {
 public:
  // Fails if the file's size is no multiple of `record_size`. `files` and `buffer` outlive the
  // source.
  static Result<FixedSource> open(const FileSystem& files, const Piece& piece, data::Buffer& buffer,
                                  std::size_t record_size);

  // The next records; empty at the end. Valid until the next call.
  Result<std::string_view> next();
  // Where the chunk that next() gave starts in the file.
  std::uint64_t chunk_offset() const { return chunk_offset_; }

 private:
  FixedSource(std::unique_ptr<ReadableFile> file, std::string path, data::Buffer& buffer)
      : file_(std::move(file)), path_(std::move(path)), buffer_(&buffer) {}

  std::unique_ptr<ReadableFile> file_;
  std::string path_;
  data::Buffer* buffer_;
  std::uint64_t position_ = 0;  // of the next record, to end_
  std::uint64_t end_ = 0;
  std::size_t chunk_size_ = 0;
  std::uint64_t chunk_offset_ = 0;
};

}  // namespace mesolite::hadoop
