// The name of a file by its content: two files with the same hash are taken for the same.
#pragma once

#include <string>

#include "mesolite/base/result.hpp"

namespace mesolite::hadoop {

// 128 bits of xxh3 as hex digits: tells changed files apart, and is no protection against somebody
// who makes one on purpose.
Result<std::string> content_hash(const std::string& path);

}  // namespace mesolite::hadoop
