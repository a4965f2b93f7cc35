// Input files: which there are, how they are cut into splits, their bytes in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/protocol/fields.hpp"

namespace mesolite::spark {

struct InputFile {
  std::string path;  // absolute
  std::uint64_t size = 0;
};

struct FileSplit {
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  MESOLITE_FIELDS(path, offset, length);
};

// The file, or the files of the directory sorted by name; hidden ones and those that begin with an
// underscore are passed over, as Hadoop does. A last part with '*' or '?' is a pattern.
Result<std::vector<InputFile>> list_files(const std::string& path);

// At least `splits_min` splits if there are so many units, and none larger than 64 MB. `unit` is
// the length of what must not be cut; 1 for text, whose readers know where lines begin.
std::vector<FileSplit> make_splits(const std::vector<InputFile>& files, std::uint32_t splits_min,
                                   std::uint64_t unit = 1);

// A part of a file, mapped. Whoever shortens the file meanwhile ends this process (SIGBUS): inputs
// of a job are not to be written to.
class MappedPart {
 public:
  // `offset` to `offset + length` and what follows to the end of the file is readable; the first
  // part is read ahead.
  static std::shared_ptr<const MappedPart> map(const FileSplit& split);
  ~MappedPart();
  MappedPart(const MappedPart&) = delete;
  MappedPart& operator=(const MappedPart&) = delete;

  std::string_view file() const { return file_; }

 private:
  explicit MappedPart(std::string_view file) : file_(file) {}
  std::string_view file_;
};

// Calls take(line), without its end, for each line that begins in the split; ends when take says
// false. A carriage return before the end of a line belongs to the end.
template <class Take>
void for_each_line(std::string_view file, const FileSplit& split, const Take& take) {
  std::size_t at = split.offset;
  const std::size_t end = split.offset + split.length;
  if (at > 0) {  // a line that began before is another split's
    const std::size_t border = file.find('\n', at - 1);
    at = border == std::string_view::npos ? file.size() : border + 1;
  }
  while (at < end && at < file.size()) {
    std::size_t stop = file.find('\n', at);
    if (stop == std::string_view::npos) stop = file.size();
    std::string_view line = file.substr(at, stop - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!take(line)) return;
    at = stop + 1;
  }
}

// A file of the output. It has a name of its attempt until it is finished, so that a reader sees
// all of it or nothing, and two attempts do not mix; one that does not finish leaves nothing.
class OutputPart {
 public:
  OutputPart(const std::string& directory, std::uint32_t partition, std::uint64_t serial);
  ~OutputPart();
  OutputPart(const OutputPart&) = delete;
  OutputPart& operator=(const OutputPart&) = delete;

  const std::string& path() const { return attempt_; }  // where to write
  void finish();  // REQUIRES: all is written. Throws TaskFailure.

 private:
  std::string final_;
  std::string attempt_;
};

std::string absolute_path(const std::string& path);
// Makes the directory of an output; fails if it is there already.
Status prepare_output(const std::string& directory);
Status finish_output(const std::string& directory);  // leaves _SUCCESS there

}  // namespace mesolite::spark
