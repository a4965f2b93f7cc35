// What must hold after every step, whatever came in. A breach is a bug of ours: the process aborts.
#pragma once

namespace mesolite::master {

class State;
struct Agent;

// O(cluster).
void check_invariants(const State& state);
// Of one agent and what is on it; for checks after each step of a large simulation.
void check_invariants(const State& state, const Agent& agent);

}  // namespace mesolite::master
