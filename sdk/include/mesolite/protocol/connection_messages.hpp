// What opens, keeps and ends every connection on the bus.
#pragma once

#include <cstdint>
#include <string>

#include "mesolite/protocol/info.hpp"

namespace mesolite {

MESOLITE_ENUM(PeerRole, unknown, scheduler, agent, executor, operator_client)

// First message of a client on each connection.
struct Hello {
  PeerRole role = PeerRole::unknown;
  std::string version;    // of the software
  std::string mechanism;  // name of the authenticator module; "none" = none
  std::string principal;  // claimed; counts only once the mechanism has proved it
  Bytes data;             // the mechanism's first token
  MESOLITE_FIELDS(role, version, mechanism, principal, data);
};

struct Challenge {
  Bytes data;
  MESOLITE_FIELDS(data);
};

struct ChallengeResponse {
  Bytes data;
  MESOLITE_FIELDS(data);
};

// The client is let in.
struct Welcome {
  std::string principal;  // as whom
  MasterInfo master;      // the master behind the bus; an agent's bus names the one it follows
  MESOLITE_FIELDS(principal, master);
};

// The client is not let in, or is shut out: the last message on the connection.
struct Refused {
  std::string reason;
  std::string leader_bus;  // not the leader: ask there; empty = not known
  MESOLITE_FIELDS(reason, leader_bus);
};

struct Ping {
  std::uint64_t sequence = 0;
  MESOLITE_FIELDS(sequence);
};

struct Pong {
  std::uint64_t sequence = 0;
  MESOLITE_FIELDS(sequence);
};

}  // namespace mesolite
