// FileSystem: where the input lies and the output goes, seen alike by the scheduler and by all
// executors of a job. Within a job the objects are shared: every function may be called from any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/protocol/codec.hpp"

namespace mesolite::hadoop {

class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  virtual std::uint64_t size() const = 0;  // when it was opened
  // Whether the size is known. If not, size() is larger than any file, and bytes are read one after
  // the other from the first.
  virtual bool is_sized() const { return true; }
  // Up to `size` bytes from `offset`; fewer only at the end of the file.
  virtual Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) const = 0;
};

class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual Status write(std::string_view bytes) = 0;
  virtual Status close() = 0;
};

struct FileEntry {
  std::string path;
  std::uint64_t size = 0;
  bool whole = false;  // it cannot be cut: `size` is only what it takes to store it
  MESOLITE_FIELDS(path, size, whole);
};

// Which hosts have a part of a file on their own disks.
struct Placement {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::vector<std::string> hosts;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Result<std::unique_ptr<ReadableFile>> open(const std::string& path) const = 0;
  // The files that `pattern` names: a file, a directory (all files below it but those whose name
  // starts with "." or "_"), or a pattern with *, ? and [] of both. Sorted by path. Fails if it
  // names nothing.
  virtual Result<std::vector<FileEntry>> list(const std::string& pattern) const = 0;
  virtual Result<bool> exists(const std::string& path) const = 0;
  // Where the parts of a file lie that list() gave; nothing where every place is as good.
  virtual Result<std::vector<Placement>> placements(const FileEntry& /*file*/) const {
    return std::vector<Placement>{};
  }

  virtual Result<std::unique_ptr<WritableFile>> create(const std::string& path) = 0;
  virtual Status make_directories(const std::string& path) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status remove_all(const std::string& path) = 0;
};

// Files of this machine, and of all machines below a path that they share.
class LocalFileSystem : public FileSystem {
 public:
  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) const override;
  Result<std::vector<FileEntry>> list(const std::string& pattern) const override;
  Result<bool> exists(const std::string& path) const override;
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override;
  Status make_directories(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove_all(const std::string& path) override;
};

}  // namespace mesolite::hadoop
