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
  // The next frame; nothing at the end of the connection. A frame that is larger than it may be
  // ends it. [one thread]
  std::optional<Frame> receive();
  // The first frame of somebody who is not known yet: soon, small and without a body.
  std::optional<Frame> receive_hello();
  void close();  // [any thread] receive() ends, nothing more is sent
  std::string own_ip() const;

  static constexpr std::uint32_t header_max = std::uint32_t{16} << 20;
  static constexpr std::uint64_t body_max = std::uint64_t{4} << 30;
  static constexpr std::uint32_t hello_max = std::uint32_t{16} << 10;

 private:
  void write_out();
  std::optional<Frame> receive(std::uint32_t header_limit, std::uint64_t body_limit);
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

// The address of this host that reaches `host` ("name:port").
Result<std::string> ip_towards(const std::string& host_and_port);

}  // namespace mesolite::spark
