// What a master's node in ZooKeeper says: JSON that tools for Mesos read, and the bus.
#pragma once

#include <string>

#include "mesolite/base/result.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite::detection {

std::string master_node(const MasterInfo& master);

// Its epoch is not in it: that is when the node was made. Fails on what is no node of a master of
// ours.
Result<MasterInfo> parse_master_node(const std::string& text);

}  // namespace mesolite::detection
