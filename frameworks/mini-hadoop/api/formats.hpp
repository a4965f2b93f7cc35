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
  // Whether a file may be cut; if not, each file is one piece.
  virtual bool splittable() const { return true; }
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

// Lines that end with LF or CR LF; the last one may lack its end.
class TextInputFormat final : public InputFormat {
 public:
  Result<std::unique_ptr<RecordReader>> open(const FileSystem& files,
                                             const Piece& piece) const override;
};

// "key<TAB>value<LF>"; without a value, the key alone.
class TextOutputFormat final : public OutputFormat {
 public:
  Result<std::unique_ptr<RecordWriter>> create(FileSystem& files,
                                               const std::string& path) const override;
};

}  // namespace mesolite::hadoop
