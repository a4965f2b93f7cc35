#include "mesolite/protocol/messages.hpp"

#include <iterator>

namespace mesolite {
namespace {

struct Entry {
  std::uint16_t id;
  std::string_view name;
  std::string_view direction;
};

// In the order of the variant's alternatives.
constexpr Entry entries[] = {
#define MESOLITE_MESSAGE(id, Name, direction, since) {id, #Name, direction},
#include "mesolite/protocol/messages.def"
};

static_assert(std::size(entries) == std::variant_size_v<Message>);

const Entry& entry_of(const Message& message) {
  return entries[message.index()];
}

template <class T>
Result<Message> decode_as(std::string_view name, std::string_view payload) {
  auto value = decode<T>(payload);
  if (!value) return failure(name, value.error());
  return Message(std::move(*value));
}

}  // namespace

std::uint16_t message_id(const Message& message) {
  return entry_of(message).id;
}

std::string_view message_name(const Message& message) {
  return entry_of(message).name;
}

std::string_view message_name(std::uint16_t id) {
  for (const Entry& entry : entries) {
    if (entry.id == id) return entry.name;
  }
  return "";
}

std::string_view message_direction(const Message& message) {
  return entry_of(message).direction;
}

void encode_message(std::string& out, const Message& message) {
  std::visit([&out](const auto& value) { encode_to(out, value); }, message);
}

Result<Message> decode_message(std::uint16_t id, std::string_view payload) {
  switch (id) {
#define MESOLITE_MESSAGE(number, Name, direction, since) \
  case number:                                           \
    return decode_as<Name>(#Name, payload);
#include "mesolite/protocol/messages.def"
    default:
      return failure("message id " + std::to_string(id) + " is not known");
  }
}

}  // namespace mesolite
