// RawPeer: a TCP connection to a bus, byte by byte, for what no library would send.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "mesolite/base/time.hpp"

namespace mesolite::harness {

class RawPeer {
 public:
  // Connects to a port of loopback, or fails the test.
  explicit RawPeer(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* plain = reinterpret_cast<const sockaddr*>(&address);
    connected_ = ::connect(socket_, plain, sizeof address) == 0;
  }
  ~RawPeer() { ::close(socket_); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  bool connected() const { return connected_; }
  // Waits until all is on its way; false once the other side has ended the connection.
  bool write(std::string_view data) {
    while (!data.empty()) {
      const ssize_t written = ::send(socket_, data.data(), data.size(), MSG_NOSIGNAL);
      if (written <= 0) return false;
      data.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }
  std::string read_exactly(std::size_t size) {
    std::string data(size, '\0');
    const ssize_t got = ::recv(socket_, data.data(), size, MSG_WAITALL);
    data.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return data;
  }
  // Whether the other side ends the connection in time; what it says before that is dropped.
  bool wait_closed(Duration limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    std::array<char, 4'096> rest;  // NOLINT: filled by recv
    while (std::chrono::steady_clock::now() < until) {
      pollfd readable{socket_, POLLIN, 0};
      if (::poll(&readable, 1, 10) == 1 && ::recv(socket_, rest.data(), rest.size(), 0) <= 0) {
        return true;
      }
    }
    return false;
  }

  // How a ZMTP 3.0 connection without security begins.
  static std::string greeting() {
    std::string text("\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL", 16);
    text.resize(64, '\0');
    return text;
  }
  // One part of a message as it travels; `more` follow it.
  static std::string part(std::string_view data, bool more) {
    constexpr char more_flag = 1;
    constexpr char long_flag = 2;
    const bool is_long = data.size() > 255;
    std::string text{static_cast<char>((more ? more_flag : 0) | (is_long ? long_flag : 0))};
    for (int shift = is_long ? 56 : 0; shift >= 0; shift -= 8) {
      text += static_cast<char>(data.size() >> shift);
    }
    return text.append(data);
  }
  // As a DEALER without security; false if the other side does not take part.
  bool shake_hands() {
    const std::string ready("\x04\x1c\5READY\xbSocket-Type\0\0\0\6DEALER", 30);
    if (!write(greeting() + ready)) return false;
    const std::string head = read_exactly(greeting().size() + 2);
    if (head.size() != greeting().size() + 2) return false;
    const auto rest = static_cast<std::size_t>(static_cast<unsigned char>(head.back()));
    return read_exactly(rest).size() == rest;
  }

 private:
  int socket_;
  bool connected_ = false;
};

}  // namespace mesolite::harness
