// Quota: how much of the cluster a role and the roles below it are sure to get (guarantee), and how
// much they hold at most (limit). The allocator obeys; here is decided what can be asked of it.
//
// Guarantees and limits form a tree, like the roles: what is guaranteed to the children is part of
// what is guaranteed to their parent, and all of it must fit below every limit above.
#pragma once

#include <string>

#include "mesolite/base/result.hpp"
#include "mesolite/protocol/operator_messages.hpp"

namespace mesolite::master {

class State;

// All of the quotas or none. Offers that are in the way of the new quotas are rescinded.
Result<std::string> set_quota(State& state, const SetQuota& request);

}  // namespace mesolite::master
