// The processes of a container's cgroups, and their end.
#pragma once

#include <string>

#include "mesolite/base/result.hpp"

namespace mesolite::container {

// Sends SIGKILL to all processes of a cgroup and of those below it; answers whether there were
// none. Ask again until there are none: on cgroup v1 a process may escape one round by forking.
bool kill_cgroup(const std::string& directory);

}  // namespace mesolite::container
