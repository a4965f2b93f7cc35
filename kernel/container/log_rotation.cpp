#include "kernel/container/log_rotation.hpp"

#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

namespace mesolite::container {
namespace {

constexpr const char* attribute = "user.mesolite.rotated";
constexpr std::size_t block_bytes_min = 4096;

// Whether it is a file as we have made it: not one that the task has linked there from elsewhere.
bool is_plain_output(const struct stat& facts, const struct stat& directory) {
  return S_ISREG(facts.st_mode) && facts.st_nlink == 1 && facts.st_uid == directory.st_uid;
}

std::string piece_name(const std::string& name, std::uint32_t number) {
  return name + "." + std::to_string(number);
}

void move_pieces_on(const Descriptor& directory, const std::string& name, std::uint32_t kept) {
  for (std::uint32_t number = kept; number > 1; --number) {
    ::renameat(directory.get(), piece_name(name, number - 1).c_str(), directory.get(),
               piece_name(name, number).c_str());
  }
  ::unlinkat(directory.get(), piece_name(name, 1).c_str(), 0);
}

// errno, or 0.
int copy_range(const Descriptor& from, const Descriptor& to, std::uint64_t begin,
               std::uint64_t bytes) {
  auto offset = static_cast<loff_t>(begin);
  while (bytes > 0) {
    const ssize_t count = ::copy_file_range(from.get(), &offset, to.get(), nullptr, bytes, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return 0;  // it was cut short meanwhile
    bytes -= static_cast<std::uint64_t>(count);
  }
  return 0;
}

// Keeps the last `bytes_max` of the part that goes; what lies before that is too old.
int keep_piece(const Descriptor& directory, const std::string& name, const Descriptor& file,
               std::uint64_t part, const LogLimits& limits) {
  if (limits.kept == 0) return 0;
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return errno;
  move_pieces_on(directory, name, limits.kept);
  const Descriptor piece(::openat(directory.get(), piece_name(name, 1).c_str(),
                                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                  facts.st_mode & 0777));
  if (!piece) return errno;
  if (::fchown(piece.get(), facts.st_uid, facts.st_gid) != 0) return errno;
  const std::uint64_t bytes = std::min(part, limits.bytes_max);
  return copy_range(file, piece, part - bytes, bytes);
}

void count_rotated(const Descriptor& file, std::uint64_t bytes) {
  const std::string total = std::to_string(bytes_rotated(file) + bytes);
  // Where there are no attributes readers start over.
  ::fsetxattr(file.get(), attribute, total.data(), total.size(), 0);
}

}  // namespace

std::uint64_t bytes_rotated(const Descriptor& file) {
  std::array<char, 24> text{};
  const ssize_t size = ::fgetxattr(file.get(), attribute, text.data(), text.size());
  std::uint64_t bytes = 0;
  if (size > 0) std::from_chars(text.data(), text.data() + size, bytes);
  return bytes;
}

Result<bool> rotate_log(const std::string& sandbox, const std::string& name,
                        const LogLimits& limits) {
  const std::string what = "cannot rotate '" + sandbox + "/" + name + "'";
  struct stat facts {};
  const std::string path = sandbox + "/" + name;
  if (limits.bytes_max == 0 || ::lstat(path.c_str(), &facts) != 0) return false;
  if (static_cast<std::uint64_t>(facts.st_size) <= limits.bytes_max) return false;

  const Descriptor directory(::open(sandbox.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const Descriptor file(
      ::openat(directory.get(), name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat owner {};
  if (!file || ::fstat(file.get(), &facts) != 0 || ::fstat(directory.get(), &owner) != 0) {
    return system_failure(what, errno);
  }
  if (!is_plain_output(facts, owner)) return false;
  const auto block =
      std::max<std::uint64_t>(static_cast<std::uint64_t>(facts.st_blksize), block_bytes_min);
  const std::uint64_t size = static_cast<std::uint64_t>(facts.st_size);
  // The kernel cuts off whole blocks, and never all there is.
  std::uint64_t part = (size - 1) / block * block;
  if (part == 0) return false;
  if (const int error = keep_piece(directory, name, file, part, limits); error != 0) {
    return system_failure(what, error);
  }
  if (::fallocate(file.get(), FALLOC_FL_COLLAPSE_RANGE, 0, static_cast<off_t>(part)) != 0) {
    part = size;
    if (::ftruncate(file.get(), 0) != 0) return system_failure(what, errno);
  }
  count_rotated(file, part);
  return true;
}

}  // namespace mesolite::container
