// Tasks: from what the master asks for to the acknowledgement of their end.
//
// A task leaves its executor and its resources when it is terminal, and is forgotten when its
// framework has acknowledged that.
#pragma once

#include <optional>
#include <string>

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

// With what a task comes.
struct Arrival {
  const std::string& role;
  const ExecutorLaunch* executor = nullptr;  // what was said of the task's executor; null: nothing
  std::uint64_t group = 0;
};
// Takes a task in and starts it, or ends it at once with the reason.
void take_in_task(State& state, Framework& framework, const Arrival& arrival, TaskLaunch launch);

void kill_task(State& state, const KillAgentTask& request);
// Ends a task that is not terminal, wherever it stands: at once while it is queued, through its
// executor, or through its container. Without a policy its own counts.
void stop_task(State& state, Task& task, Ending ending, const std::optional<KillPolicy>& policy);

// The terminal update. REQUIRES: the task is not terminal and status.state is.
void end_task(State& state, Task& task, TaskStatus status);
// The framework knows of the end, or is gone itself. Invalidates the task.
void forget_task(State& state, Task& task);

// ---- command tasks ------------------------------------------------------------------------------

// What only a command task needs to be known of. Fails with why it cannot be run.
Result<TaskInfo> open_command_task(const Task& task);
// Takes from `info` what concerns the task and its container, except the command.
void furnish_command_task(State& state, Task& task, TaskInfo& info, Container& container);
void task_launched(State& state, Task& task);
void task_launch_failed(State& state, Task& task, const std::string& message);
void task_exited(State& state, Task& task, const Exited& exit);
void completion_due(State& state, Task& task);

}  // namespace mesolite::agent
