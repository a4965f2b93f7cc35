// Finds the disk below a path.
#pragma once

#include <string>

#include "mesolite/base/result.hpp"

namespace mesolite::cgroups_io {

// "254:0" of the whole disk that `path` is (a device node) or lies on (anything else). Fails if it
// lies on none: on a tmpfs, an overlay, a network file system.
Result<std::string> disk_below(const std::string& path);

}  // namespace mesolite::cgroups_io
