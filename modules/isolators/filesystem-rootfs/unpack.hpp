// Unpacking archives that nobody trusts.
#pragma once

#include <cstdint>
#include <filesystem>

#include "mesolite/base/result.hpp"

namespace mesolite::filesystem_rootfs {

struct UnpackLimits {
  std::int64_t bytes_max = 0;
  std::int64_t files_max = 0;
};

// Unpacks a tar archive, compressed or not, into a directory that exists. Nothing gets out of the
// directory: no absolute path, no "..", nothing through a link. Owners and permissions are kept,
// device files left out.
Status unpack(const std::filesystem::path& archive, const std::filesystem::path& directory,
              const UnpackLimits& limits);

}  // namespace mesolite::filesystem_rootfs
