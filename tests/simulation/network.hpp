// Network: the links between nodes. Frames arrive in order and late; a link can break, which each
// end notices in its own time, or be cut in one direction, which nobody notices until it breaks.
// What a link had not delivered when it broke is lost, as with any transport over connections.
//
// Every hop goes through the real codec: messages are encoded into a frame and decoded from it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "mesolite/base/random.hpp"
#include "tests/simulation/node.hpp"
#include "tests/simulation/scenario.hpp"
#include "tests/simulation/timeline.hpp"
#include "tests/simulation/trace.hpp"

namespace mesolite::simulation {

enum class Direction : std::uint8_t { to_server, to_client };

class Network {
 public:
  Network(Timeline& timeline, Trace& trace, const NetworkTorments& torments, std::uint64_t seed);

  // ---- nodes
  // -------------------------------------------------------------------------------------
  void add(Node& node);
  // It is not there any more; its links break.
  void remove(Node& node);
  Node* find(NodeId id) const;
  // Where clients find a server; the newest one there answers.
  void listen(const std::string& address, NodeId server) { servers_[address] = server; }

  // ---- clients
  // -----------------------------------------------------------------------------------
  // A client has one connection. It is made again by itself until it is closed.
  void connect(NodeId client, const std::string& address);
  void close(NodeId client);
  void send(NodeId client, const std::vector<Message>& messages);

  // ---- servers
  // -----------------------------------------------------------------------------------
  void send_to(PeerId peer, const std::vector<Message>& messages);
  // After what was sent.
  void disconnect(PeerId peer);

  // ---- torments
  // ----------------------------------------------------------------------------------
  void break_some_link();
  void cut_some_link();
  // As a client, `name` reaches nobody for so long, and nobody reaches it.
  void isolate(const std::string& name, Duration span);
  // From now on nothing goes wrong by itself any more.
  void calm() { calm_ = true; }

  // Of all frames that were delivered, and when: equal runs have equal ones.
  std::uint64_t trace_hash() const { return trace_hash_; }
  std::uint64_t frames() const { return frames_; }
  // Delivered messages that are not there to find out whether somebody is.
  std::uint64_t words() const { return words_; }

 private:
  // What is on its way in one direction.
  struct Lane {
    bool cut = false;
    Time last_arrival{};
  };
  struct Link {
    PeerId id;
    NodeId client;
    NodeId server;
    std::string address;
    bool carries = true;      // frames arrive
    bool client_open = true;  // the end has not noticed that it is over
    bool server_open = true;
    bool server_knows = false;  // something arrived there
    std::array<Lane, 2> lanes;

    Lane& lane(Direction direction) { return lanes[static_cast<std::size_t>(direction)]; }
  };

  void try_connect(NodeId client, std::string address, std::uint64_t attempt);
  void establish(Node& client, NodeId server, const std::string& address);
  Link* link_of(NodeId client);
  Link* some_link();
  void transmit(Link& link, Direction direction, const std::vector<Message>& messages);
  void post(Link& link, Direction direction, std::string frame);
  void deliver(PeerId id, Direction direction, const std::string& frame);
  void hand_over(PeerId id, Direction direction, NodeId receiver, Message message);
  // Nothing arrives any more; the ends are told after these times.
  void break_link(Link& link, Duration client_notices, Duration server_notices);
  void break_unnoticed(PeerId id);
  void break_after_last(Link& link, Direction direction);
  void tell_client(PeerId id);
  void tell_server(PeerId id);
  Duration latency();
  Duration up_to(Duration most);
  void hash(PeerId id, Direction direction, const std::string& frame);

  Timeline& timeline_;
  Trace& trace_;
  const NetworkTorments& torments_;
  Random random_;
  bool calm_ = false;
  std::uint64_t last_node_ = 0;
  std::uint64_t last_link_ = 0;
  std::uint64_t last_attempt_ = 0;
  std::map<NodeId, Node*> nodes_;
  std::map<std::string, NodeId> servers_;
  std::map<NodeId, std::uint64_t> attempts_;  // of each client: the one that counts
  std::map<NodeId, PeerId> links_of_clients_;
  std::map<PeerId, Link> links_;
  std::map<std::string, Time> isolated_;                // until then
  std::uint64_t trace_hash_ = 14695981039346656037ULL;  // FNV-1a
  std::uint64_t frames_ = 0;
  std::uint64_t words_ = 0;
};

}  // namespace mesolite::simulation
