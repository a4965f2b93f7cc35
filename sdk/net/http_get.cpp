#include "sdk/net/http_get.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "mesolite/base/text.hpp"
#include "sdk/net/tls_client.hpp"

namespace mesolite::net {
namespace {

constexpr std::size_t head_size_max = std::size_t{64} << 10;
constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::string_view http_scheme = "http://";
constexpr std::string_view https_scheme = "https://";

using Deadline = std::chrono::steady_clock::time_point;

// Owns one descriptor.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// Waits until the socket is ready for `events`; false after the deadline.
bool wait_for(const Socket& socket, short events, Deadline deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd entry{socket.get(), events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::min<long>(left.count(), 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

Result<Socket> connect_to(const addrinfo& address, Deadline deadline) {
  Socket socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return system_failure("cannot make a socket", errno);
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return socket;
  if (errno != EINPROGRESS) return system_failure("cannot connect", errno);
  if (!wait_for(socket, POLLOUT, deadline)) return failure("no connection in time");
  int problem = 0;
  socklen_t size = sizeof(problem);
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &problem, &size);
  if (problem != 0) return system_failure("cannot connect", problem);
  return socket;
}

Result<Socket> connect_to(const std::string& host, std::uint16_t port, Deadline deadline) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int problem = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (problem != 0) return failure(std::string("no such host: ") + ::gai_strerror(problem));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(list, &::freeaddrinfo);
  Error last{"the host has no address"};
  for (const addrinfo* address = list; address != nullptr; address = address->ai_next) {
    Result<Socket> socket = connect_to(*address, deadline);
    if (socket) return socket;
    last = socket.error();
  }
  return tl::unexpected(last);
}

// A connection, plain or encrypted: each call waits until it is done or the deadline has passed.
class Stream {
 public:
  static Result<std::unique_ptr<Stream>> open(const HttpAddress& address, Deadline deadline) {
    Result<Socket> socket = connect_to(address.host, address.port, deadline);
    if (!socket) return tl::unexpected(socket.error());
    std::unique_ptr<Stream> stream(new Stream(std::move(*socket), deadline));
    if (!address.encrypted) return stream;
    auto tls = TlsClient::create(stream->socket_.get(), address.host);
    if (!tls) return tl::unexpected(tls.error());
    stream->tls_ = std::move(*tls);
    const auto shaken = stream->until_done([&] { return stream->tls_->shake_hands(); });
    if (!shaken) return tl::unexpected(shaken.error());
    return stream;
  }

  Status send_all(std::string_view text) {
    while (!text.empty()) {
      const auto sent = until_done([&] { return send_some(text); });
      if (!sent) return tl::unexpected(sent.error());
      text.remove_prefix(*sent);
    }
    return {};
  }

  // 0: the other end has said all.
  Result<std::size_t> receive(char* buffer, std::size_t size) {
    return until_done([&] { return receive_some(buffer, size); });
  }

 private:
  using Outcome = TlsClient::Outcome;
  using State = TlsClient::State;

  Stream(Socket socket, Deadline deadline) : socket_(std::move(socket)), deadline_(deadline) {}

  Outcome send_some(std::string_view text) {
    if (tls_) return tls_->send(text);
    return outcome_of(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL),
                      State::want_write);
  }
  Outcome receive_some(char* buffer, std::size_t size) {
    if (tls_) return tls_->receive(buffer, size);
    return outcome_of(::recv(socket_.get(), buffer, size, 0), State::want_read);
  }
  static Outcome outcome_of(ssize_t result, State wanted) {
    if (result > 0) return {State::done, static_cast<std::size_t>(result)};
    if (result == 0) return {State::ended, 0};
    return {errno == EAGAIN || errno == EINTR ? wanted : State::failed, 0};
  }

  template <class Attempt>
  Result<std::size_t> until_done(Attempt attempt) {
    for (;;) {
      const Outcome outcome = attempt();
      if (outcome.state == State::done) return outcome.size;
      if (outcome.state == State::ended) return std::size_t{0};
      if (outcome.state == State::failed) {
        if (tls_) return failure(tls_->problem());
        return system_failure("the connection broke", errno);
      }
      const short events = outcome.state == State::want_read ? POLLIN : POLLOUT;
      if (!wait_for(socket_, events, deadline_)) return failure("no whole answer in time");
    }
  }

  Socket socket_;
  const Deadline deadline_;
  std::unique_ptr<TlsClient> tls_;  // null: plain
};

// How the bytes received so far stand to one whole answer.
struct Progress {
  std::size_t head_size = 0;            // 0 while the head is not complete
  std::optional<std::size_t> all_size;  // unknown: the answer ends with the connection
};

Result<HttpReply> parse_head(std::string_view head) {
  HttpReply reply;
  const std::vector<std::string_view> lines = split(head, '\n');
  const std::string_view first = trim(lines.front());
  const std::string_view code = first.size() > 12 ? first.substr(9, 3) : first.substr(first.size());
  const auto [stop, problem] =
      std::from_chars(code.data(), code.data() + code.size(), reply.status);
  const bool numeric = problem == std::errc{} && stop == code.data() + code.size();
  if (!first.starts_with("HTTP/1.") || !numeric) {
    return failure("the answer is not HTTP");
  }
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    if (colon == std::string_view::npos) continue;
    reply.headers[lower(lines[i].substr(0, colon))] = trim(lines[i].substr(colon + 1));
  }
  return reply;
}

// Completes `progress` once the head has arrived whole, and fills the reply's head.
Status read_head(std::string_view received, Progress& progress, HttpReply& reply) {
  if (progress.head_size > 0) return {};
  const std::size_t end = received.find(head_end);
  if (end == std::string_view::npos) {
    if (received.size() > head_size_max) return failure("the head of the answer is too large");
    return {};
  }
  progress.head_size = end + head_end.size();
  Result<HttpReply> head = parse_head(received.substr(0, end));
  if (!head) return tl::unexpected(head.error());
  reply = std::move(*head);
  const auto length = reply.headers.find("content-length");
  if (length == reply.headers.end()) return {};
  std::size_t size = 0;
  const std::string& text = length->second;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (problem != std::errc{} || size > http_reply_size_max) {
    return failure("an answer of '" + text + "' bytes is too large");
  }
  progress.all_size = progress.head_size + size;
  return {};
}

Result<HttpReply> receive_reply(Stream& stream) {
  HttpReply reply;
  Progress progress;
  std::string received;
  std::array<char, 65536> buffer{};
  while (!progress.all_size || received.size() < *progress.all_size) {
    const auto size = stream.receive(buffer.data(), buffer.size());
    if (!size) return tl::unexpected(size.error());
    if (*size == 0) break;
    received.append(buffer.data(), *size);
    if (received.size() > http_reply_size_max) return failure("the answer is too large");
    const Status head = read_head(received, progress, reply);
    if (!head) return tl::unexpected(head.error());
  }
  if (progress.head_size == 0 || received.size() < progress.all_size.value_or(0)) {
    return failure("the connection broke before the answer was whole");
  }
  reply.body = received.substr(progress.head_size);
  if (progress.all_size) reply.body.resize(*progress.all_size - progress.head_size);
  return reply;
}

// The value of a member of a flat JSON object that we wrote ourselves: text without escapes, or a
// number. "" if there is none.
std::string_view flat_member(std::string_view json, const std::string& name) {
  const std::string key = "\"" + name + "\":";
  const std::size_t found = json.find(key);
  if (found == std::string_view::npos) return {};
  std::string_view value = trim(json.substr(found + key.size()));
  if (!value.starts_with('"')) return trim(value.substr(0, value.find_first_of(",}")));
  value.remove_prefix(1);
  return value.substr(0, value.find('"'));
}

}  // namespace

Result<HttpReply> http_get(const HttpAddress& address, const std::string& path, Duration timeout,
                           const std::string& authorization) {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  const std::string what = "cannot get " + to_text(address) + path;
  const auto stream = Stream::open(address, deadline);
  if (!stream) return failure(what, stream.error());
  // HTTP/1.0 keeps the answer free of chunks and closes the connection after it.
  std::string request = "GET " + path + " HTTP/1.0\r\nHost: " + address.host + ":" +
                        std::to_string(address.port) + "\r\n";
  if (!authorization.empty()) request += "Authorization: " + authorization + "\r\n";
  if (const Status sent = (*stream)->send_all(request + "\r\n"); !sent) {
    return failure(what, sent.error());
  }
  Result<HttpReply> reply = receive_reply(**stream);
  if (!reply) return failure(what, reply.error());
  return reply;
}

Result<HttpReply> http_get(const std::string& host, std::uint16_t port, const std::string& path,
                           Duration timeout) {
  return http_get(HttpAddress{host, port, false}, path, timeout);
}

std::string to_text(const HttpAddress& address) {
  return std::string(address.encrypted ? https_scheme : http_scheme) + address.host + ":" +
         std::to_string(address.port);
}

Result<HttpAddress> parse_http_address(const std::string& address) {
  std::string_view rest = address;
  const bool encrypted = rest.starts_with(https_scheme);
  if (encrypted) rest.remove_prefix(https_scheme.size());
  if (rest.starts_with(http_scheme)) rest.remove_prefix(http_scheme.size());
  const auto place = parse_host_port(std::string(rest));
  if (!place) return tl::unexpected(place.error());
  return HttpAddress{place->host, place->port, encrypted};
}

Result<HostPort> parse_host_port(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  HostPort parsed;
  if (colon != std::string::npos && colon > 0) {
    parsed.host = address.substr(0, colon);
    const char* end = address.data() + address.size();
    const auto [stop, problem] = std::from_chars(address.data() + colon + 1, end, parsed.port);
    if (problem == std::errc{} && stop == end && parsed.port != 0) return parsed;
  }
  return failure("expected host:port, for example 127.0.0.1:5050, got '" + address + "'");
}

Result<BusAddress> ask_bus(const std::string& address, Duration timeout) {
  const Result<HttpAddress> place = parse_http_address(address);
  if (!place) return failure("master", place.error());
  const Result<HttpReply> reply = http_get(*place, "/bus", timeout);
  if (!reply) return tl::unexpected(reply.error());
  const std::string who = to_text(*place) + "/bus";
  if (reply->status != 200) {
    return failure(who + " answered " + std::to_string(reply->status) + ": " +
                   std::string(trim(reply->body.substr(0, 200))));
  }
  BusAddress bus;
  bus.bus = flat_member(reply->body, "bus");
  bus.version = flat_member(reply->body, "version");
  bus.cluster = flat_member(reply->body, "cluster");
  const std::string_view epoch = flat_member(reply->body, "epoch");
  std::from_chars(epoch.data(), epoch.data() + epoch.size(), bus.epoch);
  if (!bus.bus.starts_with("tcp://")) return failure(who + " named no bus: is this a master?");
  return bus;
}

}  // namespace mesolite::net
