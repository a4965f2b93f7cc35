// Node: a simulated process. The network and the timeline know it by its id, so that whatever is on
// its way to one that has died finds nobody.
#pragma once

#include <cstdint>
#include <string>

#include "mesolite/base/ids.hpp"
#include "mesolite/protocol/messages.hpp"

namespace mesolite::simulation {

using NodeId = NumberId<struct NodeIdTag>;

class Node {
 public:
  virtual ~Node() = default;

  // Of the host and what runs there; outlives a crash.
  virtual const std::string& name() const = 0;
  // That it puts on its frames; it takes none of a lower one.
  virtual std::uint64_t epoch() const { return 0; }

  // As a client: its connection is up, or gone (it is made again by itself).
  virtual void connected() {}
  virtual void disconnected() {}
  virtual void received(Message) {}
  // As a server: of one of its peers.
  virtual void received_from(PeerId, Message) {}
  virtual void peer_lost(PeerId) {}
  // All that came together has been told.
  virtual void end_turn() = 0;

  NodeId id;
};

}  // namespace mesolite::simulation
