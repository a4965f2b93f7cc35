// Access: whether somebody may do what he asks for. Every decision that counts goes to the audit
// log, as an output of the step.
#pragma once

#include <string>
#include <string_view>

#include "kernel/authorization/acls.hpp"
#include "kernel/master/peers.hpp"

namespace mesolite::master {

class State;
struct Framework;

// Who the peer has proved to be; "" if nobody had to prove anything.
std::string_view proven_principal(const Peer& peer);

// Why the peer may not, in one sentence, or "". Recorded.
std::string refusal(State& state, const Peer& peer, authorization::Action action,
                    std::string_view object);
// The same for who speaks for a framework. REQUIRES: it is connected.
std::string refusal(State& state, const Framework& framework, authorization::Action action,
                    std::string_view object);

// A peer was turned away, or cut off, for what it said.
void record_refusal(State& state, const Peer& peer, const std::string& reason);

}  // namespace mesolite::master
