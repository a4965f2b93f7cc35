// What an agent tells mesolite-check, and what that answers.
#pragma once

#include <cstdint>
#include <string>

#include "mesolite/protocol/task.hpp"

namespace mesolite::container {

// Descriptor of mesolite-check: a file for the answer. The order is on standard input, whole.
inline constexpr int check_answer = 3;

struct CheckOrder {
  Check check;
  std::int64_t pid = 0;      // of the container's first process
  std::string cgroup_mount;  // of v2, or the folder of the v1 mounts
  Bytes seccomp_filter;      // that the program was started with
  MESOLITE_FIELDS(check, pid, cgroup_mount, seccomp_filter);
};

struct CheckOutcome {
  bool passed = false;
  std::string message;  // "exited with status 3", "HTTP status 200", "cannot connect: …"
  MESOLITE_FIELDS(passed, message);
};

}  // namespace mesolite::container
