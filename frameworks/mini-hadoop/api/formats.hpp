// How records come out of files and go into them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "frameworks/mini-hadoop/api/classes.hpp"
#include "frameworks/mini-hadoop/input/file_system.hpp"
#include "frameworks/mini-hadoop/input/splits.hpp"

namespace mesolite::hadoop {

// The records of one piece of a file. Used by one thread.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  virtual Result<bool> next(InputRecord& record) = 0;  // false after the last
};

class InputFormat {
 public:
  virtual ~InputFormat() = default;
  // Whether this file may be cut; if not, it is one piece.
  virtual bool splittable(const std::string& /*path*/) const { return true; }
  // Gives exactly the records that start in the piece. `files` outlives the reader.
  virtual Result<std::unique_ptr<RecordReader>> open(const FileSystem& files,
                                                     const Piece& piece) const = 0;
};

// Writes the output of one reduce task.
class RecordWriter {
 public:
  virtual ~RecordWriter() = default;
  virtual Status write(std::string_view key, std::string_view value) = 0;
  virtual Result<std::uint64_t> close() = 0;  // how many bytes were written
};

class OutputFormat {
 public:
  virtual ~OutputFormat() = default;
  virtual Result<std::unique_ptr<RecordWriter>> create(FileSystem& files,
                                                       const std::string& path) const = 0;
};

// What ends a line: LF, and a CR before it belongs to the end or to the line.
enum class LineEnd { lf_or_crlf, lf };

// Lines; the last one may lack its end.
class TextInputFormat final : public InputFormat {
 public:
  explicit TextInputFormat(LineEnd end = LineEnd::lf_or_crlf) : end_(end) {}
  Result<std::unique_ptr<RecordReader>> open(const FileSystem& files,
                                             const Piece& piece) const override;

 private:
  LineEnd end_;
};

// "key<TAB>value<LF>"; without a value, the key alone.
class TextOutputFormat final : public OutputFormat {
 public:
  Result<std::unique_ptr<RecordWriter>> create(FileSystem& files,
                                               const std::string& path) const override;
};

// Records of one size. A file whose size is no multiple of it is an error.
class FixedInputFormat final : public InputFormat {
 public:
  explicit FixedInputFormat(std::size_t record_size) : record_size_(record_size) {}
  Result<std::unique_ptr<RecordReader>> open(const FileSystem& files,
                                             const Piece& piece) const override;

 private:
  std::size_t record_size_;
};

// Records that begin with their size: four bytes, the most significant first. Such a file cannot be
// cut: where a record begins, only those before it tell.
class LengthPrefixedInputFormat final : public InputFormat {
 public:
  bool splittable(const std::string&) const override { return false; }
  Result<std::unique_ptr<RecordReader>> open(const FileSystem& files,
                                             const Piece& piece) const override;
};

// Each file is one record.
class WholeFileInputFormat final : public InputFormat {
 public:
  bool splittable(const std::string&) const override { return false; }
  Result<std::unique_ptr<RecordReader>> open(const FileSystem& files,
                                             const Piece& piece) const override;
};

// Key and value one after the other, with nothing between or after them.
class BytesOutputFormat final : public OutputFormat {
 public:
  Result<std::unique_ptr<RecordWriter>> create(FileSystem& files,
                                               const std::string& path) const override;
};

}  // namespace mesolite::hadoop
