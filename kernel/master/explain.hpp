// Explanations: why a framework is offered nothing, or nothing in which a task would fit. The
// allocator is asked; what it answers, with what the master itself knows, goes to the operator.
#pragma once

#include <cstdint>
#include <map>

#include "kernel/master/io.hpp"
#include "kernel/master/operators.hpp"
#include "mesolite/protocol/operator_messages.hpp"

namespace mesolite::master {

class State;

// An allocator that does not answer must not make us remember all who ask.
inline constexpr std::size_t explanations_waiting_max = 1'000;

class Explanations {
 public:
  // Asks the allocator; the question is answered in a later step. Fails, with nothing asked, if
  // there is no such framework or role or too many questions wait.
  Status ask(State& state, const Question& question, const ExplainOffers& request);
  void answered(State& state, const Explained& answer);

 private:
  struct Waiting {
    Question question;
    FrameworkHandle framework;
    Resources wants;
  };

  std::map<std::uint64_t, Waiting> waiting_;  // by the number of the Explain output
  std::uint64_t last_ = 0;
};

}  // namespace mesolite::master
