// Channel: frames, and descriptors that go with them, over a Unix stream socket.
//
// A frame is its length in four bytes (little-endian) and that many bytes of msgpack. Frames wait
// for flush(), so that those of one turn leave together; with descriptors they leave at once.
// Nothing blocks: what the socket does not take goes on waiting. Not thread-safe.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "kernel/container/descriptor.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/protocol/codec.hpp"

namespace mesolite::container {

class Channel {
 public:
  explicit Channel(Descriptor socket) : socket_(std::move(socket)) {}

  int descriptor() const { return socket_.get(); }
  // Whether something waits to be sent: then flush() when the socket is writable.
  bool sending() const { return !waiting_.empty(); }

  // The descriptors are lent for the duration of the call. Fails when the other end is gone.
  template <class T>
  Status send(const T& message, const std::vector<int>& descriptors = {}) {
    return send_frame(encode(message), descriptors);
  }
  Status flush();

  // Takes in what has arrived, up to the next frame with descriptors; false: nothing has. Fails
  // when the other end is gone.
  Result<bool> receive();
  // The next whole frame; none: it has not arrived yet.
  template <class T>
  Result<std::optional<T>> next() {
    const auto frame = next_frame();
    if (!frame) return tl::unexpected(frame.error());
    if (!*frame) return std::optional<T>();
    auto message = decode<T>(**frame);
    if (!message) return failure("a frame of the launcher's socket", message.error());
    return std::optional<T>(std::move(*message));
  }
  // The oldest descriptor that has arrived and was not taken yet; not open: there is none.
  Descriptor take_descriptor();

 private:
  struct Waiting {
    std::string bytes;
    std::size_t sent = 0;
    std::vector<Descriptor> descriptors;  // our own copies; go with the first byte
  };

  Status send_frame(const std::string& message, const std::vector<int>& descriptors);
  Result<std::size_t> send_bytes(std::string_view bytes, const std::vector<int>& descriptors);
  Result<std::optional<std::string_view>> next_frame();
  void take_descriptors(const msghdr& header);

  Descriptor socket_;
  std::deque<Waiting> waiting_;
  std::string received_;
  std::size_t consumed_ = 0;  // of received_
  std::deque<Descriptor> descriptors_;
};

}  // namespace mesolite::container
