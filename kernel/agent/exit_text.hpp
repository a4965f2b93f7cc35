// What people are told about a process that ended.
#pragma once

#include <cstdint>
#include <string>

namespace mesolite::agent {

// "exited with status 3", "killed by signal 9 (SIGKILL)", from a status as waitpid(2) gives it.
std::string exit_text(std::int32_t status);

// Whether it exited by itself with status 0.
constexpr bool exited_well(std::int32_t status) {
  return status == 0;
}

}  // namespace mesolite::agent
