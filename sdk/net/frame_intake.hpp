// What both ends of the bus do with a frame that has come in.
#pragma once

#include <utility>

#include "sdk/net/bus.hpp"
#include "sdk/net/frame.hpp"

namespace mesolite::net {

// Counts what stands in the frame and hands each message to `deliver`, until that answers false.
// False if something was malformed.
template <class Deliver>
bool take_apart(FrameReader reader, BusCounters& counters, const Deliver& deliver) {
  while (!reader.at_end()) {
    auto item = reader.next();
    if (!item) {
      ++counters.malformed;
      return false;
    }
    if (!item->known) {
      ++counters.unknown;
      continue;
    }
    ++counters.messages_in;
    if (!deliver(std::move(item->message))) return true;
  }
  return true;
}

}  // namespace mesolite::net
