// Reservations and persistent volumes: what frameworks (in Accept) and operators make of an agent's
// resources. Each operation takes some resources away and puts the same amount in their place.
//
// The agent is told of every change and remembers it; while it is connected, the master's word
// holds.
#pragma once

#include <string>
#include <string_view>

#include "kernel/master/operators.hpp"
#include "kernel/master/records.hpp"
#include "mesolite/base/resources.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/protocol/operator_messages.hpp"

namespace mesolite::master {

class State;

struct Conversion {
  Resources before;
  Resources after;
};

// Who wants an operation.
struct Claim {
  std::string_view principal;  // what is made carries it
  std::string_view role;       // reservations of this role only; empty = of any
};

// What `kind` (reserve, unreserve, create, destroy) makes of which resources of the agent, whoever
// holds them. Fails with the reason why that cannot be: a sentence that begins with the resource.
Result<Conversion> conversion_of(OperationKind kind, const Resources& resources, const Agent& agent,
                                 const Claim& claim);
// Books it on the agent and tells it. REQUIRES: what is taken away is part of the agent, and
// neither used nor offered, but for what the caller is about to put right.
void convert(State& state, Agent& agent, const Conversion& conversion);

// An agent that was away comes back: `reported` becomes what it has, with all that was made before
// and that it may not have heard of. False, and nothing done, if it is short of what it had.
bool keep_what_was_made(const Agent& agent, Resources& reported);
void tell_what_was_made(State& state, const Agent& agent);

Answer reserve(State& state, const Question& question, const ReserveResources& request);
Answer unreserve(State& state, const Question& question, const UnreserveResources& request);
Answer create_volumes(State& state, const Question& question, const CreateVolumes& request);
Answer destroy_volumes(State& state, const Question& question, const DestroyVolumes& request);

}  // namespace mesolite::master
