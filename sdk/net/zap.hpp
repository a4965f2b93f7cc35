// ZapHandler: whom ZeroMQ lets in, asked by it at each handshake of the sockets of one context
// (RFC 27). Nobody is let in over CURVE whose key is not trusted; plain sockets are none of its
// business.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sdk/net/curve.hpp"
#include "sdk/net/zmq_socket.hpp"

namespace mesolite::net {

// The domain of sockets that speak CURVE, and of those that speak in the clear.
inline constexpr std::string_view curve_domain = "mesolite-curve";
inline constexpr std::string_view plain_domain = "mesolite";

class ZapHandler {
 public:
  // `refused` is told the address and the key of whom is turned away. At most one in a reactor.
  using Refused = std::function<void(const std::string& address, const std::string& key)>;

  ZapHandler(Reactor& reactor, Curve curve, Refused refused);
  ~ZapHandler();
  ZapHandler(const ZapHandler&) = delete;
  ZapHandler& operator=(const ZapHandler&) = delete;

 private:
  void answer_all();
  void answer(const std::vector<std::string>& request);

  Reactor& reactor_;
  const Curve curve_;
  const Refused refused_;
  ZmqSocket socket_;
};

}  // namespace mesolite::net
