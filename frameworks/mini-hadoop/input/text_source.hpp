// TextSource: a piece of a text file as large chunks that end at record borders.
//
// A record is what stands between two border bytes. It belongs to the piece in which its first byte
// lies, however far it reaches: so the pieces of a file give each record exactly once, wherever the
// file was cut. The bytes of a piece that begin in the middle of a record belong to the one before.
//
// Used by one thread. Its buffer is the caller's, to be used again for the next piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "frameworks/mini-hadoop/input/file_system.hpp"
#include "frameworks/mini-hadoop/input/splits.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/data/buffer.hpp"

namespace mesolite::hadoop {

// Which bytes end a record: LF, or each byte that isspace() knows in the C locale.
enum class Border { line, whitespace };

// How many bytes after a chunk may be read (not used), so that loops can load whole vectors.
inline constexpr std::size_t text_padding = 64;

class TextSource {
 public:
  struct Options {
    Border border = Border::line;
    std::size_t chunk_size = std::size_t{1} << 20;
    std::size_t record_max = std::size_t{256} << 20;  // a longer record is an error
  };

  // `files` and `buffer` outlive the source.
  static Result<std::unique_ptr<TextSource>> open(const FileSystem& files, const Piece& piece,
                                                  data::Buffer& buffer, Options options);

  // The next chunk: whole records with their borders (the last of a file may lack its own). Empty
  // at the end. Valid until the next call.
  Result<std::string_view> next();
  // Where the chunk that next() gave starts in the file.
  std::uint64_t chunk_offset() const { return chunk_offset_; }

 private:
  TextSource(std::unique_ptr<ReadableFile> file, const Piece& piece, data::Buffer& buffer,
             Options options);

  Result<std::uint64_t> record_start_from(std::uint64_t offset);
  // The first border at or after `from`, or the end; the last border's successor, or 0.
  std::size_t find_border(std::string_view text) const;
  std::size_t cut_after_last_border(std::string_view text) const;
  Status fill();
  void move_to_front(std::size_t end, std::size_t wanted);

  std::unique_ptr<ReadableFile> file_;
  std::string path_;
  data::Buffer& buffer_;
  Options options_;
  // What is still to be read from the file: [position_, end_), both record starts.
  std::uint64_t position_ = 0;
  std::uint64_t end_ = 0;
  // What was read: [text_, text_ + text_size_) of the buffer; the first taken_ bytes were given
  // out.
  std::size_t text_ = 0;
  std::size_t text_size_ = 0;
  std::size_t taken_ = 0;
  std::uint64_t chunk_offset_ = 0;
};

}  // namespace mesolite::hadoop
