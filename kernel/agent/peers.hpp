// Peers: who is connected to the agent's own bus. Each greets first; executors then register,
// anyone may read a sandbox.
#pragma once

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

void received_from_peer(State& state, PeerId peer, Message message);
void peer_authenticated(State& state, PeerAuthenticated& input);
void peer_lost(State& state, PeerId peer);

}  // namespace mesolite::agent
