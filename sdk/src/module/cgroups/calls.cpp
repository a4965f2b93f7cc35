#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "mesolite/module/cgroups.hpp"

namespace mesolite {
namespace {

int open_file(const std::string& path, int flags) {
  return ::open(path.c_str(), flags | O_CLOEXEC);
}

}  // namespace

int CgroupCalls::make_directory(const std::string& path) {
  return ::mkdir(path.c_str(), 0755) == 0 ? 0 : errno;
}

int CgroupCalls::remove_directory(const std::string& path) {
  return ::rmdir(path.c_str()) == 0 ? 0 : errno;
}

int CgroupCalls::read(const std::string& path, std::string& text) {
  text.clear();
  const int file = open_file(path, O_RDONLY);
  if (file < 0) return errno;
  std::array<char, 4096> piece;
  int error = 0;
  while (true) {
    const ssize_t count = ::read(file, piece.data(), piece.size());
    if (count > 0) text.append(piece.data(), static_cast<std::size_t>(count));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) error = errno;
    if (count <= 0) break;
  }
  ::close(file);
  return error;
}

int CgroupCalls::write(const std::string& path, std::string_view text) {
  const int file = open_file(path, O_WRONLY | O_TRUNC);
  if (file < 0) return errno;
  // One write(2), one value: the kernel takes no part of it.
  ssize_t count = ::write(file, text.data(), text.size());
  while (count < 0 && errno == EINTR) count = ::write(file, text.data(), text.size());
  const int error = count < 0 ? errno : 0;
  ::close(file);
  return error;
}

}  // namespace mesolite
