// Counters: what the master has done since it started, for the metrics.
#pragma once

#include <array>
#include <cstdint>

#include "mesolite/protocol/types.hpp"

namespace mesolite::master {

struct Counters {
  std::uint64_t agent_registrations = 0;
  std::uint64_t agent_reregistrations = 0;
  std::uint64_t agent_removals = 0;
  std::uint64_t agents_given_up = 0;  // of which some wait for their removal, or came back
  std::uint64_t agents_lost = 0;
  std::uint64_t agents_gone = 0;
  std::uint64_t frameworks_removed = 0;
  std::uint64_t offers_made = 0;
  std::uint64_t offers_accepted = 0;
  std::uint64_t offers_declined = 0;
  std::uint64_t offers_rescinded = 0;
  std::uint64_t tasks_launched = 0;
  std::array<std::uint64_t, enum_count<TaskState>()> tasks_ended{};  // by terminal state
  std::uint64_t allocations = 0;                                     // calls
  std::uint64_t allocations_refused = 0;  // holdings of which the kernel's own books said no
  std::uint64_t requests_refused = 0;
  std::uint64_t peers_refused = 0;
  std::uint64_t messages_delayed = 0;   // by the rate of their principal
  std::uint64_t capacity_exceeded = 0;  // frameworks that ended their connection so
};

}  // namespace mesolite::master
