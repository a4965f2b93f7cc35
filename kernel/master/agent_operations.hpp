// What operators do to agents: draining, keeping their resources back, declaring them gone.
//
//   in service <─ reactivate ─┬─ deactivated: nothing of it is offered, what runs goes on
//                             ├─ draining: its tasks are killed as well ─ none left ─> drained
//                             └── (gone for good, if the drain said so) <─ mark_gone ─────┘
#pragma once

#include <string>

#include "kernel/master/records.hpp"
#include "mesolite/protocol/messages.hpp"
#include "mesolite/protocol/operator_messages.hpp"

namespace mesolite::master {

class State;

// Each answers with a sentence for people, or says why it cannot be. Agents out of reach are meant
// too: what is asked holds when they come back.
Result<std::string> drain_agent(State& state, const DrainAgent& request);
Result<std::string> deactivate_agent(State& state, const DeactivateAgent& request);
Result<std::string> reactivate_agent(State& state, const ReactivateAgent& request);
Result<std::string> mark_agent_gone(State& state, const MarkAgentGone& request);

// Kills what runs on an agent that is being drained; called whenever it has come back.
void continue_drain(State& state, Agent& agent);
// Something of a draining agent has ended: it is looked at when the step is over.
void drain_progressed(State& state, Agent& agent);
// Its drain is to be looked at: something has ended, or its deadline has come.
void drain_due(State& state, Agent& agent);

}  // namespace mesolite::master
