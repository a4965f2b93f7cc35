// From what is asked for and what the isolators contribute to what the launcher does. Pure, but for
// looking up no one: the identity is the caller's to fill in.
#pragma once

#include <string>

#include "kernel/container/containerizer.hpp"
#include "kernel/container/launch_spec.hpp"

namespace mesolite::container {

// Fails with a sentence on a command that cannot be run as it stands (no program, a NUL byte, an
// unknown rlimit), and on contributions that this launcher cannot carry out.
Result<LaunchSpec> make_launch_spec(const LaunchRequest& request, const Contribution& contribution);

}  // namespace mesolite::container
