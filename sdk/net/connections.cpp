#include "sdk/net/connections.hpp"

namespace mesolite::net {
namespace {

// Routing numbers wrap around.
bool later(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) > 0;
}

}  // namespace

std::optional<PeerId> Connections::accepted(int descriptor) {
  const auto earlier = ended(descriptor);
  open_[descriptor] = {};
  return earlier;
}

std::optional<PeerId> Connections::ended(int descriptor) {
  const auto found = open_.find(descriptor);
  if (found == open_.end()) return std::nullopt;
  const PeerId peer = found->second.peer;
  open_.erase(found);
  if (!peer.empty()) return peer;
  silent_ends_.insert(descriptor);
  return std::nullopt;
}

Connections::Attribution Connections::attribute(int descriptor, std::uint32_t routing,
                                                PeerId peer) {
  const auto found = open_.find(descriptor);
  if (found == open_.end()) return {};
  Connection& connection = found->second;
  if (connection.peer.empty()) {
    connection = {peer, routing};
    const bool doubtful = silent_ends_.count(descriptor) != 0;
    return {.claim = doubtful ? Claim::doubtful : Claim::alive, .superseded = {}};
  }
  if (!later(routing, connection.routing)) return {};
  const PeerId superseded = connection.peer;
  connection = {peer, routing};
  return {.claim = Claim::doubtful, .superseded = superseded};
}

bool Connections::silent(int descriptor) const {
  const auto found = open_.find(descriptor);
  return found != open_.end() && found->second.peer.empty();
}

}  // namespace mesolite::net
