// Executors: a process of the framework's own, started for its first task on this agent, that runs
// any number of tasks until it ends or is told to. The states are drawn in records.hpp.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

// The executor of a task that came in, started if it does not run; else how the task ends.
tl::expected<Executor*, TaskEnd> ensure_executor(State& state, Framework& framework,
                                                 const std::string& role, const ExecutorId& id,
                                                 const ExecutorLaunch* launch);
// Handed over as soon as the executor is there.
void queue_task(State& state, Executor& executor, Task& task);
// The task is terminal: the executor's container needs less from now on.
void leave_executor(State& state, Task& task);
void forward_kill(State& state, Task& task, const std::optional<KillPolicy>& policy);

// Asks it to end, and ends it when its grace is over. `tasks_end` is for tasks it leaves behind.
void shutdown_executor(State& state, Executor& executor, Duration grace, TaskEnd tasks_end);
// One that an earlier agent has left behind, with its container; it has as long to come back as to
// register. Then its tasks follow, in order: `executor_has_it` is whether it has certainly received
// the task.
Executor& restore_executor(State& state, Framework& framework, const DurableExecutor& record);
void restore_task(State& state, Executor& executor, Task& task, bool executor_has_it);
Duration shutdown_grace(const State& state, const Executor& executor);

// Fails with why the peer is not let in.
Status register_executor(State& state, PeerId peer, RegisterExecutor request);
void executor_disconnected(State& state, Executor& executor);
void registration_due(State& state, Executor& executor);
void shrink_due(State& state, Executor& executor);

// Both invalidate the executor.
void executor_launch_failed(State& state, Executor& executor, const std::string& message);
void executor_exited(State& state, Executor& executor, const Exited& exit);

// Marks that it has something to be told at the end of this turn.
void gather(State& state, Executor& executor);
void send_gathered_to_executors(State& state);

}  // namespace mesolite::agent
