// Connection: whole frames over TCP, both ways. Sending never blocks: a thread of its own writes
// what has come together since, so that many small frames become one system call.
//
//   u32 size of the header, u64 size of the body (as they lie in memory), header, body
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "mesolite/base/result.hpp"

namespace mesolite::spark {

struct Frame {
  std::string header;
  std::string body;
};

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> connect(const std::string& host_and_port);
  explicit Connection(int descriptor);  // takes it over
  ~Connection();                        // what was sent before is written out, for a moment
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view header, std::string_view body = {});  // [any thread]
  // The next frame; nothing at the end of the connection. A larger header than `header_max` ends
  // it. [one thread]
  std::optional<Frame> receive();
  void close();  // [any thread] receive() ends, nothing more is sent
  std::string own_ip() const;

  static constexpr std::uint32_t header_max = std::uint32_t{16} << 20;
  static constexpr std::uint64_t body_max = std::uint64_t{4} << 30;

 private:
  void write_out();
  bool read_exactly(char* into, std::size_t size);
  bool fill();

  const int descriptor_;
  std::string read_;  // what has come and is not taken: from read_at_ on
  std::size_t read_at_ = 0;
  std::mutex mutex_;  // guards what waits to be written
  std::condition_variable changed_;
  std::string pending_;
  bool ending_ = false;
  std::thread writer_;  // last: it uses all above
};

class Listener {
 public:
  static Result<std::unique_ptr<Listener>> listen(const std::string& ip);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const { return port_; }
  // Waits; null when the listener is closed.
  std::unique_ptr<Connection> accept();
  void close();  // [any thread]

 private:
  Listener(int descriptor, std::uint16_t port) : descriptor_(descriptor), port_(port) {}

  const int descriptor_;
  const std::uint16_t port_;
};

// The address of this host that reaches `host` ("name:port").
Result<std::string> ip_towards(const std::string& host_and_port);

}  // namespace mesolite::spark
