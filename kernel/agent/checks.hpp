// Checks of command tasks: what is looked at while a task runs, and what follows from it. (Tasks of
// an executor are its own to look after.)
//
// A check reports what it finds whenever that changes. A health check says whether the task is
// healthy, and ends it when it has failed so many times in a row; failures before the task was ever
// healthy do not count while its grace period lasts.
#pragma once

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

// Why these checks cannot be carried out: a sentence that begins with the field.
Status check_checks(const TaskInfo& info);

// Remembers the checks of a task that is to run, if it has any.
void prepare_checks(Task& task, const TaskInfo& info);
// The task runs.
void begin_checks(State& state, Task& task);
void check_due(State& state, Task& task, CheckRole role);
void checked(State& state, const Checked& outcome);
// The task is over, or is being ended.
void drop_checks(State& state, Task& task);

}  // namespace mesolite::agent
