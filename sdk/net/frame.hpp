// Frames: how messages share one ZeroMQ frame. All that goes to one peer in one turn is one frame:
//
//   frame   = magic 'M' 'L', protocol version u8, flags u8 (0), epoch u64, message…
//   message = length u32, id u16, payload (msgpack)                     all little endian
//
// `epoch` is the sender's leader epoch if it is a master, the epoch it follows if it is an agent or
// a scheduler, 0 if it knows none yet. Receivers refuse frames of a lower epoch than their own.
// `length` counts the payload alone.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/protocol/messages.hpp"

namespace mesolite::net {

inline constexpr std::size_t frame_bytes_max = 16u << 20;
// A frame is sent off when it has grown past the first; a single message may be as large as the
// second, so that a frame never exceeds frame_bytes_max.
inline constexpr std::size_t frame_bytes_full = frame_bytes_max / 4;
inline constexpr std::size_t message_bytes_max = frame_bytes_max - frame_bytes_full - 1'024;

// Gathers messages into one frame.
class FrameBuilder {
 public:
  explicit FrameBuilder(std::uint64_t epoch = 0) : epoch_(epoch) {}

  // Of the frame that is taken next, whenever its messages were added.
  void set_epoch(std::uint64_t epoch) { epoch_ = epoch; }
  // Fails, and leaves the frame as it was, if the message alone exceeds message_bytes_max.
  Status add(const Message& message);
  bool empty() const { return data_.empty(); }
  bool full() const { return data_.size() >= frame_bytes_full; }
  std::size_t size() const { return data_.size(); }
  std::size_t messages() const { return messages_; }
  // The finished frame; the builder is empty again.
  std::string take();
  void clear();

 private:
  std::uint64_t epoch_;
  std::size_t messages_ = 0;
  std::string data_;
};

// A message, or a part of one, that is too large for the bus and cannot be parted further.
struct Unsent {
  Message message;
  Error error;
};

// Calls add(message), and where that fails because it is too large, the same for its two halves.
// Answers with what could not be added at all; the rest was.
std::vector<Unsent> add_in_parts(const Message& message,
                                 const std::function<Status(const Message&)>& add);

// A frame without messages: says nothing, and finds out whether a peer is still there.
std::string empty_frame(std::uint64_t epoch);

// Reads a frame message by message. Never throws, whatever the bytes.
class FrameReader {
 public:
  // Fails on what is no frame: magic, version, length, trailing bytes.
  static Result<FrameReader> open(std::string_view frame);

  std::uint64_t epoch() const { return epoch_; }
  bool at_end() const { return rest_.empty(); }
  // The next message. A message id that this release does not know is a value with `known` false:
  // callers count and ignore it. A malformed one is a failure; what follows it can still be read
  // unless its length was wrong too: then the reader is at its end.
  struct Item {
    bool known = true;
    std::uint16_t id = 0;
    Message message;
  };
  Result<Item> next();  // REQUIRES: !at_end()

 private:
  std::uint64_t epoch_ = 0;
  std::string_view rest_;
};

}  // namespace mesolite::net
