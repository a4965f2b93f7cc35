#include "frameworks/mini-hadoop/input/file_system.hpp"

#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "mesolite/data/file.hpp"

namespace mesolite::hadoop {
namespace {

namespace fs = std::filesystem;

class LocalReadableFile final : public ReadableFile {
 public:
  LocalReadableFile(data::File file, std::uint64_t size) : file_(std::move(file)), size_(size) {}

  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) const override {
    return file_.read_at(offset, into, size);
  }

 private:
  data::File file_;
  std::uint64_t size_;
};

class LocalWritableFile final : public WritableFile {
 public:
  explicit LocalWritableFile(data::File file) : file_(std::move(file)) {}

  Status write(std::string_view bytes) override { return file_.write(bytes); }
  Status close() override { return file_.close(); }

 private:
  data::File file_;
};

tl::unexpected<Error> file_failure(std::string_view what, const std::string& path,
                                   const std::error_code& error) {
  return failure(std::string(what) + " '" + path + "': " + error.message());
}

// Hadoop's rule: results in the making and bookkeeping are no input.
bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with(".") || name.starts_with("_");
}

Status add_directory(const std::string& path, std::vector<FileEntry>& entries) {
  std::error_code error;
  const auto options = fs::directory_options::follow_directory_symlink;
  auto entry = fs::recursive_directory_iterator(path, options, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      entries.push_back({entry->path().string(), entry->file_size()});
    }
  }
  if (error) return file_failure("cannot list", path, error);
  return {};
}

Status add_path(const std::string& path, std::vector<FileEntry>& entries) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return failure("input '" + path + "' does not exist");
  if (fs::is_directory(status)) return add_directory(path, entries);
  if (!fs::is_regular_file(status)) {
    return failure("input '" + path + "' is neither a file nor a directory");
  }
  const std::uint64_t size = fs::file_size(path, error);
  if (error) return file_failure("cannot ask for the size of", path, error);
  entries.push_back({path, size});
  return {};
}

Result<std::vector<std::string>> expand(const std::string& pattern) {
  glob_t found{};
  const int outcome = ::glob(pattern.c_str(), GLOB_ERR, nullptr, &found);
  const std::unique_ptr<glob_t, decltype(&globfree)> owner(&found, globfree);
  if (outcome == GLOB_NOMATCH) return failure("no input matches '" + pattern + "'");
  if (outcome != 0) return failure("cannot read what '" + pattern + "' stands for");
  return std::vector<std::string>(found.gl_pathv, found.gl_pathv + found.gl_pathc);
}

}  // namespace

Result<std::unique_ptr<ReadableFile>> LocalFileSystem::open(const std::string& path) const {
  auto file = data::File::open(path);
  if (!file) return tl::unexpected(file.error());
  const auto size = file->size();
  if (!size) return tl::unexpected(size.error());
  return std::make_unique<LocalReadableFile>(std::move(*file), *size);
}

Result<std::vector<FileEntry>> LocalFileSystem::list(const std::string& pattern) const {
  std::error_code ignored;
  std::vector<std::string> paths = {pattern};
  // A file whose name happens to hold a "*" is that file.
  if (!fs::exists(pattern, ignored) && pattern.find_first_of("*?[") != std::string::npos) {
    auto expanded = expand(pattern);
    if (!expanded) return tl::unexpected(expanded.error());
    paths = std::move(*expanded);
  }
  std::vector<FileEntry> entries;
  for (const std::string& path : paths) {
    if (auto added = add_path(path, entries); !added) return tl::unexpected(added.error());
  }
  std::sort(entries.begin(), entries.end(),
            [](const FileEntry& a, const FileEntry& b) { return a.path < b.path; });
  return entries;
}

Result<bool> LocalFileSystem::exists(const std::string& path) const {
  std::error_code error;
  const bool there = fs::exists(path, error);
  if (error) return file_failure("cannot look for", path, error);
  return there;
}

Result<std::unique_ptr<WritableFile>> LocalFileSystem::create(const std::string& path) {
  auto file = data::File::create(path);
  if (!file) return tl::unexpected(file.error());
  return std::make_unique<LocalWritableFile>(std::move(*file));
}

Status LocalFileSystem::make_directories(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return file_failure("cannot make the directory", path, error);
  return {};
}

Status LocalFileSystem::rename(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) return file_failure("cannot rename '" + from + "' to", to, error);
  return {};
}

Status LocalFileSystem::remove_all(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return file_failure("cannot remove", path, error);
  return {};
}

}  // namespace mesolite::hadoop
