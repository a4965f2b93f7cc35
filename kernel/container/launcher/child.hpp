// What a new process does between its birth and its program, in this order: cgroups, gate, file
// system, host name, session, standard streams, directory, limits, privileges, program.
#pragma once

#include <signal.h>

#include <string>
#include <vector>

#include "kernel/container/launch_spec.hpp"
#include "kernel/container/launcher/step.hpp"

namespace mesolite::container {

// Whatever ends the agent, or its terminal, does not end the launcher: its agent tells it to stop.
inline constexpr int ignored_signals[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGQUIT};

// The launcher's own handling of signals; from it a child knows what it has to undo.
void set_up_signals();

// Descriptors of the launcher's that its children use.
struct Surroundings {
  int null = -1;          // /dev/null
  int gate = -1;          // where a gated process asks whether to go on
  std::string oom_score;  // what a container starts with; empty: what it inherits
};

struct Streams {
  int directory = -1;  // the sandbox
  int standard_output = -1;
  int standard_error = -1;
};

// All that a child reads, laid out before it exists: it must leave nothing behind on the heap,
// which it may share with the launcher.
struct ChildPlan {
  ChildPlan(const LaunchSpec& spec, std::string question, const Streams& streams,
            const Surroundings& surroundings);

  const LaunchSpec& spec;
  const std::string question;  // for the gate: who asks
  const Streams streams;
  const Surroundings& surroundings;
  const std::vector<std::string> cgroup_files;
  const std::vector<char*> arguments;
  const std::vector<char*> environment;
};

// The steps that concern the whole container. They come first, and where it has an init, init takes
// them.
StepResult enter_container(const ChildPlan& plan);

// The rest. Comes back only when something failed. `parent` is whose death ends the process.
StepFailure become_program(const ChildPlan& plan, pid_t parent);

}  // namespace mesolite::container
