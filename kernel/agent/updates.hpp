// Status update streams. Each task has one: updates leave in order, only the first is under way,
// and it is sent again with growing pauses until the framework has acknowledged it.
#pragma once

#include <optional>
#include <string>

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

// An update of our own, with an id and the time.
TaskStatus make_status(State& state, const Task& task, TaskState task_state, UpdateReason reason,
                       std::string message);

// Appends to the task's stream and makes the state known. REQUIRES: the task is not terminal.
void add_update(State& state, Task& task, TaskStatus status);

// An update without a stream: sent once, of a task that is not known here.
void send_unreliable(State& state, const FrameworkId& framework, const TaskId& task,
                     TaskState task_state, std::string message);

void acknowledged(State& state, const AcknowledgeUpdates& request);

// What an executor says of its tasks; duplicates are dropped, all is acknowledged to it.
void take_executor_updates(State& state, Executor& executor, std::vector<TaskStatus> updates);

// The first update of each stream, once the master is there again.
void resend_updates(State& state);
// The same for one framework, once its scheduler is there again.
void resend_updates(State& state, const Framework& framework);
void update_retry_due(State& state, Task& task);
// Those of this turn, batched.
void send_gathered_updates(State& state);

// Nothing of the task is sent any more, or awaited.
void withdraw(State& state, Task& task);

}  // namespace mesolite::agent
