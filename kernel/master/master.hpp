// The master machine: who is there, what is offered to whom, what runs where.
//
// Single-threaded and deterministic: no I/O, no clock, no locks. Equal configuration, seed and
// inputs give equal outboxes, byte for byte. The state lives in parts split by noun (agents,
// frameworks, offers, tasks, roles); this class routes inputs to them.
#pragma once

#include <memory>
#include <optional>

#include "kernel/master/io.hpp"
#include "kernel/master/recovery.hpp"

namespace mesolite::master {

class State;

class Master {
 public:
  // `durable` is what earlier masters of the cluster have left behind.
  explicit Master(Configuration configuration, Time now, Durable durable = {});
  ~Master();
  Master(const Master&) = delete;
  Master& operator=(const Master&) = delete;

  // Takes one input in and appends what follows from it. REQUIRES: `now` never goes back.
  void step(Time now, Input input, Outbox& outbox);
  // Fires every deadline that is due; also asks for an allocation if something changed since the
  // last one. The shell calls it once at the end of each turn, so a burst of inputs costs one pass.
  void advance(Time now, Outbox& outbox);
  // When advance() wants to be called at the latest; the only way the machine asks for time.
  std::optional<Time> next_deadline() const;

  // A copy of the whole state for readers elsewhere. O(cluster): on demand only.
  ClusterSnapshot snapshot(Time now) const;
  // Aborts unless every invariant holds (resources conserved per agent, each offer used once, …).
  void check_invariants() const;

  const State& state() const;  // read-only, for tests and checkers

 private:
  std::unique_ptr<State> state_;
};

}  // namespace mesolite::master
