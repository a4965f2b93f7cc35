// State: everything the master machine knows, as parts that are split by noun. Each part's header
// says which transitions change it; master.cpp routes inputs to them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "kernel/master/agents.hpp"
#include "kernel/master/allocation.hpp"
#include "kernel/master/counters.hpp"
#include "kernel/master/deadlines.hpp"
#include "kernel/master/explain.hpp"
#include "kernel/master/frameworks.hpp"
#include "kernel/master/io.hpp"
#include "kernel/master/offers.hpp"
#include "kernel/master/peers.hpp"
#include "kernel/master/rates.hpp"
#include "kernel/master/roles.hpp"

namespace mesolite::master {

class State {
 public:
  State(Configuration settings, Time start);

  const Configuration configuration;
  const Time started_at;
  Time now;                  // of the step under way
  Outbox* outbox = nullptr;  // of the step under way
  // Whether every agent and framework that earlier masters let in is in what they left behind: what
  // is not there, has ended.
  bool all_written_down = false;
  Counters counters;
  Deadlines deadlines;
  Peers peers;
  Rates rates;
  Roles roles;
  Agents agents;
  Frameworks frameworks;
  Offers offers;
  Allocation allocation;
  Explanations explanations;
  std::uint64_t records_persisted = 0;  // number of the last Persist
};

using EventFields = std::initializer_list<std::pair<std::string_view, std::string>>;
void note(State& state, Severity severity, std::string_view name, EventFields fields);

// A request that cannot be carried out and changes nothing; `problem` names the field. The
// framework is told.
void refuse_request(State& state, const Framework& framework, std::string_view request,
                    std::string problem);

}  // namespace mesolite::master
