// Thin owners of ZeroMQ's things, for the sources of sdk/net alone. None of them blocks: every
// receive and send is tried and says whether it went. All on the thread that made them.
#pragma once

#include <zmq.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "mesolite/base/result.hpp"
#include "sdk/net/reactor.hpp"

namespace mesolite::net {

// Bytes handed to ZeroMQ and not yet to the system; counted down on its I/O thread.
using InFlight = std::shared_ptr<std::atomic<std::size_t>>;

// One part as received.
class ZmqMessage {
 public:
  ZmqMessage() { ::zmq_msg_init(&message_); }
  ~ZmqMessage() { ::zmq_msg_close(&message_); }
  ZmqMessage(const ZmqMessage&) = delete;
  ZmqMessage& operator=(const ZmqMessage&) = delete;

  std::string_view view();
  bool more() const { return ::zmq_msg_more(&message_) != 0; }
  // Of the connection that it came over; -1 = not known. The number may have been given to another
  // connection since.
  int descriptor();
  // Whose key the connection has that it came over; "" in the clear.
  std::string principal();
  zmq_msg_t* get() { return &message_; }

 private:
  zmq_msg_t message_;
};

enum class Sending : std::uint8_t { sent, queue_full, unreachable };

class ZmqSocket {
 public:
  ZmqSocket(void* context, int type);
  ~ZmqSocket();
  ZmqSocket(const ZmqSocket&) = delete;
  ZmqSocket& operator=(const ZmqSocket&) = delete;

  void* get() const { return socket_; }
  void set(int option, int value);
  void set(int option, std::string_view text);
  // What holds for every socket of the bus, whichever end.
  void set_bus_options();
  Result<std::string> bind(const std::string& endpoint);  // the endpoint as bound
  Status connect(const std::string& endpoint);
  // False when there is nothing.
  bool receive(ZmqMessage& message);
  // Sends `frame` as the only part, for a ROUTER behind the part that names the peer.
  Sending send(std::string frame, const InFlight& in_flight, std::string_view route = {});

 private:
  void* socket_;
};

// Tells what becomes of a socket's connections. Events of one connection come in order, and that a
// connection ended is told before the system can reuse its descriptor.
class ZmqMonitor {
 public:
  struct Event {
    std::uint16_t kind = 0;  // ZMQ_EVENT_…
    std::int32_t value = 0;  // a descriptor, of most kinds
  };

  ZmqMonitor(void* context, ZmqSocket& watched, int events);
  ~ZmqMonitor();
  ZmqMonitor(const ZmqMonitor&) = delete;
  ZmqMonitor& operator=(const ZmqMonitor&) = delete;

  void* get() const { return receiver_.get(); }
  bool next(Event& event);  // false when there is none

 private:
  ZmqSocket& watched_;
  ZmqSocket receiver_;
};

}  // namespace mesolite::net
