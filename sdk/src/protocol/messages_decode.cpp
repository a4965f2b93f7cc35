#include <string>

#include "mesolite/protocol/messages.hpp"

namespace mesolite {
namespace {

// Whether the id is known; what could not be read is in the reader's error.
bool read_message(std::uint16_t id, Reader& reader, Message& message) {
  switch (id) {
#define MESOLITE_MESSAGE(number, Name, direction, since) \
  case number:                                           \
    read_value(reader, message.emplace<Name>());         \
    return true;
#include "mesolite/protocol/messages.def"
    default:
      return false;
  }
}

}  // namespace

Result<Message> decode_message(std::uint16_t id, std::string_view payload) {
  const auto reader = msgpack_reader(payload);
  Message message;
  if (!read_message(id, *reader, message)) {
    return failure("message id " + std::to_string(id) + " is not known");
  }
  if (reader->failed()) return failure(message_name(id), Error{reader->error()});
  return message;
}

}  // namespace mesolite
