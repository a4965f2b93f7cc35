// What a new process gives up before it runs its program.
#pragma once

#include "kernel/container/launch_spec.hpp"
#include "kernel/container/launcher/step.hpp"

namespace mesolite::container {

// In this order: the bounding set shrinks, then groups, group and user change, then capabilities
// are set, then new privileges are forbidden. A capability that is not in both masks is gone for
// good: a program that runs as root gets back from execve(2) whatever the bounding set leaves.
StepResult drop_privileges(const LaunchSpec& spec);

}  // namespace mesolite::container
