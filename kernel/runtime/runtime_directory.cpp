#include "kernel/runtime/runtime_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "kernel/runtime/crc32c.hpp"

namespace mesolite::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t socket_path_max = sizeof(sockaddr_un::sun_path) - 1;
constexpr const char* pattern = "mesolite-XXXXXX";

bool fits(std::size_t directory_length, std::size_t name_length_max) {
  return directory_length + 1 + name_length_max <= socket_path_max;
}

fs::path parent_of_short_ones(std::size_t length, std::size_t name_length_max) {
  std::error_code problem;
  fs::path parent = fs::temp_directory_path(problem);
  return problem || !fits(parent.native().size() + length, name_length_max) ? "/tmp" : parent;
}

// Anybody can make directories there: one that is not ours alone is not used.
Status ensure_private(const fs::path& path) {
  const std::string what = "cannot use the directory '" + path.string() + "'";
  struct stat facts {};
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) return system_failure(what, errno);
  if (::lstat(path.c_str(), &facts) != 0) return system_failure(what, errno);
  const bool ours = S_ISDIR(facts.st_mode) && facts.st_uid == ::geteuid() &&
                    (facts.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  return ours ? Status() : failure(what + ": it is not ours alone");
}

// Stands in for a directory whose path is too long.
Result<fs::path> stand_in_for(const fs::path& wanted, std::size_t name_length_max) {
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "/mesolite-%u-%08x", static_cast<unsigned>(::geteuid()),
                static_cast<unsigned>(crc32c(wanted.native())));
  const fs::path path =
      parent_of_short_ones(std::strlen(name.data()), name_length_max).string() + name.data();
  if (auto usable = ensure_private(path); !usable) return tl::unexpected(usable.error());
  return path;
}

}  // namespace

Result<WorkDirectoryLock> WorkDirectoryLock::take(const fs::path& directory) {
  const fs::path path = directory / "lock";
  container::Descriptor file(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) return system_failure("cannot open '" + path.string() + "'", errno);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return WorkDirectoryLock(std::move(file));
  return failure("another agent works in '" + directory.string() + "'");
}

Result<fs::path> ensure_work_directory(const fs::path& directory, const std::string& flag) {
  const auto refuse = [&](const char* what, const std::string& why) {
    return failure(std::string(what) + " the directory '" + directory.string() + "' (" + flag +
                   "): " + why);
  };
  std::error_code problem;
  const fs::path path = fs::absolute(directory, problem);
  if (!problem) fs::create_directories(path, problem);
  if (problem) return refuse("cannot make", problem.message());
  if (::access(path.c_str(), W_OK | X_OK) != 0) {
    return refuse("cannot write to", std::generic_category().message(errno));
  }
  return path.lexically_normal();
}

RuntimeDirectory::RuntimeDirectory(fs::path path, Keep keep)
    : path_(std::move(path)), keep_(keep) {}

RuntimeDirectory::RuntimeDirectory(RuntimeDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})), keep_(other.keep_) {}

RuntimeDirectory::~RuntimeDirectory() {
  std::error_code ignored;  // nobody is left who could do anything about it
  if (!path_.empty() && keep_ == Keep::no) fs::remove_all(path_, ignored);
}

Result<RuntimeDirectory> RuntimeDirectory::open(const fs::path& wanted,
                                                std::size_t name_length_max) {
  std::error_code problem;
  if (!wanted.empty()) {
    const fs::path path = fs::absolute(wanted, problem);
    if (fits(path.native().size(), name_length_max)) {
      if (fs::create_directories(path, problem)) ::chmod(path.c_str(), S_IRWXU);
      if (problem) {
        return failure("cannot make the directory '" + path.string() + "': " + problem.message());
      }
      return RuntimeDirectory(path, Keep::yes);
    }
    auto stand_in = stand_in_for(path, name_length_max);
    if (!stand_in) return tl::unexpected(stand_in.error());
    return RuntimeDirectory(std::move(*stand_in), Keep::no);
  }
  const std::size_t length = std::string_view(pattern).size() + 1;
  std::string path = (parent_of_short_ones(length, name_length_max) / pattern).string();
  if (::mkdtemp(path.data()) == nullptr) {
    return system_failure("cannot make the directory '" + path + "'", errno);
  }
  return RuntimeDirectory(path, Keep::no);
}

}  // namespace mesolite::runtime
