// A client that sends exactly the bytes it is told to, for what no well-behaved client would do.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace mesolite::http {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // Sends as much as the server takes.
  void send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // Reads until `text` has arrived; false if the connection ended or nothing came for ten seconds.
  bool read_until(std::string_view text) {
    while (received_.find(text) == std::string::npos) {
      if (!read_some()) return false;
    }
    return true;
  }

  // Everything up to the end of the connection.
  std::string read_all() {
    while (read_some()) {
    }
    return received_;
  }

  bool ended() const { return ended_; }
  const std::string& received() const { return received_; }

 private:
  bool read_some() {
    pollfd entry{socket_, POLLIN, 0};
    if (::poll(&entry, 1, 10'000) <= 0) return false;
    char buffer[16384];
    const ssize_t size = ::recv(socket_, buffer, sizeof(buffer), 0);
    ended_ = size <= 0;
    if (ended_) return false;
    received_.append(buffer, static_cast<std::size_t>(size));
    return true;
  }

  int socket_;
  bool ended_ = false;
  std::string received_;
};

}  // namespace mesolite::http
