// Spawner: makes the first process of a container, fast.
//
// Without a namespace of processes the child shares the launcher's memory until it executes
// (clone(2) with CLONE_VM | CLONE_VFORK): nothing is copied, and it leaves its error in plain
// sight. The launcher stands still meanwhile and has one thread, so the child may do what it likes.
//
// With one, its first process stays as init, so it gets a copy of the launcher's memory (which is
// small), makes the program's process in the same way, and exchanges the memory for that of init,
// before the program begins.
#pragma once

#include <sys/types.h>

#include "kernel/container/descriptor.hpp"
#include "kernel/container/launcher/child.hpp"

namespace mesolite::container {

struct Spawned {
  pid_t pid = 0;      // leader of a session and a process group of its own
  Descriptor status;  // where init tells how the program has ended; not open: there is no init
};

class Spawner {
 public:
  explicit Spawner(Surroundings surroundings);
  ~Spawner();
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  // The launcher's end of the gate, as long as it has an agent.
  void set_gate(int descriptor) { surroundings_.gate = descriptor; }

  // Returns once the process executes its program, or with the step that failed, and then nothing
  // is left. The process has exactly the descriptors 0 (/dev/null), 1 and 2, default signal
  // handling, umask 022.
  tl::expected<Spawned, StepFailure> spawn(const ContainerId& container, const LaunchSpec& spec,
                                           const Streams& streams);

 private:
  tl::expected<Spawned, StepFailure> spawn_program(const ChildPlan& plan);
  tl::expected<Spawned, StepFailure> spawn_init(const ChildPlan& plan);
  StepFailure start_behind_init(const ChildPlan& plan, int status_pipe, int report);

  Surroundings surroundings_;
  void* stack_ = nullptr;  // of the child until it executes; one child at a time
  Descriptor init_image_;  // made when the first container needs it
};

}  // namespace mesolite::container
