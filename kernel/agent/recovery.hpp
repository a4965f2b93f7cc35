// Recovery: an agent goes on from what an earlier one has left behind. What ran runs on; what was
// being ended is ended; what cannot be taken up again ends with a sentence that says so.
#pragma once

#include "kernel/agent/agent.hpp"
#include "kernel/agent/state.hpp"

namespace mesolite::agent {

// REQUIRES: a state that nothing has happened to.
void recover(State& state, Durable durable, RecoveryMode mode);

}  // namespace mesolite::agent
