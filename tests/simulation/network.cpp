#include "tests/simulation/network.hpp"

#include <algorithm>
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

template <class... Kinds>
bool is_one_of(const Message& message) {
  return (std::holds_alternative<Kinds>(message) || ...);
}

// What may come twice: those who say it repeat it by themselves when they hear nothing.
bool may_repeat(const std::vector<Message>& messages) {
  return std::all_of(messages.begin(), messages.end(), [](const Message& message) {
    return is_one_of<AgentUpdates, AcknowledgeUpdates, Acknowledge, RegisterAgent, Decline, Ping,
                     Pong>(message);
  });
}

}  // namespace

Network::Network(Timeline& timeline, Trace& trace, const NetworkTorments& torments,
                 std::uint64_t seed)
    : timeline_(timeline), trace_(trace), torments_(torments), random_(seed) {}

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
  for (const PeerId id : broken) break_unnoticed(id);
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
    const auto isolated = isolated_.find(node->name());
    const bool cut_off = isolated != isolated_.end() && isolated->second > timeline_.now();
    if (cut_off || server == servers_.end() || find(server->second) == nullptr) {
      return timeline_.in(reconnect_pause, [this, client, address, attempt] {
        try_connect(client, address, attempt);
      });
    }
    establish(*node, server->second, address);
  });
}

void Network::establish(Node& client, NodeId server, const std::string& address) {
  const PeerId id{++last_link_};
  Link& link = links_[id];
  link.id = id;
  link.client = client.id;
  link.server = server;
  link.address = address;
  links_of_clients_[client.id] = id;
  client.connected();
  client.end_turn();
}

void Network::close(NodeId client) {
  attempts_.erase(client);
  Link* link = link_of(client);
  links_of_clients_.erase(client);
  if (link == nullptr) return;
  link->client_open = false;
  break_after_last(*link, Direction::to_server);
}

void Network::disconnect(PeerId peer) {
  const auto found = links_.find(peer);
  if (found != links_.end()) break_after_last(found->second, Direction::to_client);
}

// What was sent is on its way; the end comes behind it.
void Network::break_after_last(Link& link, Direction direction) {
  const Time last = std::max(link.lane(direction).last_arrival, timeline_.now());
  timeline_.at(last + latency(), [this, id = link.id] {
    const auto found = links_.find(id);
    if (found != links_.end()) break_link(found->second, Duration(0), Duration(0));
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
  timeline_.in(client_notices, [this, id = link.id] { tell_client(id); });
  timeline_.in(server_notices, [this, id = link.id] { tell_server(id); });
}

void Network::break_unnoticed(PeerId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  break_link(found->second, up_to(noticed_after_max), up_to(noticed_after_max));
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
  if (messages.empty() || !link.carries || link.lane(direction).cut) return;
  const Node* sender = find(direction == Direction::to_server ? link.client : link.server);
  net::FrameBuilder builder(sender == nullptr ? 0 : sender->epoch());
  for (const Message& message : messages) {
    MESOLITE_CHECK(builder.add(message).has_value(), "no message is too large for a frame");
  }
  const bool twice = !calm_ && random_.chance(torments_.duplicates) && may_repeat(messages);
  std::string frame = builder.take();
  if (twice) post(link, direction, frame);
  post(link, direction, std::move(frame));
}

void Network::post(Link& link, Direction direction, std::string frame) {
  Time& last = link.lane(direction).last_arrival;
  last = std::max(last, timeline_.now() + latency());
  timeline_.at(last, [this, id = link.id, direction, frame = std::move(frame)] {
    deliver(id, direction, frame);
  });
}

void Network::deliver(PeerId id, Direction direction, const std::string& frame) {
  const auto found = links_.find(id);
  if (found == links_.end() || !found->second.carries) return;
  Link& link = found->second;
  const bool to_server = direction == Direction::to_server;
  Node* node = find(to_server ? link.server : link.client);
  if (node == nullptr || !(to_server ? link.server_open : link.client_open)) return;
  if (to_server) link.server_knows = true;
  hash(id, direction, frame);
  Result<net::FrameReader> reader = net::FrameReader::open(frame);
  MESOLITE_CHECK(reader.has_value(), "a frame that was written can be read");
  if (reader->epoch() != 0 && reader->epoch() < node->epoch()) return;  // of a leader of the past
  const NodeId receiver = node->id;
  while (!reader->at_end()) {
    auto item = reader->next();
    MESOLITE_CHECK(item.has_value() && item->known, "a message that was written can be read");
    hand_over(id, direction, receiver, std::move(item->message));
  }
  node = find(receiver);  // it may have ended on what it heard
  if (node != nullptr) node->end_turn();
}

void Network::hand_over(PeerId id, Direction direction, NodeId receiver, Message message) {
  Node* node = find(receiver);
  if (node == nullptr) return;
  words_ += is_one_of<Ping, Pong>(message) ? 0 : 1;
  const bool to_server = direction == Direction::to_server;
  if (trace_.wanted()) {
    const auto link = links_.find(id);
    const Node* from = link == links_.end()
                           ? nullptr
                           : find(to_server ? link->second.client : link->second.server);
    trace_.message(timeline_.now(), from == nullptr ? "?" : from->name(), node->name(), message);
  }
  to_server ? node->received_from(id, std::move(message)) : node->received(std::move(message));
}

void Network::hash(PeerId id, Direction direction, const std::string& frame) {
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
  if (link != nullptr) break_unnoticed(link->id);
}

void Network::cut_some_link() {
  Link* link = some_link();
  if (link == nullptr) return;
  link->lane(random_.chance(0.5) ? Direction::to_server : Direction::to_client).cut = true;
  timeline_.in(up_to(cut_max), [this, id = link->id] { break_unnoticed(id); });
}

void Network::isolate(const std::string& name, Duration span) {
  Time& until = isolated_[name];
  until = std::max(until, timeline_.now() + span);
  for (auto& [id, link] : links_) {
    const Node* client = find(link.client);
    if (client == nullptr || client->name() != name || !link.carries) continue;
    for (Lane& lane : link.lanes) lane.cut = true;
    timeline_.at(until, [this, broken = id] { break_unnoticed(broken); });
  }
}

}  // namespace mesolite::simulation
