#include "sdk/net/zap.hpp"

#include <array>
#include <vector>

#include "mesolite/base/check.hpp"

namespace mesolite::net {
namespace {

constexpr const char* address_of_handlers = "inproc://zeromq.zap.01";
constexpr int requests_per_turn = 256;
constexpr std::size_t key_bytes = 32;

// The parts of a request (RFC 27): version, id, domain, address, identity, mechanism, credentials.
enum Part : std::size_t { version, id, domain, address, identity, mechanism, credentials };

std::string z85(const std::string& bytes) {
  if (bytes.size() != key_bytes) return "";
  std::array<char, curve_key_bytes + 1> text{};
  const auto* raw = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return ::zmq_z85_encode(text.data(), raw, bytes.size()) == nullptr ? "" : text.data();
}

}  // namespace

ZapHandler::ZapHandler(Reactor& reactor, Curve curve, Refused refused)
    : reactor_(reactor),
      curve_(std::move(curve)),
      refused_(std::move(refused)),
      socket_(reactor.context(), ZMQ_REP) {
  const auto bound = socket_.bind(address_of_handlers);
  MESOLITE_CHECK(bound.has_value(), "there is one handler of handshakes in a reactor");
  reactor_.watch_socket(socket_.get(), [this] { answer_all(); });
}

ZapHandler::~ZapHandler() {
  reactor_.unwatch_socket(socket_.get());
}

void ZapHandler::answer_all() {
  for (int i = 0; i < requests_per_turn; ++i) {
    std::vector<std::string> request;
    for (bool more = true; more;) {
      ZmqMessage part;
      if (!socket_.receive(part)) break;
      request.emplace_back(part.view());
      more = part.more();
    }
    if (request.empty()) return;
    answer(request);
  }
}

void ZapHandler::answer(const std::vector<std::string>& request) {
  std::string principal;
  bool allowed = false;
  if (request.size() > mechanism && request[mechanism] == "NULL") {
    allowed = request[domain] == plain_domain;
  } else if (request.size() > credentials && request[mechanism] == "CURVE") {
    const std::string key = z85(request[credentials]);
    const auto known = curve_->principal_of(key);
    allowed = known.has_value();
    principal = known.value_or("");
    if (!allowed) refused_(request[address], key);
  }
  const std::array<std::string, 6> reply = {request.size() > version ? request[version] : "1.0",
                                            request.size() > id ? request[id] : "",
                                            allowed ? "200" : "400",
                                            allowed ? "OK" : "this key is not trusted",
                                            principal,
                                            ""};
  for (std::size_t i = 0; i < reply.size(); ++i) {
    const int flags = i + 1 < reply.size() ? ZMQ_SNDMORE | ZMQ_DONTWAIT : ZMQ_DONTWAIT;
    ::zmq_send(socket_.get(), reply[i].data(), reply[i].size(), flags);
  }
}

}  // namespace mesolite::net
