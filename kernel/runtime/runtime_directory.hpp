// The directories of a daemon: its work directory, which stays, and the short one of its sockets,
// since paths of Unix sockets end at 107 bytes.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "kernel/container/descriptor.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::runtime {

// Makes the directory if it is missing and answers with its absolute path. Fails, naming `flag`,
// when it cannot be made or written.
Result<std::filesystem::path> ensure_work_directory(const std::filesystem::path& directory,
                                                    const std::string& flag);

// Where executors reach their agent, below its runtime directory.
inline constexpr std::string_view executor_socket_name = "executors";

// Held as long as it lives: a work directory serves one agent at a time.
class WorkDirectoryLock {
 public:
  // Fails if another process holds it, also one on its way to its end.
  static Result<WorkDirectoryLock> take(const std::filesystem::path& directory);

 private:
  explicit WorkDirectoryLock(container::Descriptor file) : file_(std::move(file)) {}
  container::Descriptor file_;
};

class RuntimeDirectory {
 public:
  // `wanted`, made if missing, if a socket name of `name_length_max` bytes fits below it; else one
  // below the system's temporary directory or, were that too long as well, below /tmp. Its name
  // follows from `wanted`, so that whoever opened its sockets finds those of the next run; if
  // `wanted` is empty it is a new one. Nobody but its owner may enter a directory made here.
  static Result<RuntimeDirectory> open(const std::filesystem::path& wanted,
                                       std::size_t name_length_max);
  // Removes a directory that stands in for the wanted one.
  ~RuntimeDirectory();
  RuntimeDirectory(RuntimeDirectory&& other) noexcept;
  RuntimeDirectory& operator=(RuntimeDirectory&&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  enum class Keep : bool { no, yes };
  RuntimeDirectory(std::filesystem::path path, Keep keep);

  std::filesystem::path path_;  // empty: moved from
  Keep keep_;
};

}  // namespace mesolite::runtime
