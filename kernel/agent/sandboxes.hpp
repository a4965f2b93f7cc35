// Where the files of a task lie: of tasks that are known, and of the last ones that were.
#pragma once

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

// `principal` is who reads; "" if he had to prove nothing.
void read_sandbox(State& state, PeerId peer, const std::string& principal,
                  const ReadSandbox& request);
// The task is being forgotten; its files stay readable for a while.
void remember_sandbox(State& state, const Task& task);

}  // namespace mesolite::agent
