// How the contributions of a chain of isolators become one. Pure.
//
// Namespaces are or-ed, capabilities and-ed (they only ever shrink), rlimits taken at their
// minimum, no_new_privileges holds once anybody asks for it; mounts, paths and devices keep the
// order of the chain. Two values of one variable, two root file systems, host names, users or
// seccomp profiles, or two writers of one cgroup file are an error that names both modules.
#pragma once

#include <string>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::container {

struct NamedContribution {
  std::string isolator;
  Contribution contribution;
};

Result<Contribution> merge(const std::vector<NamedContribution>& chain);

}  // namespace mesolite::container
