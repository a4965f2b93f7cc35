// Checkpoints: what is written down so that the next agent can go on, and when.
//
// A record leaves before anything that rests on it: a task's before its launch, an update's before
// it is sent or acknowledged. Changes of update streams are gathered, since a task that comes and
// goes within one turn would else be written many times; whoever emits what rests on them calls
// checkpoint_streams() first.
#pragma once

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

void checkpoint_agent(State& state);
void checkpoint_framework(State& state, Framework& framework);
void checkpoint_executor(State& state, const Executor& executor);
// REQUIRES: its launch still has its detail, unless nothing of the task will ever run.
void checkpoint_task(State& state, Task& task);

// The task's updates, or why it is being ended, have changed.
void stream_changed(State& state, Task& task);
void checkpoint_streams(State& state);

// Nothing of it is kept any longer.
void discard_framework(State& state, const Framework& framework);
void discard_executor(State& state, const Executor& executor);
void discard_task(State& state, Task& task);
void discard_all(State& state);

}  // namespace mesolite::agent
