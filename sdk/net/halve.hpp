// Messages that are lists may grow past what the bus carries at once; they go in parts then.
#pragma once

#include <optional>

#include "mesolite/protocol/messages.hpp"

namespace mesolite::net {

// Leaves the first half of the message's list in it and answers with the rest, to be sent next:
// both together say what the whole did. None if it has no list to share out, or one of one item.
std::optional<Message> halve(Message& message);

}  // namespace mesolite::net
