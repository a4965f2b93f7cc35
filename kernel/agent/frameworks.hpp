// Frameworks: what the master asks to run for them here, and their end.
#pragma once

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

void run_tasks(State& state, RunTasks request);
// Ends all that the framework has here; nobody waits for its updates any more.
void shutdown_framework(State& state, const ShutdownFramework& request);
// The same for one that is gone already.
void end_framework(State& state, Framework& framework);
void shutdown_framework_executor(State& state, const ShutdownFrameworkExecutor& request);
// Towards an executor; delivered at most once.
void deliver(State& state, ExecutorMessage message);

// Invalidates the framework if it has neither tasks nor executors here.
void forget_framework_if_idle(State& state, Framework& framework);

}  // namespace mesolite::agent
