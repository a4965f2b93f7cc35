// What RESERVE, UNRESERVE, CREATE and DESTROY make of resources, as pure functions. Nothing is
// added or lost: a conversion only changes whom resources belong to, and what lies on them.
#pragma once

#include <optional>
#include <string>

#include "mesolite/base/resources.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite {

// The same resources with one reservation more, innermost.
Resources with_reservation(const Resources& resources, const Reservation& reservation);
// Without their innermost reservation. Fails on resources that have none, or hold a volume.
Result<Resources> without_reservation(const Resources& resources);
// The disk below persistent volumes. Fails on resources that are no volumes.
Result<Resources> without_volumes(const Resources& volumes);

// What of `available` serves as the unreserved resources `wanted`: reserved ones first, never a
// volume, nothing revocable or shared. None if there is not that much.
std::optional<Resources> pick(const Resources& available, const Resources& wanted);

// What of an agent's resources was made at run time: dynamic reservations and volumes. That is all
// an agent has to remember of them.
Resources made_at_run_time(const Resources& resources);
// The resources of an agent as started, with what was made at run time before. Fails if the agent
// does not have that any more.
Result<Resources> with_made(const Resources& started_with, const Resources& made);
// As if nothing had been made at run time.
Resources as_started(const Resources& resources);

}  // namespace mesolite
