// Listener: a TCP port of ours.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "mesolite/base/result.hpp"

namespace mesolite::spark {

class Listener {
 public:
  // On an IPv4 address; `port` 0: any that is free.
  static Result<std::unique_ptr<Listener>> listen(const std::string& ip, std::uint16_t port = 0);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const { return port_; }
  // Waits; the descriptor of the connection, which is the caller's, or -1 when it is closed.
  int accept();
  void close();  // [any thread]

 private:
  Listener(int descriptor, std::uint16_t port) : descriptor_(descriptor), port_(port) {}

  const int descriptor_;
  const std::uint16_t port_;
};

}  // namespace mesolite::spark
