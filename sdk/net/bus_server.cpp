#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sdk/net/bus.hpp"
#include "sdk/net/connection_guard.hpp"
#include "sdk/net/connections.hpp"
#include "sdk/net/frame.hpp"
#include "sdk/net/frame_intake.hpp"
#include "sdk/net/socket_name.hpp"
#include "sdk/net/zap.hpp"
#include "sdk/net/zmq_socket.hpp"

namespace mesolite::net {
namespace {

// What is read in one turn at most, so that sends and deadlines get their turn under any load.
constexpr int frames_per_turn = 512;
constexpr std::uint64_t messages_per_turn = 16'384;

constexpr Duration settle_interval = 1ms;    // between looks at connections that are ending
constexpr Duration settle_time_max = 250ms;  // until a loss is told, read to the end or not
constexpr Duration remnant_interval = 50ms;  // between looks for routes of losses told like that
constexpr Duration doubt_time = 50ms;        // in which ZeroMQ gives up a dead connection's route

// ZMQ_ZAP_ENFORCE_DOMAIN: nobody comes in whom the handler was not asked about. In the library
// since 4.3, though its header shows it to those alone who use drafts.
constexpr int zap_enforce_domain = 93;

// disconnect() waits for what was sent to leave. ZeroMQ counts a frame as gone just before it
// writes it, hence the grace: in it the thread that does both has certainly run again.
constexpr Duration disconnect_time_max = 1s;
constexpr Duration disconnect_grace = 40ms;

// The route of a peer is 0 and a number that ZeroMQ gave it. One that a client chose for itself
// could be another's.
constexpr std::size_t route_bytes = 5;

// On the wire, flags and length stand before each part.
constexpr std::size_t part_overhead = 9;

std::optional<std::uint32_t> routing_number(std::string_view route) {
  if (route.size() != route_bytes || route[0] != '\0') return std::nullopt;
  std::uint32_t number = 0;
  for (const char byte : route.substr(1)) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::string route_to(std::uint32_t number) {
  std::string route(route_bytes, '\0');
  for (std::size_t i = route_bytes; --i > 0; number >>= 8) route[i] = static_cast<char>(number);
  return route;
}

//            disconnect()            what was sent has left
//   open ─────────────────> parting ────────────────────────> cut
//    │ └── misbehaved ──────────────────────────────────────────┘
//    └── its connection has ended ──> ending ── all it sent has been read ──> (lost)
//        parting and cut likewise
enum class PeerState : std::uint8_t {
  open,
  parting,  // nothing more is received or sent
  cut,      // the connection has been shut down by us
};

struct Peer {
  PeerId id;
  std::uint32_t routing = 0;
  SocketName socket;
  PeerState state = PeerState::open;
  Time parting_until{};

  Time quiet_since{};  // parting, and nothing was left to send

  bool ending = false;       // its connection is gone
  bool unreachable = false;  // ZeroMQ knows, too: what it sent and was not read yet is readable
  bool loss_told = false;
  Time ending_until{};

  std::string principal;  // whose key it has
  bool greeted = false;   // its first frame has come
  int malformed = 0;
  FrameBuilder outgoing;
  InFlight in_flight = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace

class BusServer::Implementation {
 public:
  Implementation(Reactor& reactor, Handler& handler, BusLimits limits)
      : reactor_(reactor),
        handler_(handler),
        socket_(reactor.context(), ZMQ_ROUTER),
        monitor_(reactor.context(), socket_, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED),
        guard_(limits) {
    socket_.set_bus_options();
    socket_.set(ZMQ_ROUTER_MANDATORY, 1);
    socket_.set(ZMQ_BACKLOG, 4'096);
    // With a domain, and no authentication behind it as yet, ZeroMQ refuses its protocols of before
    // 3.0. They can abort the process when a connection comes in while the socket closes.
    socket_.set(ZMQ_ZAP_DOMAIN, plain_domain);
    reactor_.watch_socket(monitor_.get(), [this] { drain(); });
    reactor_.watch_socket(socket_.get(), [this] { drain(); });
    flush_hook_ = reactor_.at_flush([this] { flush(); });
  }

  ~Implementation() {
    reactor_.unwatch_socket(socket_.get());
    reactor_.unwatch_socket(monitor_.get());
    reactor_.forget(flush_hook_);
    reactor_.forget(tick_);
    reactor_.forget(look_);
  }

  void secure(const Curve& curve) {
    if (!curve) return;
    zap_.emplace(reactor_, curve, [this](const std::string& address, const std::string& key) {
      handler_.key_refused(address, key);
    });
    socket_.set(ZMQ_ZAP_DOMAIN, curve_domain);
    socket_.set(zap_enforce_domain, 1);
    socket_.set(ZMQ_CURVE_SERVER, 1);
    socket_.set(ZMQ_CURVE_SECRETKEY, curve->own.secret_key);
  }

  Result<std::string> bind(const std::string& endpoint) { return socket_.bind(endpoint); }
  std::string principal(PeerId id) const {
    const auto found = peers_.find(id);
    return found == peers_.end() ? "" : found->second.principal;
  }
  void set_epoch(std::uint64_t epoch) { epoch_ = epoch; }
  const BusCounters& counters() const { return counters_; }

  std::vector<Unsent> send(PeerId id, const Message& message) {
    auto unsent = add_in_parts(message, [this, id](const Message& part) { return add(id, part); });
    counters_.oversized += unsent.size();
    return unsent;
  }

  void disconnect(PeerId id) {
    Peer* peer = find(id);
    if (peer == nullptr || peer->state != PeerState::open) return;
    peer->state = PeerState::parting;
    peer->quiet_since = reactor_.now();
    peer->parting_until = reactor_.now() + disconnect_time_max;
    parting_.push_back(id);
    tick_after(disconnect_grace / 4);
  }

 private:
  // ---- in
  // ----------------------------------------------------------------------------------------

  void drain() {
    read_monitor();
    all_read_ = read_frames();
    if (all_read_) settle();
    tell_overdue_losses();
    if (ending_.empty() && doubtful_.empty()) return;
    const bool all_told = doubtful_.empty() && losses_untold_ == 0;
    tick_after(all_told ? remnant_interval : settle_interval);
  }

  void read_monitor() {
    ZmqMonitor::Event event;
    while (monitor_.next(event)) {
      const bool accepted = event.kind == ZMQ_EVENT_ACCEPTED;
      const auto lost =
          accepted ? connections_.accepted(event.value) : connections_.ended(event.value);
      if (lost) begin_ending(*lost);
      if (accepted) {
        if (const auto verdict = guard_.accepted(event.value, reactor_.now())) carry_out(*verdict);
        look_after_pause();
      } else {
        guard_.ended(event.value);
      }
    }
  }

  // Answers whether all there was has been read.
  bool read_frames() {
    const std::uint64_t messages_max = counters_.messages_in + messages_per_turn;
    for (int i = 0; i < frames_per_turn && counters_.messages_in < messages_max; ++i) {
      ZmqMessage route;
      if (!socket_.receive(route)) return true;
      ZmqMessage frame;
      if (!socket_.receive(frame)) return true;
      const bool multipart = frame.more();
      const std::size_t bytes = frame.view().size() + part_overhead + skip_parts(multipart);
      Peer* peer = sender(route, frame);
      if (peer != nullptr) guard_.delivered(peer->socket.descriptor, bytes);
      if (peer != nullptr && peer->state == PeerState::open) take(*peer, frame, multipart);
    }
    return false;
  }

  // Answers with their size.
  std::size_t skip_parts(bool more) {
    std::size_t bytes = 0;
    while (more) {
      ZmqMessage part;
      more = socket_.receive(part) && part.more();
      bytes += part.view().size() + part_overhead;
    }
    return bytes;
  }

  Peer* sender(ZmqMessage& route, ZmqMessage& frame) {
    const auto routing = routing_number(route.view());
    if (!routing) {
      refuse(frame.descriptor());
      return nullptr;
    }
    const auto known = by_routing_.find(*routing);
    if (known != by_routing_.end()) return find(known->second);
    Peer* peer = admit(*routing, frame.descriptor());
    peer->principal = frame.principal();
    return peer;
  }

  Peer* admit(std::uint32_t routing, int descriptor) {
    read_monitor();  // all ends of earlier connections on this descriptor
    const PeerId id{++last_peer_};
    auto& peer = peers_[id];
    peer.id = id;
    peer.routing = routing;
    by_routing_[routing] = id;
    const auto attribution = connections_.attribute(descriptor, routing, id);
    if (attribution.superseded) begin_ending(*attribution.superseded);
    if (attribution.claim == Connections::Claim::ended) {
      begin_ending(id);
      return &peer;
    }
    if (attribution.claim == Connections::Claim::doubtful) {
      doubtful_.push_back({id, reactor_.now() + doubt_time});
    }
    peer.socket = name_socket(descriptor);
    read_monitor();  // if the descriptor had been reused meanwhile, this has told the peer's end
    return &peer;
  }

  void take(Peer& peer, ZmqMessage& frame, bool multipart) {
    if (multipart) return turn_out(peer, "a message of it has several parts");
    ++counters_.frames_in;
    counters_.bytes_in += frame.view().size();
    const auto reader = FrameReader::open(frame.view());
    if (!reader) {
      ++counters_.malformed;
      return count_malformed(peer, reader.error().message);
    }
    // Whom somebody followed before does not matter to its greeting, which is its first frame.
    const bool first = !std::exchange(peer.greeted, true);
    if (!first && reader->epoch() != 0 && reader->epoch() < epoch_) {
      ++counters_.stale;
      return;
    }
    const Status well_formed = take_apart(*reader, counters_, [&](Message message) {
      handler_.received(peer.id, std::move(message));
      return peer.state == PeerState::open;
    });
    if (!well_formed) count_malformed(peer, well_formed.error().message);
  }

  void count_malformed(Peer& peer, const std::string& problem) {
    if (++peer.malformed >= malformed_frames_max) turn_out(peer, problem);
  }

  // ---- out
  // ---------------------------------------------------------------------------------------

  Status add(PeerId id, const Message& message) {
    Peer* peer = find(id);
    if (peer == nullptr || peer->state != PeerState::open || peer->ending) return {};
    const bool first = peer->outgoing.empty();
    const Status added = peer->outgoing.add(message);
    if (!added) return added;
    ++counters_.messages_out;
    if (first) gathered_.push_back(id);
    if (peer->outgoing.full()) emit(*peer);
    return {};
  }

  void flush() {
    for (const PeerId id : std::exchange(gathered_, {})) {
      Peer* peer = find(id);
      if (peer != nullptr && !peer->outgoing.empty()) emit(*peer);
    }
  }

  void emit(Peer& peer) {
    if (*peer.in_flight + peer.outgoing.size() > backlog_bytes_max) return give_up(peer);
    peer.outgoing.set_epoch(epoch_);
    const std::size_t size = peer.outgoing.size();
    switch (socket_.send(peer.outgoing.take(), peer.in_flight, route_to(peer.routing))) {
      case Sending::sent:
        ++counters_.frames_out;
        counters_.bytes_out += size;
        return;
      case Sending::queue_full:
        return give_up(peer);
      case Sending::unreachable:
        peer.unreachable = true;
        return begin_ending(peer.id);
    }
  }

  // ---- ends
  // --------------------------------------------------------------------------------------

  void begin_ending(PeerId id) {
    Peer* peer = find(id);
    if (peer == nullptr || peer->ending) return;
    peer->ending = true;
    peer->ending_until = reactor_.now() + settle_time_max;
    peer->outgoing.clear();
    ending_.push_back(id);
    ++losses_untold_;
    tick_after(Duration::zero());
  }

  // What a peer sent before its end is delivered before its loss is told. When all there was has
  // been read and ZeroMQ then says that the peer has no route any more, one more look at what
  // came in between is enough: nothing can follow.
  void settle() {
    connections_.settled();
    resolve_doubts();
    bool look_again = false;
    for (const PeerId id : ending_) {
      Peer& peer = peers_.at(id);
      if (peer.unreachable) continue;
      peer.unreachable = !reachable(peer);
      look_again = look_again || peer.unreachable;
    }
    if (look_again && !read_frames()) return;
    forget_unreachable();
  }

  void resolve_doubts() {
    std::erase_if(doubtful_, [this](const Doubt& doubt) {
      Peer* peer = find(doubt.peer);
      if (peer == nullptr || peer->ending) return true;
      if (reactor_.now() < doubt.until) return false;
      if (!reachable(*peer)) begin_ending(doubt.peer);
      return true;
    });
  }

  bool reachable(const Peer& peer) {
    const auto ignored = std::make_shared<std::atomic<std::size_t>>(0);
    return socket_.send(empty_frame(epoch_), ignored, route_to(peer.routing)) !=
           Sending::unreachable;
  }

  void forget_unreachable() {
    std::vector<Peer*> over;
    std::erase_if(ending_, [&](PeerId id) {
      Peer& peer = peers_.at(id);
      if (peer.unreachable) over.push_back(&peer);
      return peer.unreachable;
    });
    for (Peer* peer : over) {
      tell_loss(*peer);
      by_routing_.erase(peer->routing);
      peers_.erase(peer->id);
    }
  }

  // Under a load that never lets all be read. The peer is remembered until it is unreachable, or
  // what it left would be taken for another peer's first message.
  void tell_overdue_losses() {
    if (losses_untold_ == 0) return;
    for (const PeerId id : std::vector<PeerId>(ending_)) {
      Peer& peer = peers_.at(id);
      if (peer.ending_until <= reactor_.now()) tell_loss(peer);
    }
  }

  void tell_loss(Peer& peer) {
    if (std::exchange(peer.loss_told, true)) return;
    peer.state = PeerState::cut;
    --losses_untold_;
    handler_.peer_lost(peer.id);
  }

  void count_cut_off(const SocketName& socket, const std::string& reason) {
    ++counters_.cut_off;
    handler_.cut_off(remote_address(socket), reason);
  }

  // Cuts a peer off for what it has said, and tells it why.
  void turn_out(Peer& peer, const std::string& reason) {
    count_cut_off(peer.socket, reason);
    (void)add(peer.id, Refused{reason, {}});  // small
    disconnect(peer.id);
  }

  // Of a peer that does not read: nothing can be told it.
  void give_up(Peer& peer) {
    ++counters_.slow;
    count_cut_off(peer.socket,
                  "it does not read: " + std::to_string(*peer.in_flight) + " bytes wait for it");
    cut(peer);
    reset(peer.socket);
  }

  void cut(Peer& peer) {
    peer.state = PeerState::cut;
    peer.outgoing.clear();
    if (!peer.ending) shut_down(peer.socket);
  }

  // Ends a connection that never became a peer.
  void refuse(int descriptor) {
    const SocketName socket = name_socket(descriptor);
    count_cut_off(socket, "it has given itself a routing id");
    read_monitor();
    if (connections_.silent(descriptor)) reset(socket);
  }

  void carry_out(const ConnectionGuard::Verdict& verdict) {
    switch (verdict.offence) {
      case ConnectionGuard::Offence::crowding:
        ++counters_.crowding;
        break;
      case ConnectionGuard::Offence::silence:
        ++counters_.silent;
        break;
      case ConnectionGuard::Offence::flooding:
        ++counters_.flooding;
        break;
    }
    count_cut_off(verdict.socket, verdict.reason);
    reset(verdict.socket);
  }

  void look_after_pause() {
    const auto pause = guard_.pause();
    if (look_ != 0 || !pause) return;
    look_ = reactor_.at(reactor_.now() + *pause, [this] {
      look_ = 0;
      drain();
      for (const auto& verdict : guard_.look(reactor_.now(), all_read_)) carry_out(verdict);
      look_after_pause();
    });
  }

  void part() {
    std::erase_if(parting_, [this](PeerId id) {
      Peer* peer = find(id);
      if (peer == nullptr || peer->ending) return true;
      if (peer->state == PeerState::cut) {
        // It has had time to read what was sent, and goes on sending.
        const bool overdue = reactor_.now() >= peer->parting_until;
        if (overdue) reset(peer->socket);
        return overdue;
      }
      if (!peer->outgoing.empty() || *peer->in_flight != 0) peer->quiet_since = reactor_.now();
      const bool left = reactor_.now() - peer->quiet_since >= disconnect_grace;
      if (!left && reactor_.now() < peer->parting_until) return false;
      cut(*peer);
      peer->parting_until = reactor_.now() + disconnect_time_max;
      return false;
    });
    if (!parting_.empty()) tick_after(disconnect_grace / 4);
  }

  void tick_after(Duration delay) {
    if (tick_ != 0 && tick_at_ <= reactor_.now() + delay) return;
    reactor_.forget(tick_);
    tick_at_ = reactor_.now() + delay;
    tick_ = reactor_.at(tick_at_, [this] {
      tick_ = 0;
      part();
      drain();
    });
  }

  Peer* find(PeerId id) {
    const auto found = peers_.find(id);
    return found == peers_.end() ? nullptr : &found->second;
  }

  struct Doubt {
    PeerId peer;
    Time until;
  };

  Reactor& reactor_;
  Handler& handler_;
  ZmqSocket socket_;
  std::optional<ZapHandler> zap_;  // with keys
  ZmqMonitor monitor_;
  Connections connections_;
  ConnectionGuard guard_;
  BusCounters counters_;
  std::uint64_t epoch_ = 0;

  std::uint64_t last_peer_ = 0;
  std::unordered_map<PeerId, Peer> peers_;  // node-based: a Peer stays where it is
  std::unordered_map<std::uint32_t, PeerId> by_routing_;
  std::vector<PeerId> gathered_;   // peers with something to send at the end of the turn
  std::vector<PeerId> parting_;    // peers to be cut once what was sent has left
  std::vector<PeerId> ending_;     // exactly the peers that are ending
  std::size_t losses_untold_ = 0;  // of ending_
  std::vector<Doubt> doubtful_;    // peers that perhaps belong to an earlier connection

  Reactor::Hook flush_hook_ = 0;
  Reactor::Hook tick_ = 0;  // 0 = none is due
  Time tick_at_{};
  Reactor::Hook look_ = 0;  // the guard's next; 0 = none is due
  bool all_read_ = false;   // at the end of the last drain
};

BusServer::BusServer(Reactor& reactor, Handler& handler, BusLimits limits)
    : implementation_(std::make_unique<Implementation>(reactor, handler, limits)) {}
BusServer::~BusServer() = default;

void BusServer::secure(Curve curve) {
  implementation_->secure(curve);
}
std::string BusServer::principal(PeerId peer) const {
  return implementation_->principal(peer);
}
Result<std::string> BusServer::bind(const std::string& endpoint) {
  return implementation_->bind(endpoint);
}
void BusServer::set_epoch(std::uint64_t epoch) {
  implementation_->set_epoch(epoch);
}
std::vector<Unsent> BusServer::send(PeerId peer, const Message& message) {
  return implementation_->send(peer, message);
}
void BusServer::disconnect(PeerId peer) {
  implementation_->disconnect(peer);
}
const BusCounters& BusServer::counters() const {
  return implementation_->counters();
}

}  // namespace mesolite::net
