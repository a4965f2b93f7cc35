// Peers: the connections, who stands at the other end of each, and what waits to be sent to it.
//
// What a step has to say to a peer is gathered and leaves when the turn ends, in order; lists of
// the same kind that follow one another (updates, offers, acknowledgements) travel as one message.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "kernel/master/io.hpp"
#include "kernel/master/records.hpp"

namespace mesolite::master {

//   greeting ─ Hello ─> authenticating <─> challenged
//                             └─ accepted ─> welcome
//   any ─ refused, cut off ─> ended ─ PeerLost ─> (no record)
enum class PeerPhase : std::uint8_t { greeting, authenticating, challenged, welcome, ended };

struct Peer {
  PeerId id;
  PeerPhase phase = PeerPhase::greeting;
  PeerRole role = PeerRole::unknown;
  std::string mechanism;
  std::string principal;  // claimed until it is welcome, then proved
  Time deadline{};        // the valid one in Deadlines: end of the greeting, or the next ping
  std::uint64_t ping_sequence = 0;
  std::uint32_t pings_missed = 0;  // in a row
  bool answer_awaited = false;     // to the last ping; anything the peer says is an answer
  Agent* agent = nullptr;          // that speaks on it, once registered
  Framework* framework = nullptr;  // that speaks on it, once subscribed
  bool subscribed_before = false;  // a framework spoke on it at some time
  std::unique_ptr<RegisterAgent> registration;  // the parts that have come, until the last one has
  std::vector<Message> pending;                 // leaves at the end of the turn
  bool disconnect_pending = false;              // after it
};

// A message whose list has this many items is not made longer.
inline constexpr std::size_t gathered_items_max = 512;

class Peers {
 public:
  Peer* find(PeerId id) const;
  Peer& add(PeerId id);
  // What waited for it is dropped.
  void remove(PeerId id);
  std::size_t size() const { return peers_.size(); }

  void send(Peer& peer, Message message);
  // The list message of type T that leaves last for this peer, for one more item: the one that is
  // waiting if `fits` it, else a new one.
  template <class T, class Fits>
  T& gather(Peer& peer, Fits&& fits);
  // The connection is cut after what waits has left; nothing is heard of it any more.
  void cut(Peer& peer);

  // Moves everything that waits to the outbox: peers in the order in which they were first
  // addressed.
  void flush(Outbox& outbox);
  bool has_pending() const { return !addressed_.empty(); }

 private:
  void address(const Peer& peer);

  std::unordered_map<PeerId, std::unique_ptr<Peer>> peers_;
  std::vector<PeerId> addressed_;  // this turn; may name peers that are gone
};

template <class T, class Fits>
T& Peers::gather(Peer& peer, Fits&& fits) {
  if (!peer.pending.empty()) {
    T* last = std::get_if<T>(&peer.pending.back());
    if (last != nullptr && fits(*last)) return *last;
  }
  send(peer, T{});
  return std::get<T>(peer.pending.back());
}

// ---- transitions
// ---------------------------------------------------------------------------------

class State;

// Everything a peer says before it is welcome, and the authenticator's answers.
void peer_greets(State& state, Peer& peer, Message message);
void peer_authenticated(State& state, Authenticated authenticated);
// A peer that was never heard of says something: makes the record, unless there are too many.
Peer* admit_peer(State& state, PeerId id);
// Tells it why, cuts it off, and treats whoever spoke on it as gone.
void refuse_peer(State& state, Peer& peer, std::string reason);
// Cuts it off without a word and treats whoever spoke on it as gone.
void drop_peer(State& state, Peer& peer, std::string_view reason);
void peer_lost(State& state, PeerId id);
// Its deadline has come: the greeting took too long, or it is time for a ping.
void peer_deadline(State& state, Peer& peer);
void peer_alive(Peer& peer);

}  // namespace mesolite::master
