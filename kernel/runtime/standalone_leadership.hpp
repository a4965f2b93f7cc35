// What a master finds in its registry at start: the cluster's id and the number of its run, which
// is the leadership of a master that has no rivals, and what earlier masters have left behind.
#pragma once

#include <cstdint>

#include "kernel/election/election.hpp"
#include "kernel/master/recovery.hpp"
#include "kernel/registry/registry.hpp"

namespace mesolite::runtime {

// Counts this run as the next epoch of the cluster and makes that durable, so that agents and
// schedulers can tell this run from earlier ones. A registry without a cluster gets one, its id
// drawn from `seed`.
Result<election::Leadership> lead_alone(registry::Registry& registry, std::uint64_t seed);

// What earlier masters have left behind. REQUIRES: `leadership` was counted in this registry. Fails
// on a record that cannot be read, with its key.
Result<master::Durable> read_durable(registry::Registry& registry,
                                     const election::Leadership& leadership);

// A record for people, as `mesolite registry show` tells it. Fails on one that cannot be read.
Result<std::string> record_text(const registry::Record& record);

}  // namespace mesolite::runtime
