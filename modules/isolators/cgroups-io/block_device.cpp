#include "block_device.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace mesolite::cgroups_io {
namespace {

namespace fs = std::filesystem;

}  // namespace

Result<std::string> disk_below(const std::string& path) {
  // Of a sandbox that is still to be made, the folder that will hold it.
  fs::path there = path;
  std::error_code error;
  while (!there.empty() && there != "/" && !fs::exists(there, error)) there = there.parent_path();
  struct stat found {};
  if (::stat(there.c_str(), &found) != 0) {
    return system_failure("cannot look at '" + there.string() + "'", errno);
  }
  const dev_t device = S_ISBLK(found.st_mode) ? found.st_rdev : found.st_dev;
  const std::string numbers = std::to_string(major(device)) + ":" + std::to_string(minor(device));
  const fs::path entry = "/sys/dev/block/" + numbers;
  if (!fs::exists(entry, error)) return failure("'" + there.string() + "' lies on no block device");
  if (!fs::exists(entry / "partition", error)) return numbers;
  // Only whole disks can be throttled: /sys/dev/block/8:1 is a link to .../sda/sda1.
  const fs::path disk = fs::canonical(entry, error).parent_path();
  std::string whole;
  std::getline(std::ifstream(disk / "dev"), whole);
  if (whole.empty()) return failure("the disk of '" + there.string() + "' cannot be found");
  return whole;
}

}  // namespace mesolite::cgroups_io
