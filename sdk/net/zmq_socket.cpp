#include "sdk/net/zmq_socket.hpp"

#include <cstring>
#include <utility>

#include "mesolite/base/check.hpp"
#include "mesolite/base/random.hpp"
#include "sdk/net/frame.hpp"

namespace mesolite::net {
namespace {

// A frame on its way: ZeroMQ frees it once its last byte has been handed to the system.
struct OutgoingFrame {
  std::string data;
  InFlight in_flight;
};

void release(void*, void* hint) {
  const std::unique_ptr<OutgoingFrame> frame(static_cast<OutgoingFrame*>(hint));
  *frame->in_flight -= frame->data.size();
}

std::string reason() {
  return ::zmq_strerror(::zmq_errno());
}

// Runs a call that takes nothing when it fails.
template <class Call>
Sending attempt(const Call& call) {
  while (call() < 0) {
    if (::zmq_errno() == EAGAIN) return Sending::queue_full;
    if (::zmq_errno() != EINTR) return Sending::unreachable;
  }
  return Sending::sent;
}

// Off by default, since a name that has both kinds of address would then be taken for its first
// IPv6 one, listened on or not.
void allow_ipv6(ZmqSocket& socket, const std::string& endpoint) {
  if (endpoint.find('[') != std::string::npos) socket.set(ZMQ_IPV6, 1);
}

}  // namespace

std::string_view ZmqMessage::view() {
  return {static_cast<const char*>(::zmq_msg_data(&message_)), ::zmq_msg_size(&message_)};
}

int ZmqMessage::descriptor() {
  // The library asserts in zmq_msg_get when the property is missing.
  return ::zmq_msg_gets(&message_, "__fd") == nullptr ? -1 : ::zmq_msg_get(&message_, ZMQ_SRCFD);
}

std::string ZmqMessage::principal() {
  const char* name = ::zmq_msg_gets(&message_, "User-Id");
  return name == nullptr ? "" : name;
}

ZmqSocket::ZmqSocket(void* context, int type) : socket_(::zmq_socket(context, type)) {
  MESOLITE_CHECK(socket_ != nullptr, "descriptors for a ZeroMQ socket are left");
  // What has not left by then is given up, or the end of a process could hang on a stuck peer.
  set(ZMQ_LINGER, 200);
}

ZmqSocket::~ZmqSocket() {
  ::zmq_close(socket_);
}

void ZmqSocket::set(int option, int value) {
  const int set = ::zmq_setsockopt(socket_, option, &value, sizeof value);
  MESOLITE_CHECK(set == 0, "ZeroMQ knows the option and takes the value");
}

void ZmqSocket::set(int option, std::string_view text) {
  const int set = ::zmq_setsockopt(socket_, option, text.data(), text.size());
  MESOLITE_CHECK(set == 0, "ZeroMQ knows the option and takes the text");
}

void ZmqSocket::set_bus_options() {
  const auto frame_max = static_cast<std::int64_t>(frame_bytes_max);
  ::zmq_setsockopt(socket_, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max);
  // A host that died silently: 8 s. (A process that died is told at once by its system.)
  set(ZMQ_HEARTBEAT_IVL, 2'000);
  set(ZMQ_HEARTBEAT_TIMEOUT, 8'000);
  set(ZMQ_HEARTBEAT_TTL, 8'000);
  // Thousands of peers that come back at once on a busy machine need more than 5 s, and a
  // handshake that is cut short costs all of them another attempt.
  set(ZMQ_HANDSHAKE_IVL, 15'000);
  set(ZMQ_TCP_KEEPALIVE, 1);
  // In frames. The bound that counts is in bytes, see InFlight; this one keeps their count sane.
  set(ZMQ_SNDHWM, 100'000);
  // A peer whose frames are not read is not read from any more: its system makes it wait.
  set(ZMQ_RCVHWM, 128);
}

Result<std::string> ZmqSocket::bind(const std::string& endpoint) {
  allow_ipv6(*this, endpoint);
  if (::zmq_bind(socket_, endpoint.c_str()) != 0) {
    return failure("cannot listen on '" + endpoint + "': " + reason());
  }
  std::string bound(256, '\0');
  std::size_t size = bound.size();
  if (::zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, bound.data(), &size) != 0) {
    return failure("cannot tell the address of '" + endpoint + "': " + reason());
  }
  bound.resize(size - 1);  // less its terminating zero
  return bound;
}

Status ZmqSocket::connect(const std::string& endpoint) {
  allow_ipv6(*this, endpoint);
  if (::zmq_connect(socket_, endpoint.c_str()) != 0) {
    return failure("cannot connect to '" + endpoint + "': " + reason());
  }
  return {};
}

bool ZmqSocket::receive(ZmqMessage& message) {
  int got = 0;
  do {
    got = ::zmq_msg_recv(message.get(), socket_, ZMQ_DONTWAIT);
  } while (got < 0 && ::zmq_errno() == EINTR);
  return got >= 0;
}

Sending ZmqSocket::send(std::string frame, const InFlight& in_flight, std::string_view route) {
  if (!route.empty()) {
    const auto routed = attempt([&] {
      return ::zmq_send(socket_, route.data(), route.size(), ZMQ_DONTWAIT | ZMQ_SNDMORE);
    });
    if (routed != Sending::sent) return routed;
  }
  auto outgoing = std::make_unique<OutgoingFrame>(OutgoingFrame{std::move(frame), in_flight});
  *in_flight += outgoing->data.size();
  zmq_msg_t message;
  const int made = ::zmq_msg_init_data(&message, outgoing->data.data(), outgoing->data.size(),
                                       release, outgoing.get());
  MESOLITE_CHECK(made == 0, "memory for a frame's header is left");
  std::ignore = outgoing.release();  // now owned by the message
  const auto sent = attempt([&] { return ::zmq_msg_send(&message, socket_, ZMQ_DONTWAIT); });
  if (sent != Sending::sent) ::zmq_msg_close(&message);
  return sent;
}

ZmqMonitor::ZmqMonitor(void* context, ZmqSocket& watched, int events)
    : watched_(watched), receiver_(context, ZMQ_PAIR) {
  // The I/O thread blocks on a full monitor. Unbounded here, and bounded by how many connections
  // can come and go within one turn.
  receiver_.set(ZMQ_RCVHWM, 0);
  const std::string address = "inproc://monitor-" + std::to_string(random_seed());
  const int monitored = ::zmq_socket_monitor(watched_.get(), address.c_str(), events);
  MESOLITE_CHECK(monitored == 0, "a socket can be monitored");
  MESOLITE_CHECK(receiver_.connect(address).has_value(), "a monitor can be listened to");
}

ZmqMonitor::~ZmqMonitor() {
  ::zmq_socket_monitor(watched_.get(), nullptr, 0);
}

bool ZmqMonitor::next(Event& event) {
  ZmqMessage head;
  if (!receiver_.receive(head)) return false;
  if (head.view().size() == sizeof event.kind + sizeof event.value) {
    std::memcpy(&event.kind, head.view().data(), sizeof event.kind);
    std::memcpy(&event.value, head.view().data() + sizeof event.kind, sizeof event.value);
  }
  ZmqMessage endpoint;
  MESOLITE_CHECK(receiver_.receive(endpoint), "both parts of a message come together");
  return true;
}

}  // namespace mesolite::net
