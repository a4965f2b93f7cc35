// The agent machine: which executors and tasks run here, what their containers shall do, and which
// status updates the master still owes an acknowledgement for.
//
// Single-threaded and deterministic: no I/O, no clock, no locks. Equal configuration, seed and
// inputs give equal outboxes, byte for byte.
#pragma once

#include <memory>
#include <optional>

#include "kernel/agent/durable.hpp"
#include "kernel/agent/io.hpp"

namespace mesolite::agent {

class State;

// What becomes of what an earlier agent has left behind.
enum class RecoveryMode : std::uint8_t {
  reconnect,  // it is taken up again
  cleanup,    // it is ended, and so is this agent then
  as_new      // it is ended, and this agent is another one
};

class Agent {
 public:
  Agent(Configuration configuration, Time now);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Goes on from what an earlier agent has left behind. REQUIRES: the first call, if at all, and
  // the configuration is compatible with that of before.
  void recover(Time now, Durable durable, RecoveryMode mode, Outbox& outbox);
  // Takes one input in and appends what follows from it. REQUIRES: `now` never goes back.
  void step(Time now, Input input, Outbox& outbox);
  // Fires every deadline that is due, and sends what was gathered for the master in this turn
  // (status updates travel batched). The shell calls it once at the end of each turn.
  void advance(Time now, Outbox& outbox);
  // When advance() wants to be called at the latest; the only way the machine asks for time.
  std::optional<Time> next_deadline() const;

  // A copy of the whole state for readers elsewhere.
  AgentStateSnapshot snapshot(Time now) const;
  // Aborts unless every invariant holds.
  void check_invariants() const;

  const State& state() const;  // read-only, for tests and checkers

 private:
  std::unique_ptr<State> state_;
};

}  // namespace mesolite::agent
