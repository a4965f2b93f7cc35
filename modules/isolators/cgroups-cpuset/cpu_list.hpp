// CpuList: CPUs by number, sorted, as "0-3,7".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"

namespace mesolite::cgroups_cpuset {

using CpuList = std::vector<int>;

Result<CpuList> parse_cpus(std::string_view text);
std::string to_text(const CpuList& cpus);

}  // namespace mesolite::cgroups_cpuset
