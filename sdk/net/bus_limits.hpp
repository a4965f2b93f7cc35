// What the ends of the bus take from each other, and a BusServer from strangers.
#pragma once

#include <cstddef>

#include "mesolite/base/time.hpp"
#include "sdk/net/frame.hpp"

namespace mesolite::net {

// Of a peer that does not read, or is not read.
inline constexpr std::size_t backlog_bytes_max = 64u << 20;
inline constexpr int malformed_frames_max = 3;

// As many connections as the descriptors of this process allow, with some left for other uses.
std::size_t connections_allowed();

struct BusLimits {
  std::size_t connections_max = connections_allowed();
  // Connections that have not said anything yet; what is above goes, the oldest first.
  std::size_t silent_max = connections_max / 2;
  Duration silence_max{15s};
  // The first frame of a connection, which comes from nobody knows whom.
  std::size_t first_frame_bytes_max = frame_bytes_max;
};

}  // namespace mesolite::net
