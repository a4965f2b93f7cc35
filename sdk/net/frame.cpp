#include "sdk/net/frame.hpp"

#include <utility>

#include "mesolite/base/check.hpp"
#include "mesolite/protocol/version.hpp"
#include "sdk/net/halve.hpp"

namespace mesolite::net {
namespace {

constexpr std::size_t header_bytes = 12;
constexpr std::size_t message_header_bytes = 6;
constexpr std::size_t epoch_offset = 4;

template <class Unsigned>
void put(char* out, Unsigned value) {
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    out[i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
  }
}

template <class Unsigned>
Unsigned get(const char* in) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>(
        value |
        static_cast<Unsigned>(static_cast<Unsigned>(static_cast<unsigned char>(in[i])) << (8 * i)));
  }
  return value;
}

void begin_frame(std::string& data) {
  data.resize(header_bytes);
  data[0] = 'M';
  data[1] = 'L';
  data[2] = static_cast<char>(protocol_version);
}

}  // namespace

Status FrameBuilder::add(const Message& message) {
  if (data_.empty()) begin_frame(data_);
  const std::size_t begin = data_.size();
  data_.resize(begin + message_header_bytes);
  encode_message(data_, message);
  const std::size_t length = data_.size() - begin - message_header_bytes;
  if (length > message_bytes_max) {
    begin == header_bytes ? data_.clear() : data_.resize(begin);
    return failure("cannot send " + std::string(message_name(message)) + ": its " +
                   std::to_string(length) + " bytes are more than " +
                   std::to_string(message_bytes_max));
  }
  put(data_.data() + begin, static_cast<std::uint32_t>(length));
  put(data_.data() + begin + sizeof(std::uint32_t), message_id(message));
  ++messages_;
  return {};
}

std::string FrameBuilder::take() {
  MESOLITE_CHECK(!empty(), "only a frame with messages is taken");
  put(data_.data() + epoch_offset, epoch_);
  messages_ = 0;
  return std::exchange(data_, {});
}

void FrameBuilder::clear() {
  messages_ = 0;
  data_.clear();
}

std::vector<Unsent> add_in_parts(const Message& message,
                                 const std::function<Status(const Message&)>& add) {
  const Status added = add(message);
  if (added) return {};
  Message first = message;
  const std::optional<Message> second = halve(first);
  if (!second) return {{message, added.error()}};
  std::vector<Unsent> unsent = add_in_parts(first, add);
  for (Unsent& part : add_in_parts(*second, add)) unsent.push_back(std::move(part));
  return unsent;
}

std::string empty_frame(std::uint64_t epoch) {
  std::string data;
  begin_frame(data);
  put(data.data() + epoch_offset, epoch);
  return data;
}

Result<FrameReader> FrameReader::open(std::string_view frame) {
  if (frame.size() < header_bytes || frame[0] != 'M' || frame[1] != 'L') {
    return failure("not a frame of ours: " + std::to_string(frame.size()) + " bytes");
  }
  const auto peer_version = static_cast<std::uint8_t>(frame[2]);
  if (peer_version != protocol_version) {
    return failure("frame of protocol version " + std::to_string(peer_version) + ", ours is " +
                   std::to_string(protocol_version));
  }
  if (frame[3] != 0) return failure("frame with unknown flags");
  FrameReader reader;
  reader.epoch_ = get<std::uint64_t>(frame.data() + epoch_offset);
  reader.rest_ = frame.substr(header_bytes);
  return reader;
}

Result<FrameReader::Item> FrameReader::next() {
  MESOLITE_CHECK(!at_end(), "next() is called while something is left");
  const std::string_view rest = std::exchange(rest_, {});
  if (rest.size() < message_header_bytes) return failure("frame ends in a message's header");
  const auto length = get<std::uint32_t>(rest.data());
  const auto id = get<std::uint16_t>(rest.data() + sizeof length);
  if (length > rest.size() - message_header_bytes) {
    return failure("message of " + std::to_string(length) + " bytes in a frame that has " +
                   std::to_string(rest.size() - message_header_bytes) + " left");
  }
  rest_ = rest.substr(message_header_bytes + length);
  if (message_name(id).empty()) return Item{.known = false, .id = id, .message = {}};
  auto message = decode_message(id, rest.substr(message_header_bytes, length));
  if (!message) return tl::unexpected(message.error());
  return Item{.known = true, .id = id, .message = std::move(*message)};
}

}  // namespace mesolite::net
