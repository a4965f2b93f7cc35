// What goes into the master machine and what comes out of it: its whole contact with the world.
//
// All are values. The shell (kernel/runtime) and the simulator (tests/simulation) feed Inputs and
// carry out Outputs; neither decides anything.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "kernel/authorization/acls.hpp"
#include "kernel/master/rates.hpp"
#include "mesolite/module/allocator.hpp"
#include "mesolite/module/authenticator.hpp"
#include "mesolite/protocol/event.hpp"
#include "mesolite/protocol/messages.hpp"
#include "mesolite/protocol/snapshot.hpp"

namespace mesolite::master {

// ---- in ----

// A message of a connected peer. A peer exists from its first message to its PeerLost.
struct Received {
  PeerId peer;
  Message message;
};

struct PeerLost {
  PeerId peer;
};

// The answer to an Allocate output. A failure (the module's sentence) leaves all as it was.
struct Allocated {
  Result<AllocateResponse> response;
  // With a failure: who was asked is gone, and with it all that it was told. Somebody who reports
  // such ends has said so already.
  bool forgotten = false;
};

// The answer to an Authenticate output.
struct Authenticated {
  PeerId peer;
  Result<AuthenticationAnswer> answer;
};

// A Persist output with this number, and all before it, are durable.
struct Persisted {
  std::uint64_t number = 0;
};

// The allocator has been started again and knows nothing.
struct AllocatorStarted {};

// The answer to a LoadAllocator output: the title of the candidate ("best-fit 1.0.0"), or why there
// is none.
struct AllocatorLoaded {
  Result<std::string> title;
};

// The answer to an Explain output.
struct Explained {
  std::uint64_t number = 0;
  Result<ExplainAnswer> answer;
};

// The message of a Send, or this part of it, was too large for the bus and did not leave.
struct NotSent {
  PeerId peer;
  Message message;
  std::string reason;
};

using Input = std::variant<Received, PeerLost, Allocated, Authenticated, Persisted,
                           AllocatorStarted, AllocatorLoaded, Explained, NotSent>;

// ---- out ----

struct Send {
  PeerId peer;
  Message message;
};

// Cut the connection, once everything sent before is on its way.
struct Disconnect {
  PeerId peer;
};

// Ask the allocator; the answer comes back as Allocated. At most one is under way.
struct Allocate {
  AllocateRequest request;
  bool rebuild = false;    // who is asked is fresh, and is told everything
  bool candidate = false;  // ask the candidate, not the one that serves
};

// Load an allocator beside the one that serves; the answer comes back as AllocatorLoaded. One at a
// time.
struct LoadAllocator {
  std::string name;  // empty: that of the one that serves
};

// The candidate serves from now on; or else it is dropped.
struct SeatAllocator {
  bool adopt = false;
};

// Ask the authenticator of this mechanism; the answer comes back as Authenticated.
struct Authenticate {
  PeerId peer;
  std::string mechanism;
  AuthenticationToken token;
};

// A record for the registry. No Send that follows it in the outbox may leave before it is durable.
struct Persist {
  std::uint64_t number = 0;  // 1, 2, 3, …
  std::string key;
  Bytes value;  // empty = remove the key
};

// Ask the allocator that serves why it offers nothing; the answer comes back as Explained.
struct Explain {
  std::uint64_t number = 0;  // 1, 2, 3, …
  ExplainRequest request;
};

// A Decision is for the audit log.
using Output = std::variant<Send, Disconnect, Allocate, Authenticate, Persist, Event, LoadAllocator,
                            SeatAllocator, Explain, authorization::Decision>;

// Ordered: outputs are carried out first to last.
using Outbox = std::vector<Output>;

// ---- configuration ----

struct Configuration {
  MasterInfo info;  // with epoch and cluster id
  std::string cluster_name;
  std::uint64_t seed = 1;

  Duration agent_ping_timeout{15s};
  std::uint32_t agent_ping_timeouts_max = 5;
  Duration agent_reregister_timeout{10min};
  Duration agent_removal_interval{0};  // least time between two agents that are given up; 0: none
  Duration framework_ping_interval{15s};
  Duration hello_timeout{15s};  // from a peer's first message to its Welcome
  Duration offer_timeout{2min};
  Duration allocation_interval{0};  // least gap between two passes
  std::vector<Resources> minimum_allocatable;
  std::vector<std::string> fair_sharing_excluded;
  bool filter_gpu_resources = true;
  std::map<std::string, double> weights;
  std::vector<std::string> mechanisms{"none"};  // authenticators a client may choose from
  std::map<std::string, std::string> flags;     // for the snapshot
  authorization::Acls acls = authorization::Acls::allow_all();
  RateLimits rate_limits;

  // Limits: what comes above is refused with a sentence, or the oldest is forgotten.
  std::size_t peers_max = 60'000;
  std::size_t agents_max = 100'000;
  std::size_t frameworks_max = 10'000;
  std::size_t tasks_per_framework_max = 1'000'000;
  std::size_t completed_frameworks_max = 50;
  std::size_t completed_tasks_per_framework_max = 1'000;
};

}  // namespace mesolite::master
