// SmallDisk: a file system in memory that is soon full. This process and what it starts alone see
// it; only root may have one.
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <filesystem>
#include <string>

namespace mesolite::hadoop {

class SmallDisk {
 public:
  // `path`: of a directory that does not exist yet.
  SmallDisk(std::string path, int kilobytes) : path_(std::move(path)) {
    std::filesystem::create_directory(path_);
    const std::string size = "size=" + std::to_string(kilobytes) + "k";
    mounted_ = unshare(CLONE_NEWNS) == 0 &&
               mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               mount("tmpfs", path_.c_str(), "tmpfs", 0, size.c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_mounted() const { return mounted_; }
  const std::string& path() const { return path_; }
  // Directories do not count: an agent's sandbox goes with the agent.
  bool has_files() const {
    const std::filesystem::recursive_directory_iterator entries(path_);
    return std::any_of(begin(entries), end(entries),
                       [](const auto& entry) { return entry.is_regular_file(); });
  }

 private:
  const std::string path_;
  bool mounted_ = false;
};

}  // namespace mesolite::hadoop
