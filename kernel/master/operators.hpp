// Operators: people and their tools, who ask for one thing at a time and get one answer to each.
//
// The requests are ordinary messages (operator_messages.hpp); whatever brings them here (the bus
// today) only has to name who asks. An answer may be given in a later step, when an effect has
// brought what it needs.
#pragma once

#include <cstdint>
#include <string>

#include "kernel/master/io.hpp"
#include "kernel/master/peers.hpp"

namespace mesolite::master {

class State;

// Who waits for an answer. Outlives the asker: an answer to somebody who left is dropped.
struct Question {
  PeerId peer;
  std::uint64_t request = 0;  // the asker's own number
  std::string principal;      // as whom; empty if nobody had to say who he is
};

// What to say to people, or why it cannot be.
using Answer = Result<std::string>;

// A message of an operator. False if it is none that operators send.
bool operator_asks(State& state, const Peer& peer, Message& message);
void answer_question(State& state, const Question& question, const Answer& answer);

}  // namespace mesolite::master
