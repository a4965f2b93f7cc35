// When this program was built, for /version. In a file of its own, as it changes with every fresh
// build folder.
#pragma once

#include <cstdint>
#include <string_view>

namespace mesolite::http {

std::string_view build_date();  // "2026-11-23 08:15:30"
std::int64_t build_time();      // seconds since the Unix epoch

}  // namespace mesolite::http
