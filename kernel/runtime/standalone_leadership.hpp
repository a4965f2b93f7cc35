// The leadership of a master that has no rivals: its cluster's id and the number of its run, both
// kept in the registry.
#pragma once

#include <cstdint>

#include "kernel/election/election.hpp"
#include "kernel/registry/registry.hpp"

namespace mesolite::runtime {

// Counts this run as the next epoch of the cluster and makes that durable, so that agents and
// schedulers can tell this run from earlier ones. A registry without a cluster gets one, its id
// drawn from `seed`.
Result<election::Leadership> lead_alone(registry::Registry& registry, std::uint64_t seed);

}  // namespace mesolite::runtime
