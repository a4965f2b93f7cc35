#include "mesolite/base/guarded_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace mesolite {
namespace {

enum class Guard { against_writing, against_reading };

// Owns one descriptor.
class Opened {
 public:
  explicit Opened(int descriptor) : descriptor_(descriptor) {}
  ~Opened() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

bool ours(const struct stat& status) {
  return status.st_uid == ::geteuid() || status.st_uid == 0;
}

// A group that is our own is as good as we are: many systems give each user one.
bool writable_by_others(const struct stat& status) {
  const bool group_is_ours = status.st_gid == ::getegid() || status.st_gid == 0;
  const bool by_group = (status.st_mode & S_IWGRP) != 0 && !group_is_ours;
  return by_group || (status.st_mode & S_IWOTH) != 0;
}

// Why a file cannot be trusted, or "".
std::string untrusted(const struct stat& status, Guard guard) {
  if (!S_ISREG(status.st_mode)) return "is not a file";
  if (!ours(status)) return "belongs to another user";
  if (guard == Guard::against_reading && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return "is open to other users: chmod 600 it";
  }
  if (writable_by_others(status)) return "can be written by other users: chmod go-w it";
  return "";
}

Result<std::string> read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> piece;
  while (text.size() <= guarded_file_bytes_max) {
    const ssize_t size = ::read(descriptor, piece.data(), piece.size());
    if (size == 0) return text;
    if (size < 0 && errno != EINTR) return system_failure("cannot be read", errno);
    if (size > 0) text.append(piece.data(), static_cast<std::size_t>(size));
  }
  return failure("is larger than 1 MiB");
}

Result<std::string> read_checked(const std::string& what, const std::filesystem::path& file,
                                 Guard guard) {
  const std::string title = what + " '" + file.string() + "'";
  const Opened opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (opened.get() < 0) return system_failure(title + " cannot be opened", errno);
  struct stat status {};
  ::fstat(opened.get(), &status);
  const std::string problem = untrusted(status, guard);
  if (!problem.empty()) return failure(title + " " + problem);
  auto text = read_all(opened.get());
  if (!text) return failure(title + " " + text.error().message);
  return text;
}

Status write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) return system_failure("cannot be written", errno);
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(descriptor) != 0) return system_failure("cannot be written", errno);
  return {};
}

}  // namespace

Result<std::string> read_guarded_file(const std::string& what, const std::filesystem::path& file) {
  return read_checked(what, file, Guard::against_writing);
}

Result<std::string> read_secret_file(const std::string& what, const std::filesystem::path& file) {
  return read_checked(what, file, Guard::against_reading);
}

Status check_guarded(const std::string& what, const std::filesystem::path& file) {
  const std::string title = what + " '" + file.string() + "'";
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return system_failure(title, errno);
  const std::string problem = untrusted(status, Guard::against_writing);
  if (!problem.empty()) return failure(title + " " + problem);
  const auto directory = std::filesystem::absolute(file).parent_path();
  if (::stat(directory.c_str(), &status) != 0) return system_failure(title, errno);
  const bool sticky = (status.st_mode & S_ISVTX) != 0;
  if (ours(status) && (sticky || !writable_by_others(status))) return {};
  return failure(title + " lies in '" + directory.string() +
                 "', which other users can write: chmod go-w it");
}

Status write_secret_file(const std::filesystem::path& file, const std::string& text) {
  const std::string title = "'" + file.string() + "'";
  std::string fresh = file.string() + ".XXXXXX";
  const Opened opened(::mkostemp(fresh.data(), O_CLOEXEC));  // mode 0600
  if (opened.get() < 0) return system_failure(title + " cannot be made", errno);
  const Status written = write_all(opened.get(), text);
  if (written && ::rename(fresh.c_str(), file.c_str()) == 0) return {};
  const int problem = errno;
  ::unlink(fresh.c_str());
  if (!written) return failure(title + " " + written.error().message);
  return system_failure(title + " cannot be made", problem);
}

}  // namespace mesolite
