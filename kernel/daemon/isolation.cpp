#include "kernel/daemon/isolation.hpp"

#include <algorithm>

namespace mesolite::daemon {
namespace {

using Names = std::vector<std::string>;

const Names& cgroups_set() {
  static const Names names = {"cgroups/cpu", "cgroups/mem", "cgroups/pids"};
  return names;
}

const Names& process_set() {
  static const Names names = {"posix/cpu", "posix/mem"};
  return names;
}

// One aspect a line, the best isolator for it first; where none works, it is left alone.
const std::vector<Names>& automatic() {
  static const std::vector<Names> aspects = {
      {"cgroups/cpu", "posix/cpu"}, {"cgroups/mem", "posix/mem"}, {"cgroups/pids"}, {"cgroups/io"}};
  return aspects;
}

Result<Isolation> choose(const IsolatorWorks& works) {
  Isolation isolation;
  for (const Names& aspect : automatic()) {
    for (const std::string& name : aspect) {
      if (const auto status = works(name); !status) {
        isolation.passed_over.push_back("isolator '" + name +
                                        "' cannot work here: " + status.error().message);
        continue;
      }
      isolation.isolators.push_back(name);
      break;
    }
  }
  if (isolation.isolators.empty()) return failure("no isolator works on this machine");
  return isolation;
}

Status add_once(const std::string& name, Names& names) {
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    return failure("isolator '" + name + "' is named twice");
  }
  names.push_back(name);
  return {};
}

}  // namespace

Result<Isolation> isolation_of(const std::vector<std::string>& given, const IsolatorWorks& works) {
  if (given == Names{"auto"}) return choose(works);
  Isolation isolation;
  for (const std::string& name : given) {
    if (name == "auto") return failure("'auto' stands alone: it chooses all isolators");
    const Names set = name == "cgroups"   ? cgroups_set()
                      : name == "process" ? process_set()
                                          : Names{name};
    for (const std::string& member : set) {
      if (auto added = add_once(member, isolation.isolators); !added) {
        return tl::unexpected(added.error());
      }
    }
  }
  return isolation;
}

}  // namespace mesolite::daemon
