// From --rate_limits, which is JSON as Mesos takes it, to what the master's machine is told.
#pragma once

#include <string>

#include "kernel/master/rates.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::daemon {

// Reads {"limits": [{"principal": "p", "qps": 10, "capacity": 100}, …],
// "aggregate_default_qps": 5, "aggregate_default_capacity": 50}, or the file that holds it, if the
// text is a path or begins with file://. A principal without qps has no limit. No limits for "".
Result<master::RateLimits> parse_rate_limits(const std::string& text);

}  // namespace mesolite::daemon
