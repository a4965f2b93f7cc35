// Failpoints: named steps of a launch at which tests have the agent die, as if its machine's
// operator had killed it there (--failpoint). Elsewhere they cost a comparison.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <string_view>

namespace mesolite::container {

// In their order.
inline constexpr std::string_view launch_steps[] = {
    "launch_decided",  "launch_recorded", "container_prepared", "sandbox_made",
    "launch_ordered",  "container_gated", "isolated",           "container_started",
    "launch_reported", "running_recorded"};

// Kills this process if `step` is the failpoint.
inline void reach(std::string_view failpoint, std::string_view step) {
  if (failpoint == step) ::kill(::getpid(), SIGKILL);
}

}  // namespace mesolite::container
