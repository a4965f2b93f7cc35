#include "kernel/container/sandbox.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "kernel/container/garbage.hpp"
#include "kernel/container/log_rotation.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::container {
namespace {

constexpr mode_t directory_mode = 0755;  // of parents: tasks of any user step through them
constexpr mode_t sandbox_mode = 0700;
constexpr mode_t file_mode = 0644;
constexpr std::size_t file_name_bytes_max = 255;

// Opens a path below a directory, and nothing outside it: no link is followed on the way.
Descriptor open_below(int directory, const std::string& path, std::uint64_t flags) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return Descriptor(
      static_cast<int>(::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how)));
}

Descriptor open_directory(const std::string& path) {
  return Descriptor(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= file_name_bytes_max && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

// `path` as seen from `work_dir`.
Result<std::string> relative_path(const std::string& work_dir, const std::string& path) {
  const bool below = path.size() > work_dir.size() + 1 && path.starts_with(work_dir) &&
                     path[work_dir.size()] == '/';
  const std::string relative = below ? path.substr(work_dir.size() + 1) : "";
  const auto names = split(relative, '/');
  // ".." would lead out again, and be followed before anything could be checked.
  const bool plain = std::all_of(names.begin(), names.end(), is_plain_name);
  if (!plain) return failure("sandbox '" + path + "' does not lie below '" + work_dir + "'");
  return relative;
}

// errno, or 0. Tries the last one first: most of the time only the last few are missing.
int make_directories(int work, const std::string& path, mode_t mode) {
  if (::mkdirat(work, path.c_str(), mode) == 0) return 0;
  const auto slash = path.rfind('/');
  if (errno != ENOENT || slash == std::string::npos) return errno;
  const int error = make_directories(work, path.substr(0, slash), directory_mode);
  if (error != 0 && error != EEXIST) return error;
  return ::mkdirat(work, path.c_str(), mode) == 0 ? 0 : errno;
}

Descriptor create_output(int directory, const char* name) {
  return Descriptor(
      ::openat(directory, name, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, file_mode));
}

bool give_to(const Sandbox& sandbox, const Owner& owner) {
  return ::fchownat(sandbox.directory.get(), "", owner.uid, owner.gid, AT_EMPTY_PATH) == 0 &&
         ::fchown(sandbox.standard_output.get(), owner.uid, owner.gid) == 0 &&
         ::fchown(sandbox.standard_error.get(), owner.uid, owner.gid) == 0;
}

}  // namespace

Result<Sandbox> create_sandbox(const std::string& work_dir, const std::string& path,
                               const std::optional<Owner>& owner) {
  const auto relative = relative_path(work_dir, path);
  if (!relative) return tl::unexpected(relative.error());
  const std::string what = "cannot create sandbox '" + path + "'";
  const Descriptor work = open_directory(work_dir);
  if (!work) return system_failure(what + ": '" + work_dir + "'", errno);
  if (const int error = make_directories(work.get(), *relative, sandbox_mode); error != 0) {
    return system_failure(what, error);
  }
  Sandbox sandbox;
  sandbox.directory = open_below(work.get(), *relative, O_PATH | O_DIRECTORY);
  if (!sandbox.directory) return system_failure(what, errno);
  sandbox.standard_output = create_output(sandbox.directory.get(), "stdout");
  if (!sandbox.standard_output) return system_failure(what + ": stdout", errno);
  sandbox.standard_error = create_output(sandbox.directory.get(), "stderr");
  if (!sandbox.standard_error) return system_failure(what + ": stderr", errno);
  if (owner && !give_to(sandbox, *owner)) return system_failure(what + ": owner", errno);
  return sandbox;
}

Status write_secret_file(const Sandbox& sandbox, const std::string& name,
                         const std::string& content, const std::optional<Owner>& owner) {
  if (!is_plain_name(name)) return failure("'" + name + "' is not the name of a sandbox file");
  const std::string what = "cannot write the secret file '" + name + "'";
  const Descriptor file(::openat(sandbox.directory.get(), name.c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR));
  if (!file) return system_failure(what, errno);
  const ssize_t written = ::write(file.get(), content.data(), content.size());
  if (written != static_cast<ssize_t>(content.size()) ||
      (owner && ::fchown(file.get(), owner->uid, owner->gid) != 0)) {
    return system_failure(what, errno);
  }
  return {};
}

void remove_secret_files(const std::string& sandbox, const std::vector<std::string>& names) {
  if (names.empty()) return;
  const Descriptor directory = open_directory(sandbox);
  for (const std::string& name : names) ::unlinkat(directory.get(), name.c_str(), 0);
}

namespace {

// A piece of a regular file, by its own offsets.
Result<SandboxPiece> read_piece(const Descriptor& source, const std::string& what,
                                std::uint64_t offset, std::uint32_t length_max) {
  struct stat facts {};
  if (::fstat(source.get(), &facts) != 0) return system_failure(what, errno);
  if (!S_ISREG(facts.st_mode)) return failure(what + ": it is not a regular file");
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  const std::uint64_t length =
      offset < size ? std::min<std::uint64_t>(size - offset, length_max) : 0;
  SandboxPiece piece;
  piece.data.resize(length);
  const ssize_t count =
      ::pread(source.get(), piece.data.data(), length, static_cast<off_t>(offset));
  if (count < 0) return system_failure(what, errno);
  piece.data.resize(static_cast<std::size_t>(count));
  piece.at_end = offset + piece.data.size() >= size;
  return piece;
}

// Not blocking: a FIFO that a task put there must not hold up the agent.
Descriptor open_to_read(const Descriptor& directory, const std::string& file) {
  return Descriptor(
      ::openat(directory.get(), file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

// Of what rotation has moved to the youngest piece, which ends where `gone` bytes are gone.
Result<SandboxPiece> read_moved(const Descriptor& moved, const std::string& what,
                                std::uint64_t offset, std::uint64_t gone,
                                std::uint32_t length_max) {
  struct stat facts {};
  const bool there = moved && ::fstat(moved.get(), &facts) == 0;
  const std::uint64_t begin = gone - (there ? static_cast<std::uint64_t>(facts.st_size) : 0);
  if (!there || offset < begin) {
    return failure(what + ": its first " + std::to_string(begin) + " bytes were rotated away");
  }
  auto piece = read_piece(moved, what, offset - begin, length_max);
  if (piece) piece->at_end = false;
  return piece;
}

}  // namespace

Result<SandboxPiece> read_sandbox_file(const std::string& sandbox, const std::string& file,
                                       std::uint64_t offset, std::uint32_t length_max) {
  if (!is_plain_name(file)) return failure("'" + file + "' is not the name of a sandbox file");
  const std::string what = "cannot read '" + file + "' of the sandbox";
  const Descriptor directory = open_directory(sandbox);
  if (!directory) return system_failure(what, errno);
  const Descriptor source = open_to_read(directory, file);
  if (!source) return system_failure(what, errno);
  const std::uint64_t gone = bytes_rotated(source);
  if (offset < gone) {
    return read_moved(open_to_read(directory, file + ".1"), what, offset, gone, length_max);
  }
  return read_piece(source, what, offset - gone, length_max);
}

Status remove_sandbox(const std::string& work_dir, const std::string& path) {
  const auto relative = relative_path(work_dir, path);
  if (!relative) return tl::unexpected(relative.error());
  const Descriptor work = open_directory(work_dir);
  if (!work) return system_failure("cannot open '" + work_dir + "'", errno);
  const auto slash = relative->rfind('/');
  std::string parent = slash == std::string::npos ? "." : relative->substr(0, slash);
  const Descriptor directory = open_below(work.get(), parent, O_PATH | O_DIRECTORY);
  if (!directory) {
    if (errno == ENOENT) return {};
    return system_failure("cannot remove sandbox '" + path + "'", errno);
  }
  if (auto status = remove_tree(directory.get(), relative->substr(slash + 1)); !status) {
    return failure("cannot remove sandbox '" + path + "'", status.error());
  }
  // Parents go with their last child; one that is not empty ends the climb.
  while (parent != "." && ::unlinkat(work.get(), parent.c_str(), AT_REMOVEDIR) == 0) {
    const auto up = parent.rfind('/');
    parent = up == std::string::npos ? "." : parent.substr(0, up);
  }
  return {};
}

}  // namespace mesolite::container
