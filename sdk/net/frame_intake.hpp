// What both ends of the bus do with a frame that has come in.
#pragma once

#include <utility>

#include "sdk/net/bus.hpp"
#include "sdk/net/frame.hpp"

namespace mesolite::net {

// Counts what stands in the frame and hands each message to `deliver`, until that answers false.
// Fails if something was malformed.
template <class Deliver>
Status take_apart(FrameReader reader, BusCounters& counters, const Deliver& deliver) {
  while (!reader.at_end()) {
    auto item = reader.next();
    if (!item) {
      ++counters.malformed;
      return tl::unexpected(item.error());
    }
    if (!item->known) {
      ++counters.unknown;
      continue;
    }
    ++counters.messages_in;
    if (!deliver(std::move(item->message))) return {};
  }
  return {};
}

}  // namespace mesolite::net
