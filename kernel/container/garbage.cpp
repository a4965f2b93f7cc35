#include "kernel/container/garbage.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include "kernel/container/descriptor.hpp"
#include "kernel/container/sandbox.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t depth_max = 32;  // descriptors open at a time
constexpr std::size_t failures_max = 10;
// <work_dir>/agents/A/frameworks/F/executors/E/runs/C: the levels that are names, not ids.
constexpr const char* levels[] = {"agents", "frameworks", "executors", "runs"};

// Removes a tree depth first. A directory below depth_max is moved up to the top and taken from
// there, so that neither the stack nor the descriptors follow the depth of the tree.
class TreeRemover {
 public:
  explicit TreeRemover(int top) : top_(top) {}

  int remove(int directory, const char* name, std::size_t depth);
  int remove_moved();

 private:
  int remove_entries(DIR* list, std::size_t depth);
  int move_up(int directory, const char* name);

  int top_;
  std::vector<std::string> moved_;
  std::size_t moves_ = 0;
};

struct CloseDirectory {
  void operator()(DIR* list) const { ::closedir(list); }
};

// errno, or 0.
int TreeRemover::remove(int directory, const char* name, std::size_t depth) {
  if (::unlinkat(directory, name, 0) == 0 || errno == ENOENT) return 0;
  if (errno != EISDIR && errno != EPERM) return errno;
  if (depth >= depth_max) return move_up(directory, name);
  int opened = ::openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (opened < 0 && errno == EACCES) {  // a task may take its own directory's permissions away
    ::fchmodat(directory, name, 0700, 0);
    opened = ::openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  }
  if (opened < 0) return errno;
  const std::unique_ptr<DIR, CloseDirectory> list(::fdopendir(opened));
  if (!list) return errno;
  if (const int error = remove_entries(list.get(), depth); error != 0) return error;
  return ::unlinkat(directory, name, AT_REMOVEDIR) == 0 ? 0 : errno;
}

int TreeRemover::remove_entries(DIR* list, std::size_t depth) {
  ::fchmod(::dirfd(list), 0700);
  while (const dirent* entry = ::readdir(list)) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (const int error = remove(::dirfd(list), name.c_str(), depth + 1); error != 0) return error;
  }
  return 0;
}

int TreeRemover::move_up(int directory, const char* name) {
  const std::string target =
      ".removing-" + std::to_string(::getpid()) + "-" + std::to_string(moves_++);
  ::fchmodat(directory, name, 0700, 0);  // renaming a directory writes to it
  if (::renameat(directory, name, top_, target.c_str()) != 0) return errno;
  moved_.push_back(target);
  return 0;
}

int TreeRemover::remove_moved() {
  while (!moved_.empty()) {
    const std::string name = std::move(moved_.back());
    moved_.pop_back();
    if (const int error = remove(top_, name.c_str(), 0); error != 0) return error;
  }
  return 0;
}

// Every directory that looks like a sandbox, handed to `visit`.
void for_each_sandbox(const fs::path& folder, std::size_t level,
                      const std::function<void(const fs::path&)>& visit) {
  std::error_code error;
  for (fs::directory_iterator entry(folder / levels[level], error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_directory(ignored) || entry->is_symlink(ignored)) continue;
    if (level + 1 == std::size(levels)) {
      visit(entry->path());
    } else {
      for_each_sandbox(entry->path(), level + 1, visit);
    }
  }
}

bool is_older(const fs::path& path, Duration age) {
  struct stat facts {};
  struct timespec now {};
  if (::lstat(path.c_str(), &facts) != 0) return false;
  ::clock_gettime(CLOCK_REALTIME, &now);
  const auto span = std::chrono::seconds(now.tv_sec - facts.st_mtim.tv_sec) +
                    std::chrono::nanoseconds(now.tv_nsec - facts.st_mtim.tv_nsec);
  return span >= age;
}

}  // namespace

Status remove_tree(int directory, const std::string& name) {
  TreeRemover remover(directory);
  int error = remover.remove(directory, name.c_str(), 0);
  if (error == 0) error = remover.remove_moved();
  if (error != 0) return system_failure("cannot remove '" + name + "'", error);
  return {};
}

void date_sandbox(const std::string& path) {
  ::utimensat(AT_FDCWD, path.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
}

Duration garbage_age_max(Duration gc_delay, double headroom, double disk_usage) {
  const double share = std::clamp(1.0 - headroom - disk_usage, 0.0, 1.0);
  return std::chrono::duration_cast<Duration>(share * std::chrono::duration<double>(gc_delay));
}

Collection collect_garbage(const std::string& work_dir, Duration age,
                           const std::function<bool(const std::string&)>& is_live) {
  Collection collection;
  std::vector<std::string> old;
  for_each_sandbox(work_dir, 0, [&](const fs::path& path) {
    if (is_older(path, age) && !is_live(path.string())) old.push_back(path.string());
  });
  for (const auto& path : old) {
    const Status removed = remove_sandbox(work_dir, path);
    if (removed) ++collection.removed;
    if (!removed && collection.failures.size() < failures_max) {
      collection.failures.push_back(removed.error().message);
    }
  }
  return collection;
}

}  // namespace mesolite::container
