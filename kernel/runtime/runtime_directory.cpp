#include "kernel/runtime/runtime_directory.hpp"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

namespace mesolite::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t socket_path_max = sizeof(sockaddr_un::sun_path) - 1;
constexpr const char* pattern = "mesolite-XXXXXX";

bool fits(std::size_t directory_length, std::size_t name_length_max) {
  return directory_length + 1 + name_length_max <= socket_path_max;
}

}  // namespace

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
  }
  fs::path parent = fs::temp_directory_path(problem);
  const std::size_t length = parent.native().size() + 1 + std::string_view(pattern).size();
  if (problem || !fits(length, name_length_max)) parent = "/tmp";
  std::string path = (parent / pattern).string();
  if (::mkdtemp(path.data()) == nullptr) {
    return system_failure("cannot make the directory '" + path + "'", errno);
  }
  return RuntimeDirectory(path, Keep::no);
}

}  // namespace mesolite::runtime
