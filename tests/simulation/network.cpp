#include "tests/simulation/network.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "mesolite/base/check.hpp"
#include "sdk/net/frame.hpp"

namespace mesolite::simulation {

namespace {

constexpr Duration latency_least = 50us;
constexpr Duration latency_spread = 400us;
constexpr Duration noticed_after_max = 4s;  // heartbeats
constexpr Duration cut_max = 20s;
constexpr Duration reconnect_pause = 100ms;

// What may come twice: those who say it repeat it by themselves when they hear nothing.
bool may_repeat(const std::vector<Message>& messages) {
  return std::all_of(messages.begin(), messages.end(), [](const Message& message) {
    return std::holds_alternative<AgentUpdates>(message) ||
           std::holds_alternative<AcknowledgeUpdates>(message) ||
           std::holds_alternative<Acknowledge>(message) ||
           std::holds_alternative<RegisterAgent>(message) ||
           std::holds_alternative<Decline>(message) || std::holds_alternative<Ping>(message) ||
           std::holds_alternative<Pong>(message);
  });
}

}  // namespace

Network::Network(Timeline& timeline, const Torments& torments, std::uint64_t seed)
    : timeline_(timeline), torments_(torments), random_(seed) {}

// ---- nodes
// ---------------------------------------------------------------------------------------

void Network::add(Node& node) {
  node.id = NodeId{++last_node_};
  nodes_[node.id] = &node;
}

Node* Network::find(NodeId id) const {
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : found->second;
}

void Network::remove(Node& node) {
  nodes_.erase(node.id);
  attempts_.erase(node.id);
  links_of_clients_.erase(node.id);
  std::vector<PeerId> broken;
  for (const auto& [id, link] : links_) {
    if (link.client == node.id || link.server == node.id) broken.push_back(id);
  }
  for (const PeerId id : broken) {
    break_link(links_.at(id), up_to(noticed_after_max), up_to(noticed_after_max));
  }
}

// ---- connections
// ---------------------------------------------------------------------------------

void Network::connect(NodeId client, const std::string& address) {
  close(client);
  try_connect(client, address, attempts_[client] = ++last_attempt_);
}

void Network::try_connect(NodeId client, std::string address, std::uint64_t attempt) {
  timeline_.in(latency(), [this, client, address = std::move(address), attempt] {
    const auto current = attempts_.find(client);
    Node* node = find(client);
    if (node == nullptr || current == attempts_.end() || current->second != attempt) return;
    const auto server = servers_.find(address);
    if (server == servers_.end() || find(server->second) == nullptr) {
      return timeline_.in(reconnect_pause, [this, client, address, attempt] {
        try_connect(client, address, attempt);
      });
    }
    const PeerId id{++last_link_};
    Link& link = links_[id];
    link.id = id;
    link.client = client;
    link.server = server->second;
    link.address = address;
    links_of_clients_[client] = id;
    node->connected();
    node->end_turn();
  });
}

void Network::close(NodeId client) {
  attempts_.erase(client);
  Link* link = link_of(client);
  links_of_clients_.erase(client);
  if (link == nullptr) return;
  link->client_open = false;
  // What was sent is on its way; the end comes behind it.
  const PeerId id = link->id;
  const Time last = std::max(link->last_arrival[Direction::to_server], timeline_.now());
  timeline_.at(last + latency(), [this, id] {
    const auto found = links_.find(id);
    if (found != links_.end()) break_link(found->second, Duration(0), Duration(0));
  });
}

void Network::disconnect(PeerId peer) {
  const auto found = links_.find(peer);
  if (found == links_.end()) return;
  const Time last = std::max(found->second.last_arrival[Direction::to_client], timeline_.now());
  timeline_.at(last + latency(), [this, peer] {
    const auto link = links_.find(peer);
    if (link != links_.end()) break_link(link->second, Duration(0), Duration(0));
  });
}

Network::Link* Network::link_of(NodeId client) {
  const auto id = links_of_clients_.find(client);
  if (id == links_of_clients_.end()) return nullptr;
  const auto link = links_.find(id->second);
  return link == links_.end() ? nullptr : &link->second;
}

void Network::break_link(Link& link, Duration client_notices, Duration server_notices) {
  if (!link.carries) return;
  link.carries = false;
  const PeerId id = link.id;
  timeline_.in(client_notices, [this, id] { tell_client(id); });
  timeline_.in(server_notices, [this, id] { tell_server(id); });
}

void Network::tell_client(PeerId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  Link& link = found->second;
  const NodeId client = link.client;
  const std::string address = link.address;
  const bool told = std::exchange(link.client_open, false);
  if (!link.server_open) links_.erase(found);
  const auto current = links_of_clients_.find(client);
  if (!told || current == links_of_clients_.end() || current->second != id) return;
  links_of_clients_.erase(current);
  Node* node = find(client);
  if (node == nullptr) return;
  const auto attempt = attempts_.find(client);
  if (attempt != attempts_.end()) {
    attempt->second = ++last_attempt_;
    try_connect(client, address, attempt->second);
  }
  node->disconnected();
  node->end_turn();
}

void Network::tell_server(PeerId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  Link& link = found->second;
  Node* node = find(link.server);
  const bool told = std::exchange(link.server_open, false) && link.server_knows;
  if (!link.client_open) links_.erase(found);
  if (node == nullptr || !told) return;
  node->peer_lost(id);
  node->end_turn();
}

// ---- frames
// --------------------------------------------------------------------------------------

Duration Network::up_to(Duration most) {
  if (calm_) most = std::min<Duration>(most, 100ms);
  return Duration(
      static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most.count()) + 1)));
}

Duration Network::latency() {
  Duration wait = latency_least + up_to(latency_spread);
  if (!calm_ && random_.chance(torments_.delays)) wait += up_to(torments_.delay_max);
  return wait;
}

void Network::send(NodeId client, const std::vector<Message>& messages) {
  Link* link = link_of(client);
  if (link != nullptr && link->client_open) transmit(*link, Direction::to_server, messages);
}

void Network::send_to(PeerId peer, const std::vector<Message>& messages) {
  const auto link = links_.find(peer);
  if (link == links_.end() || !link->second.server_open) return;
  transmit(link->second, Direction::to_client, messages);
}

void Network::transmit(Link& link, Direction direction, const std::vector<Message>& messages) {
  if (messages.empty() || !link.carries || link.cut.contains(direction)) return;
  net::FrameBuilder builder(1);
  for (const Message& message : messages) {
    MESOLITE_CHECK(builder.add(message).has_value(), "no message is too large for a frame");
  }
  const std::string frame = builder.take();
  const bool twice = !calm_ && random_.chance(torments_.duplicates) && may_repeat(messages);
  for (int i = 0; i < (twice ? 2 : 1); ++i) {
    Time& last = link.last_arrival[direction];
    last = std::max(last, timeline_.now() + latency());
    timeline_.at(last, [this, id = link.id, direction, frame] { deliver(id, direction, frame); });
  }
}

void Network::deliver(PeerId id, Direction direction, const std::string& frame) {
  const auto found = links_.find(id);
  if (found == links_.end() || !found->second.carries) return;
  Link& link = found->second;
  const bool to_server = direction == Direction::to_server;
  Node* node = find(to_server ? link.server : link.client);
  if (node == nullptr || !(to_server ? link.server_open : link.client_open)) return;
  if (to_server) link.server_knows = true;
  trace(id, direction, frame);
  Result<net::FrameReader> reader = net::FrameReader::open(frame);
  MESOLITE_CHECK(reader.has_value(), "a frame that was written can be read");
  const NodeId receiver = node->id;
  while (!reader->at_end()) {
    auto item = reader->next();
    MESOLITE_CHECK(item.has_value() && item->known, "a message that was written can be read");
    node = find(receiver);  // it may end on what it hears
    if (node == nullptr) return;
    to_server ? node->received_from(id, std::move(item->message))
              : node->received(std::move(item->message));
  }
  node = find(receiver);
  if (node != nullptr) node->end_turn();
}

void Network::trace(PeerId id, Direction direction, const std::string& frame) {
  ++frames_;
  const auto mix = [&](std::uint64_t value) {
    for (int i = 0; i < 8; ++i, value >>= 8) {
      trace_hash_ = (trace_hash_ ^ (value & 0xFF)) * 1099511628211ULL;
    }
  };
  mix(static_cast<std::uint64_t>(timeline_.now().time_since_epoch().count()));
  mix(id.value * 2 + static_cast<std::uint64_t>(direction));
  for (const char c : frame) {
    trace_hash_ = (trace_hash_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
}

// ---- torments
// ------------------------------------------------------------------------------------

Network::Link* Network::some_link() {
  std::vector<Link*> carrying;
  for (auto& [id, link] : links_) {
    if (link.carries) carrying.push_back(&link);
  }
  return carrying.empty() ? nullptr : carrying[random_.below(carrying.size())];
}

void Network::break_some_link() {
  Link* link = some_link();
  if (link != nullptr) break_link(*link, up_to(noticed_after_max), up_to(noticed_after_max));
}

void Network::cut_some_link() {
  Link* link = some_link();
  if (link == nullptr) return;
  link->cut.insert(random_.chance(0.5) ? Direction::to_server : Direction::to_client);
  const PeerId id = link->id;
  timeline_.in(up_to(cut_max), [this, id] {
    const auto found = links_.find(id);
    if (found == links_.end()) return;
    break_link(found->second, up_to(noticed_after_max), up_to(noticed_after_max));
  });
}

}  // namespace mesolite::simulation
