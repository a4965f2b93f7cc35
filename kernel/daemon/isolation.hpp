// Which isolators --isolation stands for.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mesolite/base/result.hpp"

namespace mesolite::daemon {

// Whether an isolator can be had and works on this machine.
using IsolatorWorks = std::function<Status(const std::string& name)>;

struct Isolation {
  std::vector<std::string> isolators;    // in the order of the chain
  std::vector<std::string> passed_over;  // by `auto`: a sentence each
};

// Names stand for themselves, "cgroups" and "process" for the sets of the setup guide, and "auto",
// which stands alone, for the best of what works here. Fails on a name that comes twice, and if
// `auto` finds nothing.
Result<Isolation> isolation_of(const std::vector<std::string>& given, const IsolatorWorks& works);

}  // namespace mesolite::daemon
