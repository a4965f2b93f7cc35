#include "frameworks/mini-spark/face/page_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace mesolite::spark {
namespace {

void set_patience(int connection) {
  const timeval patience{2, 0};
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

// The request line; "" if none came in time or it was too long.
std::string request_line(int connection) {
  std::array<char, 4096> buffer{};
  std::string request;
  while (request.find("\r\n\r\n") == std::string::npos && request.size() < 16'384) {
    const ssize_t got = ::recv(connection, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return {};
    request.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return request.substr(0, request.find("\r\n"));
}

void send_all(int connection, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void send_page(int connection, std::string_view status, std::string_view type,
               std::string_view body) {
  send_all(connection, "HTTP/1.1 " + std::string(status) +
                           "\r\nContent-Type: " + std::string(type) +
                           "; charset=utf-8\r\nContent-Length: " + std::to_string(body.size()) +
                           "\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n");
  send_all(connection, body);
}

}  // namespace

Result<std::unique_ptr<PageServer>> PageServer::start(std::uint16_t port, const EventLog& log) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return system_failure("cannot make a socket", errno);
  const int yes = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (::bind(descriptor, generic, size) != 0 || ::listen(descriptor, 16) != 0 ||
      ::getsockname(descriptor, generic, &size) != 0) {
    const int error = errno;
    ::close(descriptor);
    return system_failure("cannot serve the page on port " + std::to_string(port), error);
  }
  return std::unique_ptr<PageServer>(new PageServer(descriptor, ntohs(address.sin_port), log));
}

PageServer::PageServer(int descriptor, std::uint16_t port, const EventLog& log)
    : descriptor_(descriptor), port_(port), log_(log), thread_([this] { serve(); }) {}

PageServer::~PageServer() {
  ::shutdown(descriptor_, SHUT_RDWR);
  thread_.join();
  ::close(descriptor_);
}

void PageServer::serve() {
  while (true) {
    const int connection = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (connection < 0) return;
    set_patience(connection);
    answer(connection);
    ::close(connection);
  }
}

void PageServer::answer(int connection) const {
  const std::string line = request_line(connection);
  if (line.starts_with("GET / ")) {
    send_page(connection, "200 OK", "text/html", page_html());
  } else if (line.starts_with("GET /events ")) {
    send_page(connection, "200 OK", "application/x-ndjson", log_.text());
  } else if (!line.empty()) {
    send_page(connection, "404 Not Found", "text/plain", "there is / and /events\n");
  }
}

}  // namespace mesolite::spark
