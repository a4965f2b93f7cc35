#include "mesolite/protocol/messages.hpp"

#include <iterator>
#include <utility>

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

static_assert(std::size(entries) == std::variant_size_v<AnyMessage>);

const Entry& entry_of(const Message& message) {
  return entries[message.index()];
}

}  // namespace

Message::Message() = default;
#define MESOLITE_MESSAGE(id, Name, direction, since) \
  Message::Message(Name value) : AnyMessage(std::in_place_type<Name>, std::move(value)) {}
#include "mesolite/protocol/messages.def"
Message::Message(const Message&) = default;
Message::Message(Message&&) noexcept = default;
Message& Message::operator=(const Message&) = default;
Message& Message::operator=(Message&&) noexcept = default;
Message::~Message() = default;

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

}  // namespace mesolite
