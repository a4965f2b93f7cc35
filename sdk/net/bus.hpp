// The two ends of the bus. A BusServer (ROUTER) has many peers and tells them apart by connection;
// a BusClient (DEALER) has one server. All ZeroMQ options that matter for safety are set here and
// nowhere else.
//
// Everything is called and calls on the thread of its Reactor. Messages sent during a turn leave at
// its end, one frame a peer (more if it grows past frame_bytes_full). Nothing blocks: a peer that
// does not read is cut off when backlog_bytes_max wait for it.
//
// What a peer sends is never trusted: a frame of several parts, a routing id of its own choice, or
// malformed_frames_max malformed frames, and it is cut off. None of that reaches the handler. So is
// who connects and says nothing, or sends a message without an end (connection_guard.hpp). Who is
// cut off for what it has said, is told why with a Refused.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/protocol/messages.hpp"
#include "sdk/net/bus_limits.hpp"
#include "sdk/net/curve.hpp"
#include "sdk/net/frame.hpp"
#include "sdk/net/reactor.hpp"

namespace mesolite::net {

struct BusCounters {
  std::uint64_t frames_in = 0;
  std::uint64_t frames_out = 0;
  std::uint64_t messages_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t malformed = 0;  // frames or messages
  std::uint64_t unknown = 0;    // message ids
  std::uint64_t stale = 0;      // frames of a lower epoch
  std::uint64_t cut_off = 0;    // connections, whatever they did
  std::uint64_t crowding = 0;   // of them, since there were too many
  std::uint64_t silent = 0;     // of them, since they said nothing
  std::uint64_t flooding = 0;   // of them, since they sent without an end
  std::uint64_t slow = 0;       // of them, since they did not read
  std::uint64_t oversized = 0;  // messages that were not sent
};

class BusServer {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void received(PeerId peer, Message message) = 0;
    // The connection is gone, by whatever end; nothing more comes from it. Noticed within
    // milliseconds for a local process that died (socket monitor), by heartbeats else. Told for
    // every peer from which something was received, exactly once.
    virtual void peer_lost(PeerId peer) = 0;
    // Somebody from this address was turned away at the handshake: his key is not trusted.
    virtual void key_refused(const std::string& /*address*/, const std::string& /*key*/) {}
    // For the log: a connection from this address ("" if it has none) was cut off, and why.
    virtual void cut_off(const std::string& /*address*/, const std::string& /*reason*/) {}
  };

  // Both outlive the server.
  BusServer(Reactor& reactor, Handler& handler, BusLimits limits = {});
  ~BusServer();
  BusServer(const BusServer&) = delete;
  BusServer& operator=(const BusServer&) = delete;

  // With keys, everything is encrypted and only those come in who are trusted. Before bind(); for
  // one server of a reactor at most.
  void secure(Curve curve);
  // "tcp://127.0.0.1:0" (any free port), "ipc:///path". Answers with the endpoint as bound. May be
  // called for several endpoints.
  Result<std::string> bind(const std::string& endpoint);
  void set_epoch(std::uint64_t epoch);  // of frames sent from now on
  // A list that is too large for the bus (frame.hpp) goes in parts. Answers with the parts that are
  // too large even so: all else was sent. A peer that is gone is ignored: peer_lost was or will be
  // told.
  std::vector<Unsent> send(PeerId peer, const Message& message);
  // Cuts the connection after what was sent has been handed to the system. Nothing more is received
  // from the peer; peer_lost is told as for any other.
  void disconnect(PeerId peer);
  // Whose key the peer has; "" in the clear.
  std::string principal(PeerId peer) const;
  const BusCounters& counters() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

class BusClient {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void connected() = 0;
    // Told after connected() when the connection is gone; the client tries again by itself until
    // close(). What was sent and had not left is dropped.
    virtual void disconnected() = 0;
    virtual void received(Message message, std::uint64_t epoch) = 0;
  };

  BusClient(Reactor& reactor, Handler& handler);
  ~BusClient();
  BusClient(const BusClient&) = delete;
  BusClient& operator=(const BusClient&) = delete;

  // With keys, everything is encrypted, and only servers are connected to whose key is trusted.
  void secure(Curve curve);
  // Starts connecting, and again and again until it succeeds. Fails on what is no endpoint, and on
  // a server whose key is not known. Gives
  // up an earlier connection, of which disconnected() is not told.
  Status connect(const std::string& endpoint);
  void close();
  void set_epoch(std::uint64_t epoch);
  bool is_connected() const;
  // Dropped while not connected. In parts like BusServer::send; fails if some of them were too
  // large.
  Status send(const Message& message);
  // Blocks until what was sent has left, at most for `timeout`; for the end of a process.
  void flush(Duration timeout);
  const BusCounters& counters() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace mesolite::net
