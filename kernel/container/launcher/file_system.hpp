// The file system that a container sees: its mounts, its root, and what is hidden from it.
#pragma once

#include "kernel/container/launch_spec.hpp"
#include "kernel/container/launcher/step.hpp"

namespace mesolite::container {

// Builds it and goes there. Runs in the new process, in a mount namespace of its own: what is
// mounted on the host meanwhile still comes in, and nothing goes out.
//
// All sources are taken hold of before anything is mounted, so a mount may cover the place from
// which a later one comes. Targets are looked up within the new root, never out of it, whatever
// links a task or an image has put there; missing ones are made below a root or a tmpfs of the
// container's own and below its sandbox, and nowhere else.
StepResult enter_file_system(const LaunchSpec& spec);

}  // namespace mesolite::container
