// The end of the agent itself: what runs is asked to end, then ended, and the master is told.
#pragma once

#include <string>

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

void begin_ending(State& state, std::string reason, Farewell farewell);
// Says Finished once nothing runs any more.
void continue_ending(State& state);
// Something could not be ended in time.
void ending_due(State& state);

}  // namespace mesolite::agent
