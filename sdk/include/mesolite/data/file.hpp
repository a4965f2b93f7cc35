// File: one open file descriptor with the exact reads and writes that spills and parts need.
//
// A resource, movable, not thread-safe but for read_at, which any number of threads may call.
// Every failure names the path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mesolite/base/result.hpp"

namespace mesolite::data {

class File {
 public:
  File() = default;
  ~File();
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  static Result<File> open(const std::string& path);    // to read
  static Result<File> create(const std::string& path);  // to write; truncates what is there
  static Result<File> append(const std::string& path);  // to write after what is there

  bool is_open() const { return descriptor_ >= 0; }
  const std::string& path() const { return path_; }

  Result<std::uint64_t> size() const;
  // Up to `size` bytes from `offset`; fewer only at the end of the file.
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) const;
  Status write(std::string_view bytes);  // all of it, at the end
  // Closes and reports what the file system kept back until now (a full disk, a quota).
  Status close();

 private:
  File(int descriptor, std::string path);

  int descriptor_ = -1;
  std::string path_;
};

// A directory of our own below `parent`, removed with all that is in it when the object goes.
class ScratchDirectory {
 public:
  static Result<ScratchDirectory> create(const std::string& parent, std::string_view prefix);
  ~ScratchDirectory();
  ScratchDirectory(ScratchDirectory&& other) noexcept;
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace mesolite::data
