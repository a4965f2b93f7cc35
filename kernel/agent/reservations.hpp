// What was made of the agent's resources at run time: dynamic reservations and persistent volumes.
// The master decides, the agent remembers.
#pragma once

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

// Takes over all that the master says was made; anything else was undone.
void checkpoint_resources(State& state, const CheckpointResources& order);

}  // namespace mesolite::agent
