#include "frameworks/mini-spark/engine/files.hpp"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "frameworks/mini-spark/engine/failures.hpp"

namespace mesolite::spark {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t split_max = std::uint64_t{64} << 20;

bool hidden(const std::string& name) {
  return name.starts_with('.') || name.starts_with('_');
}

Status add_matching(const fs::path& directory, const std::string& pattern,
                    std::vector<InputFile>& files) {
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (hidden(name) || !at->is_regular_file(error)) continue;
    if (fnmatch(pattern.c_str(), name.c_str(), 0) != 0) continue;
    files.push_back({at->path().string(), at->file_size(error)});
    if (error) break;
  }
  if (error) return failure("cannot list '" + directory.string() + "': " + error.message());
  std::sort(files.begin(), files.end(),
            [](const InputFile& a, const InputFile& b) { return a.path < b.path; });
  return {};
}

}  // namespace

Result<std::vector<InputFile>> list_files(const std::string& path) {
  const fs::path whole = fs::absolute(path).lexically_normal();
  std::vector<InputFile> files;
  std::error_code error;
  const std::string last = whole.filename().string();
  if (last.find_first_of("*?") != std::string::npos) {
    const Status listed = add_matching(whole.parent_path(), last, files);
    if (!listed) return tl::unexpected(listed.error());
    if (files.empty()) return failure("no file matches '" + whole.string() + "'");
  } else if (fs::is_directory(whole, error)) {
    const Status listed = add_matching(whole, "*", files);
    if (!listed) return tl::unexpected(listed.error());
  } else {
    const auto size = fs::file_size(whole, error);
    if (error) return failure("cannot read '" + whole.string() + "': " + error.message());
    files.push_back({whole.string(), size});
  }
  return files;
}

std::vector<FileSplit> make_splits(const std::vector<InputFile>& files, std::uint32_t splits_min,
                                   std::uint64_t unit) {
  std::uint64_t total = 0;
  for (const InputFile& file : files) total += file.size;
  const std::uint64_t share = total / std::max<std::uint32_t>(splits_min, 1);
  const std::uint64_t wished = std::clamp<std::uint64_t>(share, 1, split_max);
  const std::uint64_t size = (wished + unit - 1) / unit * unit;
  std::vector<FileSplit> splits;
  for (const InputFile& file : files) {
    for (std::uint64_t at = 0; at < file.size;) {
      std::uint64_t length = std::min(size, file.size - at);
      if (file.size - at - length < size / 10) length = file.size - at;  // no tiny last one
      splits.push_back({file.path, at, length});
      at += length;
    }
  }
  return splits;
}

std::shared_ptr<const MappedPart> MappedPart::map(const FileSplit& split) {
  const auto fail = [&](const char* what) -> TaskFailure {
    return TaskFailure(
        system_failure(std::string(what) + " '" + split.path + "'", errno).value().message);
  };
  const int descriptor = ::open(split.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw fail("cannot open");
  const off_t size = ::lseek(descriptor, 0, SEEK_END);
  void* place = nullptr;
  if (size > 0) {
    place = ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ, MAP_PRIVATE, descriptor, 0);
  }
  ::close(descriptor);
  if (size < 0 || place == MAP_FAILED) throw fail("cannot map");
  if (size == 0) return std::shared_ptr<const MappedPart>(new MappedPart({}));
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::uint64_t first = std::min<std::uint64_t>(split.offset, size) / page * page;
  const std::uint64_t last = std::min<std::uint64_t>(split.offset + split.length, size);
  if (last > first) {
    ::madvise(static_cast<char*>(place) + first, last - first, MADV_POPULATE_READ);  // advice only
  }
  const std::string_view file(static_cast<const char*>(place), static_cast<std::size_t>(size));
  return std::shared_ptr<const MappedPart>(new MappedPart(file));
}

MappedPart::~MappedPart() {
  if (!file_.empty()) ::munmap(const_cast<char*>(file_.data()), file_.size());
}

OutputPart::OutputPart(const std::string& directory, std::uint32_t partition,
                       std::uint64_t serial) {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "part-%05u", partition);
  final_ = directory + "/" + name.data();
  attempt_ = directory + "/_" + name.data() + "." + std::to_string(serial);
}

OutputPart::~OutputPart() {
  std::error_code ignored;  // after finish() there is none
  fs::remove(attempt_, ignored);
}

void OutputPart::finish() {
  std::error_code error;
  fs::rename(attempt_, final_, error);
  if (error) throw TaskFailure("cannot rename '" + attempt_ + "': " + error.message());
}

std::string absolute_path(const std::string& path) {
  return fs::absolute(path).lexically_normal().string();
}

Status prepare_output(const std::string& directory) {
  std::error_code error;
  const bool made = fs::create_directories(directory, error);
  if (error) return failure("cannot make '" + directory + "': " + error.message());
  if (!made) return failure("output '" + directory + "' exists already");
  return {};
}

Status finish_output(const std::string& directory) {
  const std::string path = directory + "/_SUCCESS";
  if (!std::ofstream(path)) return failure("cannot write '" + path + "'");
  return {};
}

}  // namespace mesolite::spark
