#include "sdk/net/socket_name.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstddef>

namespace mesolite::net {
namespace {

// Holds the socket, if it is still the one of that name, so that its descriptor stays its own.
class Pinned {
 public:
  explicit Pinned(const SocketName& socket)
      : descriptor_(::fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 0)) {
    right_ =
        descriptor_ >= 0 && socket.inode != 0 && name_socket(descriptor_).inode == socket.inode;
  }
  ~Pinned() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

  explicit operator bool() const { return right_; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  bool right_ = false;
};

std::string text_of(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return std::string(text.data()) + ":" + std::to_string(ntohs(v4.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  return "";
}

}  // namespace

SocketName name_socket(int descriptor) {
  struct stat status {};
  return {descriptor, ::fstat(descriptor, &status) == 0 ? status.st_ino : 0};
}

void shut_down(const SocketName& socket) {
  if (const Pinned pinned(socket); pinned) ::shutdown(pinned.descriptor(), SHUT_RDWR);
}

void reset(const SocketName& socket) {
  const Pinned pinned(socket);
  if (!pinned) return;
  // Takes a TCP connection down; a Unix socket knows no such thing, and needs none.
  sockaddr nobody{};
  nobody.sa_family = AF_UNSPEC;
  if (::connect(pinned.descriptor(), &nobody, sizeof nobody) == 0) return;
  ::shutdown(pinned.descriptor(), SHUT_RDWR);
}

std::string remote_address(const SocketName& socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  const Pinned pinned(socket);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (!pinned || ::getpeername(pinned.descriptor(), plain, &size) != 0) return "";
  return text_of(address);
}

std::optional<std::uint64_t> bytes_received(const SocketName& socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  const Pinned pinned(socket);
  const bool read =
      pinned && ::getsockopt(pinned.descriptor(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0;
  constexpr std::size_t end = offsetof(tcp_info, tcpi_bytes_received) + sizeof(std::uint64_t);
  if (!read || size < end) return std::nullopt;
  return info.tcpi_bytes_received;
}

}  // namespace mesolite::net
