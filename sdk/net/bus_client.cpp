#include <algorithm>
#include <thread>
#include <utility>

#include "mesolite/base/random.hpp"
#include "sdk/net/bus.hpp"
#include "sdk/net/frame.hpp"
#include "sdk/net/frame_intake.hpp"
#include "sdk/net/zmq_socket.hpp"

namespace mesolite::net {
namespace {

constexpr int frames_per_turn = 512;

// How long one attempt to connect and shake hands may take. Ends before ZeroMQ would give up by
// itself only if that does not tell us.
constexpr Duration attempt_time_max = 20s;
constexpr int connect_timeout_milliseconds = 5'000;

// Waits between attempts: random in [bound / 2, bound], the bound doubling from the first to the
// second with each attempt that fails.
constexpr Duration retry_wait_min = 50ms;
constexpr Duration retry_wait_max = 5s;

// One attempt to be connected, and the connection that comes of it. ZeroMQ is told not to
// reconnect: a new socket each time means that nothing sent or received can stray from one
// connection to the next.
struct Link {
  Link(Reactor& reactor, std::function<void()> ready)
      : reactor_(reactor),
        socket(reactor.context(), ZMQ_DEALER),
        monitor(reactor.context(), socket,
                ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED |
                    ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                    ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
    socket.set_bus_options();
    socket.set(ZMQ_IMMEDIATE, 1);
    socket.set(ZMQ_RECONNECT_IVL, -1);
    socket.set(ZMQ_CONNECT_TIMEOUT, connect_timeout_milliseconds);
    reactor_.watch_socket(socket.get(), ready);
    reactor_.watch_socket(monitor.get(), std::move(ready));
  }
  ~Link() {
    reactor_.unwatch_socket(socket.get());
    reactor_.unwatch_socket(monitor.get());
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  Reactor& reactor_;
  ZmqSocket socket;
  ZmqMonitor monitor;
  bool connected = false;
  int malformed = 0;
  InFlight in_flight = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace

//   idle ── connect() ──> connecting ── handshake ──> connected
//                         ^   │ failed                   │ ended: disconnected()
//                         │   v                          │
//                        waiting <───────────────────────┘           close(): idle from anywhere
class BusClient::Implementation {
 public:
  Implementation(Reactor& reactor, Handler& handler)
      : reactor_(reactor), handler_(handler), random_(random_seed()) {
    flush_hook_ = reactor_.at_flush([this] { send_gathered(); });
  }

  ~Implementation() {
    close();
    reactor_.forget(flush_hook_);
  }

  void secure(Curve curve) { curve_ = std::move(curve); }

  Status connect(const std::string& endpoint) {
    close();
    endpoint_ = endpoint;
    attempts_ = 0;
    return attempt();
  }

  void close() {
    reactor_.forget(std::exchange(timer_, 0));
    drop_link();
  }

  void set_epoch(std::uint64_t epoch) { epoch_ = epoch; }
  bool is_connected() const { return link_ && link_->connected; }
  const BusCounters& counters() const { return counters_; }

  Status send(const Message& message) {
    if (!is_connected()) return {};
    const auto unsent = add_in_parts(message, [this](const Message& part) {
      const Status added = outgoing_.add(part);
      if (added) ++counters_.messages_out;
      if (outgoing_.full()) send_gathered();
      return added;
    });
    counters_.oversized += unsent.size();
    if (unsent.empty()) return {};
    return tl::unexpected(unsent.front().error);
  }

  void flush(Duration timeout) {
    send_gathered();
    if (!link_) return;
    const auto until = std::chrono::steady_clock::now() + timeout;
    while (*link_->in_flight != 0 && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(200us);
    }
  }

 private:
  Status attempt() {
    link_ = std::make_unique<Link>(reactor_, [this] { drain(); });
    ++link_number_;
    auto begun = show_key();
    if (begun) begun = link_->socket.connect(endpoint_);
    if (!begun) {
      drop_link();
      return begun;
    }
    set_timer(attempt_time_max, [this] { retry_later(); });
    return {};
  }

  Status show_key() {
    if (!curve_) return {};
    const auto server = curve_->server_key(endpoint_);
    if (!server) return tl::unexpected(server.error());
    link_->socket.set(ZMQ_CURVE_SERVERKEY, *server);
    link_->socket.set(ZMQ_CURVE_PUBLICKEY, curve_->own.public_key);
    link_->socket.set(ZMQ_CURVE_SECRETKEY, curve_->own.secret_key);
    return {};
  }

  void retry_later() {
    drop_link();
    const auto doubled = retry_wait_min * (1LL << std::min(attempts_++, 10));
    const auto bound = std::min<Duration>(doubled, retry_wait_max);
    const auto jitter =
        static_cast<std::int64_t>(random_.unit() * static_cast<double>(bound.count()) / 2);
    set_timer(bound / 2 + Duration(jitter), [this] {
      if (!attempt()) retry_later();
    });
  }

  void set_timer(Duration delay, std::function<void()> work) {
    reactor_.forget(timer_);
    timer_ = reactor_.at(reactor_.now() + delay, [this, work = std::move(work)] {
      timer_ = 0;
      work();
    });
  }

  void drop_link() {
    link_.reset();
    outgoing_.clear();
  }

  // Every call of the handler may give up this link by connect() or close(): `number` tells.
  void drain() {
    const std::uint64_t number = link_number_;
    const auto same_link = [&] { return link_ && link_number_ == number; };
    ZmqMonitor::Event event;
    while (same_link() && link_->monitor.next(event)) handle(event);
    for (int i = 0; same_link() && i < frames_per_turn; ++i) {
      if (!receive_frame()) return;
    }
  }

  void handle(const ZmqMonitor::Event& event) {
    if (event.kind != ZMQ_EVENT_HANDSHAKE_SUCCEEDED) return lose();
    reactor_.forget(std::exchange(timer_, 0));
    attempts_ = 0;
    link_->connected = true;
    handler_.connected();
  }

  void lose() {
    const std::uint64_t number = link_number_;
    // What the server said last is heard before its loss.
    while (link_ && link_number_ == number && receive_frame()) {
    }
    if (link_ && link_number_ == number) give_up_link();
  }

  // False when there is none, or no link any more.
  bool receive_frame() {
    ZmqMessage frame;
    if (!link_->socket.receive(frame)) return false;
    bool multipart = false;
    for (bool more = frame.more(); more; multipart = true) {
      ZmqMessage part;
      more = link_->socket.receive(part) && part.more();
    }
    ++counters_.frames_in;
    counters_.bytes_in += frame.view().size();
    const auto reader = FrameReader::open(frame.view());
    if (multipart || !reader) {
      ++counters_.malformed;
      return count_malformed();
    }
    if (reader->epoch() != 0 && reader->epoch() < epoch_) {
      ++counters_.stale;
      return true;
    }
    const std::uint64_t number = link_number_;
    const auto same_link = [&] { return link_ && link_number_ == number; };
    const Status well_formed = take_apart(*reader, counters_, [&](Message message) {
      handler_.received(std::move(message), reader->epoch());
      return same_link();
    });
    if (!same_link()) return false;
    return well_formed.has_value() || count_malformed();
  }

  // A server that sends nonsense is left for a new connection. Answers whether it still is there.
  bool count_malformed() {
    if (++link_->malformed < malformed_frames_max) return true;
    ++counters_.cut_off;
    give_up_link();
    return false;
  }

  void give_up_link() {
    const bool was_connected = link_->connected;
    retry_later();
    if (was_connected) handler_.disconnected();
  }

  void send_gathered() {
    if (outgoing_.empty()) return;
    if (!is_connected()) return outgoing_.clear();
    const std::size_t size = outgoing_.size();
    const bool room = *link_->in_flight + size <= backlog_bytes_max;
    outgoing_.set_epoch(epoch_);
    if (!room || link_->socket.send(outgoing_.take(), link_->in_flight) != Sending::sent) {
      // Not connected any more, of which the monitor will tell, or a server that does not read.
      if (!room) ++counters_.cut_off;
      return set_timer(Duration::zero(), [this] { lose(); });
    }
    ++counters_.frames_out;
    counters_.bytes_out += size;
  }

  Reactor& reactor_;
  Handler& handler_;
  Random random_;
  std::string endpoint_;
  Curve curve_;  // null: in the clear
  std::unique_ptr<Link> link_;
  std::uint64_t link_number_ = 0;
  int attempts_ = 0;  // since the last connection
  BusCounters counters_;
  std::uint64_t epoch_ = 0;
  FrameBuilder outgoing_;
  Reactor::Hook flush_hook_ = 0;
  Reactor::Hook timer_ = 0;  // ends an attempt, or begins the next; 0 = none
};

BusClient::BusClient(Reactor& reactor, Handler& handler)
    : implementation_(std::make_unique<Implementation>(reactor, handler)) {}
BusClient::~BusClient() = default;

void BusClient::secure(Curve curve) {
  implementation_->secure(std::move(curve));
}
Status BusClient::connect(const std::string& endpoint) {
  return implementation_->connect(endpoint);
}
void BusClient::close() {
  implementation_->close();
}
void BusClient::set_epoch(std::uint64_t epoch) {
  implementation_->set_epoch(epoch);
}
bool BusClient::is_connected() const {
  return implementation_->is_connected();
}
Status BusClient::send(const Message& message) {
  return implementation_->send(message);
}
void BusClient::flush(Duration timeout) {
  implementation_->flush(timeout);
}
const BusCounters& BusClient::counters() const {
  return implementation_->counters();
}

}  // namespace mesolite::net
