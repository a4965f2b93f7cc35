#include "frameworks/mini-spark/engine/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace mesolite::spark {

Result<std::unique_ptr<Listener>> Listener::listen(const std::string& ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, ip.c_str(), &address.sin_addr) != 1) {
    return failure("'" + ip + "' is not an IPv4 address");
  }
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return system_failure("cannot make a socket", errno);
  const int yes = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (::bind(descriptor, generic, size) != 0 || ::listen(descriptor, SOMAXCONN) != 0 ||
      ::getsockname(descriptor, generic, &size) != 0) {
    const int error = errno;
    ::close(descriptor);
    return system_failure("cannot listen on " + ip + ":" + std::to_string(port), error);
  }
  return std::unique_ptr<Listener>(new Listener(descriptor, ntohs(address.sin_port)));
}

Listener::~Listener() {
  ::close(descriptor_);
}

int Listener::accept() {
  while (true) {
    const int descriptor = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor >= 0 || (errno != EINTR && errno != ECONNABORTED)) return descriptor;
  }
}

void Listener::close() {
  ::shutdown(descriptor_, SHUT_RDWR);
}

}  // namespace mesolite::spark
