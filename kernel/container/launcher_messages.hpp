// What an agent and its launcher say to each other over a Unix socket, each in one kind of frame.
//
// The launcher (mesolite-launch) is the parent of all containers and outlives its agent; the next
// agent greets it and learns from it what runs, and how what has ended meanwhile has ended.
#pragma once

#include <cstdint>
#include <string>

#include "kernel/container/launch_spec.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::container {

// Below the directory that both know.
inline constexpr const char* launcher_socket = "socket";

// The descriptor at which a launcher finds the agent that has started it.
inline constexpr int launcher_connection = 3;

// With the request come descriptors: greet 1 (the gate), start 3 (the sandbox's directory, standard
// output, standard error).
MESOLITE_ENUM(LauncherOrder, unknown, greet, start, signal, kill, forget, stop)

struct LauncherRequest {
  LauncherOrder order = LauncherOrder::unknown;
  ContainerId container;
  LaunchSpec spec;          // of start
  std::int32_t signal = 0;  // to the process group of the first process
  // Of greet: how long containers may run without an agent once it is gone. Zero: they end with it.
  Duration patience{0};
  MESOLITE_FIELDS(order, container, spec, signal, patience);
};

// started   answers start: the process executes its program
// failed    answers start: `step` could not be done, and nothing is left
// ended     the first process has ended with `status`, and nothing else of the container runs
// welcome   answers greet, after a `started` for each container that runs, and an `ended` for each
//           that has ended and was not forgotten
MESOLITE_ENUM(LauncherEvent, unknown, welcome, started, failed, ended, warning)

struct LauncherReport {
  LauncherEvent event = LauncherEvent::unknown;
  ContainerId container;
  std::int64_t pid = 0;
  std::int32_t status = 0;  // as waitpid(2) gives it
  std::string step;         // "cannot mount '/proc'"
  std::int32_t error = 0;   // errno
  Bytes seccomp_filter;     // of what runs, when a new agent is told of it
  MESOLITE_FIELDS(event, container, pid, status, step, error, seccomp_filter);
};

// The gate is a socket of its own, since the launcher itself stands still while a process waits
// there. The process says who it is: its pid as text, filled up with zeroes to this many bytes,
// then its container. The answer is whether it is to go on, then the container: another one may
// have been killed while it waited.
inline constexpr std::size_t gate_pid_bytes = 32;
inline constexpr char gate_open = 'o';
inline constexpr char gate_shut = 's';

}  // namespace mesolite::container
