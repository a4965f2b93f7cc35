#include "frameworks/mini-spark/cluster/connection.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mesolite::spark {
namespace {

constexpr std::size_t read_size = std::size_t{256} << 10;
constexpr int hello_patience_s = 10;

// The first IPv4 address of "host:port".
Result<sockaddr_in> resolve(const std::string& host_and_port) {
  const std::size_t colon = host_and_port.rfind(':');
  if (colon == std::string::npos) return failure("'" + host_and_port + "' is not HOST:PORT");
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host_and_port.substr(0, colon).c_str(),
                                host_and_port.substr(colon + 1).c_str(), &hints, &found);
  if (error != 0) return failure("cannot find '" + host_and_port + "': " + gai_strerror(error));
  sockaddr_in address{};
  std::memcpy(&address, found->ai_addr, sizeof(address));
  freeaddrinfo(found);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

std::string own_address(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  return text.data();
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::connect(const std::string& host_and_port) {
  const auto address = resolve(host_and_port);
  if (!address) return tl::unexpected(address.error());
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return system_failure("cannot make a socket", errno);
  if (::connect(descriptor, generic(*address), sizeof(*address)) != 0) {
    const int error = errno;
    ::close(descriptor);
    return system_failure("cannot connect to '" + host_and_port + "'", error);
  }
  return std::make_unique<Connection>(descriptor);
}

Connection::Connection(int descriptor) : descriptor_(descriptor) {
  const int yes = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  // A peer whose machine is gone does not say so.
  ::setsockopt(descriptor_, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes));
  writer_ = std::thread([this] { write_out(); });
}

Connection::~Connection() {
  const timeval patience{2, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  writer_.join();
  ::close(descriptor_);
}

void Connection::close() {
  ::shutdown(descriptor_, SHUT_RDWR);
}

void Connection::send(std::string_view header, std::string_view body) {
  const auto header_size = static_cast<std::uint32_t>(header.size());
  const std::uint64_t body_size = body.size();
  {
    const std::lock_guard lock(mutex_);
    pending_.append(reinterpret_cast<const char*>(&header_size), sizeof(header_size));
    pending_.append(reinterpret_cast<const char*>(&body_size), sizeof(body_size));
    pending_.append(header);
    pending_.append(body);
  }
  changed_.notify_one();
}

void Connection::write_out() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !pending_.empty(); });
    if (pending_.empty()) return;
    const std::string bytes = std::exchange(pending_, {});
    lock.unlock();
    for (std::string_view left = bytes; !left.empty();) {
      const ssize_t written = ::send(descriptor_, left.data(), left.size(), MSG_NOSIGNAL);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) break;  // the reader hears of it
      left.remove_prefix(static_cast<std::size_t>(written));
    }
    lock.lock();
  }
}

bool Connection::fill() {
  read_.erase(0, std::exchange(read_at_, 0));
  const std::size_t had = read_.size();
  read_.resize(had + read_size);
  ssize_t got = 0;
  do {
    got = ::recv(descriptor_, read_.data() + had, read_size, 0);
  } while (got < 0 && errno == EINTR);
  read_.resize(had + static_cast<std::size_t>(got > 0 ? got : 0));
  return got > 0;
}

bool Connection::read_exactly(char* into, std::size_t size) {
  while (size > 0) {
    if (read_at_ == read_.size() && !fill()) return false;
    const std::size_t part = std::min(size, read_.size() - read_at_);
    std::memcpy(into, read_.data() + read_at_, part);
    read_at_ += part;
    into += part;
    size -= part;
  }
  return true;
}

std::optional<Frame> Connection::receive() {
  return receive(header_max, body_max);
}

std::optional<Frame> Connection::receive_hello() {
  const timeval patience{hello_patience_s, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  auto frame = receive(hello_max, 0);
  const timeval forever{};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever));
  return frame;
}

std::optional<Frame> Connection::receive(std::uint32_t header_limit, std::uint64_t body_limit) {
  std::uint32_t header_size = 0;
  std::uint64_t body_size = 0;
  if (!read_exactly(reinterpret_cast<char*>(&header_size), sizeof(header_size))) return {};
  if (!read_exactly(reinterpret_cast<char*>(&body_size), sizeof(body_size))) return {};
  if (header_size > header_limit || body_size > body_limit) return {};
  Frame frame;
  frame.header.resize(header_size);
  if (!read_exactly(frame.header.data(), header_size)) return {};
  // Room only for what comes: the peer's word alone costs no memory.
  while (frame.body.size() < body_size) {
    const std::size_t had = frame.body.size();
    const std::size_t part = std::min<std::uint64_t>(body_size - had, had + read_size);
    frame.body.resize(had + part);
    if (!read_exactly(frame.body.data() + had, part)) return {};
  }
  return frame;
}

std::string Connection::own_ip() const {
  return own_address(descriptor_);
}

Result<std::string> ip_towards(const std::string& host_and_port) {
  const auto address = resolve(host_and_port);
  if (!address) return tl::unexpected(address.error());
  // Nothing is sent: connecting a datagram socket only chooses the way.
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return system_failure("cannot make a socket", errno);
  const int connected = ::connect(descriptor, generic(*address), sizeof(*address));
  const int error = errno;
  const std::string ip = connected == 0 ? own_address(descriptor) : "";
  ::close(descriptor);
  if (ip.empty()) return system_failure("there is no way to '" + host_and_port + "'", error);
  return ip;
}

}  // namespace mesolite::spark
