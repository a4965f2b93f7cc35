// The link to the master: greeting and authentication, registration with growing pauses, and the
// pings whose absence means that the master is lost. The states are drawn in state.hpp.
#pragma once

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

bool is_registered(const State& state);

void master_connected(State& state);
void master_disconnected(State& state);
void authenticated(State& state, Authenticated& answer);

void welcomed(State& state, Welcome& welcome);
void challenged(State& state, Challenge& challenge);
void refused(State& state, const Refused& refusal);
void registered(State& state, AgentRegistered& answer);
void pinged(State& state, const Ping& ping);

void link_due(State& state);

// After what was gathered for the master in this turn, so that nothing overtakes it.
void send_to_master(State& state, Message message);

}  // namespace mesolite::agent
