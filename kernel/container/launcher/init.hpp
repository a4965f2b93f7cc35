// The first process of a namespace of processes: waits for the program that it stands before, reaps
// what loses its parents, and hands signals on to the program.
#pragma once

#include <sys/types.h>

#include "kernel/container/descriptor.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::container {

// The launcher's own program in memory, to become init from. A container gets to see it as the
// program of process 1, and so must get hold neither of the launcher's file nor of its memory.
Result<Descriptor> make_init_image();

// Turns the calling process into init. `status_pipe` is where the program's wait status goes in the
// end; `ready_pipe` is closed, by its last holder, when init stands and the program may begin.
// Comes back, with errno set, only when that failed.
void become_init(int image, pid_t program, int status_pipe, int ready_pipe);

// What init does; the arguments are those that become_init() gave it. Never fails: its end is the
// end of all that runs in its namespace.
int run_init(int count, char** arguments);

}  // namespace mesolite::container
