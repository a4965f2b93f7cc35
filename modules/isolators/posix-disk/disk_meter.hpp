// DiskMeter: measures folders again and again, in a thread of its own, since that takes long.
//
// The one mutex guards the table of folders between the thread and the isolator's calls; nothing is
// measured while it is held.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "mesolite/base/ids.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::posix_disk {

// What the files below a folder take on disk, each counted once however many names it has. Stays on
// the folder's own file system and follows no link. Fails on folders nested deeper than any honest
// program's.
Result<std::uint64_t> disk_usage(const std::string& folder);

class DiskMeter {
 public:
  explicit DiskMeter(Duration interval) : interval_(interval) {}
  ~DiskMeter();
  DiskMeter(const DiskMeter&) = delete;
  DiskMeter& operator=(const DiskMeter&) = delete;

  // Measures `folder` from now on. The answer is a descriptor that becomes readable when it holds
  // more than `limit_bytes`; it is the meter's to close.
  Result<int> add(const ContainerId& id, const std::string& folder,
                  std::optional<std::uint64_t> limit_bytes);
  void set_limit(const ContainerId& id, std::optional<std::uint64_t> limit_bytes);
  void remove(const ContainerId& id);

  struct Reading {
    Result<std::uint64_t> used_bytes = 0;
    std::optional<std::uint64_t> limit_bytes;
    // What cannot be measured is held to be too much.
    bool over() const { return limit_bytes && (!used_bytes || *used_bytes > *limit_bytes); }
  };
  // Nothing: not known, or not measured yet.
  std::optional<Reading> latest(const ContainerId& id);
  // The descriptor is not readable until the next measurement.
  void acknowledge(const ContainerId& id);

 private:
  struct Folder {
    std::string path;
    std::optional<Reading> reading;
    std::optional<std::uint64_t> limit_bytes;
    int notice = -1;
  };
  void run();
  void note(const ContainerId& id, Result<std::uint64_t> used_bytes);

  const Duration interval_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<ContainerId, Folder> folders_;
  bool stopping_ = false;
  std::thread thread_;  // from the first folder on
};

}  // namespace mesolite::posix_disk
