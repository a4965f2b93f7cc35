#include "disk_meter.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace mesolite::posix_disk {
namespace {

constexpr std::uint64_t block_bytes = 512;  // of st_blocks, whatever the file system uses
constexpr std::size_t depth_max = 1'000;    // one descriptor each

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;

OpenFolder open_below(int parent, const char* name) {
  const int folder = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return nullptr;
  OpenFolder opened(::fdopendir(folder));
  if (!opened) ::close(folder);
  return opened;
}

// Counts blocks along one walk.
class Walk {
 public:
  Result<std::uint64_t> run(const std::string& top) {
    struct stat found {};
    if (::lstat(top.c_str(), &found) != 0) return 0;
    device_ = found.st_dev;
    count(found);
    enter(AT_FDCWD, top.c_str());
    while (!way_.empty()) {
      DIR* folder = way_.back().get();
      const dirent* entry = ::readdir(folder);
      if (entry == nullptr) {
        way_.pop_back();
        continue;
      }
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      // What is gone meanwhile is passed over.
      if (::fstatat(::dirfd(folder), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0) continue;
      if (found.st_dev != device_) continue;
      count(found);
      if (!S_ISDIR(found.st_mode)) continue;
      if (way_.size() >= depth_max) {
        return failure("its folders are nested more than " + std::to_string(depth_max) + " deep");
      }
      enter(::dirfd(folder), entry->d_name);
    }
    return blocks_ * block_bytes;
  }

 private:
  void enter(int parent, const char* name) {
    if (auto folder = open_below(parent, name)) way_.push_back(std::move(folder));
  }
  void count(const struct stat& file) {
    const bool many_names = file.st_nlink > 1 && !S_ISDIR(file.st_mode);
    if (many_names && !linked_.insert(file.st_ino).second) return;
    blocks_ += static_cast<std::uint64_t>(file.st_blocks);
  }

  dev_t device_ = 0;
  std::uint64_t blocks_ = 0;
  std::set<ino_t> linked_;  // files with several names that have been counted
  std::vector<OpenFolder> way_;
};

}  // namespace

Result<std::uint64_t> disk_usage(const std::string& folder) {
  return Walk().run(folder);
}

DiskMeter::~DiskMeter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (const auto& [id, folder] : folders_) ::close(folder.notice);
}

Result<int> DiskMeter::add(const ContainerId& id, const std::string& folder,
                           std::optional<std::uint64_t> limit_bytes) {
  const int notice = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (notice < 0) return system_failure("cannot make an eventfd", errno);
  const std::lock_guard lock(mutex_);
  Folder& entry = folders_[id];
  if (entry.notice >= 0) ::close(entry.notice);
  entry = Folder{folder, std::nullopt, limit_bytes, notice};
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  return notice;
}

void DiskMeter::set_limit(const ContainerId& id, std::optional<std::uint64_t> limit_bytes) {
  const std::lock_guard lock(mutex_);
  const auto known = folders_.find(id);
  if (known != folders_.end()) known->second.limit_bytes = limit_bytes;
}

void DiskMeter::remove(const ContainerId& id) {
  const std::lock_guard lock(mutex_);
  const auto known = folders_.find(id);
  if (known == folders_.end()) return;
  ::close(known->second.notice);
  folders_.erase(known);
}

std::optional<DiskMeter::Reading> DiskMeter::latest(const ContainerId& id) {
  const std::lock_guard lock(mutex_);
  const auto known = folders_.find(id);
  return known == folders_.end() ? std::nullopt : known->second.reading;
}

void DiskMeter::acknowledge(const ContainerId& id) {
  const std::lock_guard lock(mutex_);
  const auto known = folders_.find(id);
  if (known == folders_.end()) return;
  std::uint64_t count = 0;
  (void)!::read(known->second.notice, &count, sizeof(count));  // empty is fine
}

void DiskMeter::note(const ContainerId& id, Result<std::uint64_t> used_bytes) {
  const std::lock_guard lock(mutex_);
  const auto known = folders_.find(id);
  if (known == folders_.end()) return;  // removed while it was measured
  Folder& folder = known->second;
  folder.reading = Reading{std::move(used_bytes), folder.limit_bytes};
  const std::uint64_t one = 1;
  if (folder.reading->over()) (void)!::write(folder.notice, &one, sizeof(one));  // full is fine
}

void DiskMeter::run() {
  while (true) {
    std::vector<std::pair<ContainerId, std::string>> due;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, interval_, [this] { return stopping_; });
      if (stopping_) return;
      for (const auto& [id, folder] : folders_) due.emplace_back(id, folder.path);
    }
    for (const auto& [id, path] : due) note(id, disk_usage(path));
  }
}

}  // namespace mesolite::posix_disk
