// Which peer sits behind which descriptor: pure bookkeeping over what ZeroMQ's monitor tells.
//
// The monitor names connections by descriptor, messages name them by routing number, and the first
// message of a connection names both. Descriptors are reused at once, so the two must be brought
// together with care:
// - that a connection ended is told before its descriptor can be reused, so whoever reads all that
//   the monitor has to tell before it attributes a message knows all earlier ends on it;
// - routing numbers are given in ascending order, so of two peers that claim one connection the
//   higher number is its owner and the other one's connection had ended unnoticed.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "mesolite/base/ids.hpp"

namespace mesolite::net {

class Connections {
 public:
  enum class Claim : std::uint8_t {
    alive,     // the connection is the peer's
    doubtful,  // perhaps that of an earlier connection on the descriptor, whose peer never spoke
    ended,     // the peer's connection has ended
  };
  struct Attribution {
    Claim claim = Claim::ended;
    std::optional<PeerId> superseded;  // this peer's connection had ended
  };

  // Answers with the peer of an earlier connection whose end was never told.
  std::optional<PeerId> accepted(int descriptor);
  // The connection has ended; answers with its peer if that is known.
  std::optional<PeerId> ended(int descriptor);
  // The first message of a peer came over this descriptor.
  Attribution attribute(int descriptor, std::uint32_t routing, PeerId peer);
  // Everything that came over the connections that have ended so far has been read.
  void settled() { silent_ends_.clear(); }
  // Whether the descriptor is that of a connection of which no message was attributed.
  bool silent(int descriptor) const;

 private:
  struct Connection {
    PeerId peer;  // empty until its first message
    std::uint32_t routing = 0;
  };

  std::unordered_map<int, Connection> open_;
  // Descriptors of connections that ended before a message of theirs was read; one may still be
  // queued.
  std::unordered_set<int> silent_ends_;
};

}  // namespace mesolite::net
