#include "mesolite/data/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace mesolite::data {

File::File(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

Result<File> File::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return system_failure("cannot open '" + path + "'", errno);
  return File(descriptor, path);
}

Result<File> File::create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return system_failure("cannot create '" + path + "'", errno);
  return File(descriptor, path);
}

Result<File> File::append(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor < 0) return system_failure("cannot open '" + path + "' to append", errno);
  return File(descriptor, path);
}

Result<std::uint64_t> File::size() const {
  struct stat status {};
  if (fstat(descriptor_, &status) != 0) {
    return system_failure("cannot ask for the size of '" + path_ + "'", errno);
  }
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::size_t> File::read_at(std::uint64_t offset, char* into, std::size_t size) const {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got =
        pread(descriptor_, into + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("cannot read '" + path_ + "'", errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Status File::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_failure("cannot write '" + path_ + "'", errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Status File::close() {
  if (descriptor_ < 0) return {};
  if (::close(std::exchange(descriptor_, -1)) == 0) return {};
  return system_failure("cannot close '" + path_ + "'", errno);
}

Result<ScratchDirectory> ScratchDirectory::create(const std::string& parent,
                                                  std::string_view prefix) {
  std::string pattern = parent + "/" + std::string(prefix) + "XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) {
    return system_failure("cannot make a scratch directory in '" + parent + "'", errno);
  }
  return ScratchDirectory(std::move(pattern));
}

ScratchDirectory::ScratchDirectory(ScratchDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;  // what cannot be removed now goes with the sandbox
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace mesolite::data
