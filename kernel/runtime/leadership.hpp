// What a master finds in its registry when it begins to lead: the cluster's id, the epoch of its
// leadership, and what earlier masters have left behind.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "kernel/election/election.hpp"
#include "kernel/master/recovery.hpp"
#include "kernel/registry/registry.hpp"

namespace mesolite::runtime {

// All that makes a master one that leads.
struct Office {
  std::unique_ptr<registry::Registry> registry;
  election::Leadership leadership;
  master::Durable durable;
};

// Opens the registry of a leadership that was won; of a master without rivals, {}.
using OpenRegistry =
    std::function<Result<std::unique_ptr<registry::Registry>>(const election::Leadership& won)>;

// Opens the registry, takes the lead and reads what is there. Blocks for as long as that takes.
Result<Office> take_office(const OpenRegistry& open, election::Leadership won, std::uint64_t seed);

// Makes the epoch durable, so that agents and schedulers can tell this master from earlier ones. A
// master without rivals, whose `won` has no epoch, counts its runs. A registry without a cluster
// gets one, its id drawn from `seed`. Fails if a later epoch has been there.
Result<election::Leadership> take_lead(registry::Registry& registry, election::Leadership won,
                                       std::uint64_t seed);

// What earlier masters have left behind. REQUIRES: `leadership` was taken in this registry. Fails
// on a record that cannot be read, with its key.
Result<master::Durable> read_durable(registry::Registry& registry,
                                     const election::Leadership& leadership);

// A record for people, as `mesolite registry show` tells it. Fails on one that cannot be read.
Result<std::string> record_text(const registry::Record& record);

}  // namespace mesolite::runtime
