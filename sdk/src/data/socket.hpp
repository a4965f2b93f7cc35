// Socket: one owned socket descriptor, and the two ways in which ours come to be.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::data {

class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() { close(); }
  Socket(Socket&& other) noexcept : descriptor_(other.release()) {}
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int descriptor() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }
  void close();

 private:
  int release();

  int descriptor_ = -1;
};

// A non-blocking listener on an ephemeral port of `ip`.
Result<Socket> listen_on(const std::string& ip);
std::uint16_t local_port(const Socket& socket);

enum class WaitOutcome { ready, timed_out, stopped };
// Waits until the socket is ready for `events` (poll(2)), has failed, or somebody asks to stop.
WaitOutcome wait_for(const Socket& socket, short events, Duration timeout,
                     const std::stop_token& stop);

// A connected non-blocking socket to "name:port".
Result<Socket> connect_to(const std::string& host, Duration timeout, const std::stop_token& stop);

}  // namespace mesolite::data
