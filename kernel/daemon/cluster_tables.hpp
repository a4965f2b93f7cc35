// The tables of `mesolite agents | frameworks | tasks`, out of the JSON of /state. Pure functions.
#pragma once

#include <string>

#include "kernel/daemon/commands.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::daemon {

// Fails when `state` is no JSON of a master.
Result<std::string> table_of(Listed what, const std::string& state, bool completed_too);
// The part of /state that the table is about, as a JSON list.
Result<std::string> json_of(Listed what, const std::string& state, bool completed_too);

}  // namespace mesolite::daemon
