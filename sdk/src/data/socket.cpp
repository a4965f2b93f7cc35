#include "socket.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

namespace mesolite::data {
namespace {

constexpr int backlog = 128;
// How long a wait goes on after somebody has asked it to stop, at most.
constexpr Duration stop_check_interval = 50ms;

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = other.release();
  }
  return *this;
}

void Socket::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

int Socket::release() {
  return std::exchange(descriptor_, -1);
}

Result<Socket> listen_on(const std::string& ip) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (inet_pton(AF_INET, ip.c_str(), &address.sin_addr) != 1) {
    return failure("cannot listen on '" + ip + "': not an IPv4 address");
  }
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return system_failure("cannot make a socket", errno);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (bind(socket.descriptor(), generic, sizeof address) != 0 ||
      listen(socket.descriptor(), backlog) != 0) {
    return system_failure("cannot listen on '" + ip + "'", errno);
  }
  return socket;
}

std::uint16_t local_port(const Socket& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(socket.descriptor(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

WaitOutcome wait_for(const Socket& socket, short events, Duration timeout,
                     const std::stop_token& stop) {
  pollfd watched{.fd = socket.descriptor(), .events = events, .revents = 0};
  for (Duration left = timeout; left > Duration::zero(); left -= stop_check_interval) {
    if (stop.stop_requested()) return WaitOutcome::stopped;
    const Duration slice = std::min(left, stop_check_interval);
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(slice).count();
    if (poll(&watched, 1, static_cast<int>(milliseconds)) > 0) return WaitOutcome::ready;
  }
  return WaitOutcome::timed_out;
}

Result<Socket> connect_to(const std::string& host, Duration timeout, const std::stop_token& stop) {
  const std::size_t colon = host.rfind(':');
  if (colon == std::string::npos) return failure("'" + host + "' is not of the form host:port");
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int looked_up =
      getaddrinfo(host.substr(0, colon).c_str(), host.substr(colon + 1).c_str(), &hints, &found);
  if (looked_up != 0) return failure(gai_strerror(looked_up));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);

  Socket socket(::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return system_failure("cannot make a socket", errno);
  if (connect(socket.descriptor(), found->ai_addr, found->ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return system_failure("cannot connect", errno);
    const WaitOutcome outcome = wait_for(socket, POLLOUT, timeout, stop);
    if (outcome != WaitOutcome::ready) return failure("cannot connect: no answer");
  }
  int problem = 0;
  socklen_t size = sizeof problem;
  getsockopt(socket.descriptor(), SOL_SOCKET, SO_ERROR, &problem, &size);
  if (problem != 0) return system_failure("cannot connect", problem);
  const int on = 1;
  setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

}  // namespace mesolite::data
