// Every message on the bus. messages.def lists them with their ids; the headers below say what they
// carry.
//
// Who an agent or a framework is follows from its connection (after Hello and registration), never
// from a field that it fills in itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "mesolite/protocol/agent_messages.hpp"
#include "mesolite/protocol/connection_messages.hpp"
#include "mesolite/protocol/executor_messages.hpp"
#include "mesolite/protocol/operator_messages.hpp"
#include "mesolite/protocol/scheduler_messages.hpp"

namespace mesolite {

// NOLINTNEXTLINE: one alternative a message, in the order of messages.def
using AnyMessage = std::variant<
#define MESOLITE_FIRST_MESSAGE(id, Name, direction, since) Name
#define MESOLITE_MESSAGE(id, Name, direction, since) , Name
#include "mesolite/protocol/messages.def"
    >;

// Any one message: a variant whose making, copying, moving and destruction are compiled once, not
// by every file in which a message passes by (that was a third of the time such a file took).
struct Message : AnyMessage {
  Message();
#define MESOLITE_MESSAGE(id, Name, direction, since) Message(Name value);  // NOLINT: implicit
#include "mesolite/protocol/messages.def"
  Message(const Message&);
  Message(Message&&) noexcept;
  Message& operator=(const Message&);
  Message& operator=(Message&&) noexcept;
  ~Message();
};

// The id on the wire and the name of the alternative that `message` holds.
std::uint16_t message_id(const Message& message);
std::string_view message_name(const Message& message);
std::string_view message_name(std::uint16_t id);  // "" if not known
// Who sends it to whom: "scheduler -> master".
std::string_view message_direction(const Message& message);

// Appends the message's payload, without id or length.
void encode_message(std::string& out, const Message& message);
// Fails with a sentence that names message and field; an unknown id is a failure too.
Result<Message> decode_message(std::uint16_t id, std::string_view payload);

}  // namespace mesolite
