#include "cgroups_pids.hpp"

#include <limits>

namespace mesolite::cgroups_pids {

std::vector<CgroupIsolator::Setting> CgroupsPidsIsolator::settings(
    const ContainerContext& container) const {
  // A container's own limit may well be 0: its one process starts no other.
  if (container.limits.pids) return {{"pids.max", std::to_string(*container.limits.pids)}};
  return {{"pids.max", parameters_.pids_max == 0 ? "max" : std::to_string(parameters_.pids_max)}};
}

Result<Contribution> CgroupsPidsIsolator::prepare(const ContainerContext& container) {
  return place(container, settings(container));
}

Result<Nothing> CgroupsPidsIsolator::update(const ContainerContext& container) {
  if (auto applied = apply(container, settings(container)); !applied) {
    return tl::unexpected(applied.error());
  }
  return Nothing{};
}

Result<UsageAnswer> CgroupsPidsIsolator::usage(const ContainerContext& container) {
  if (const auto on = version(); !on) return tl::unexpected(on.error());
  CgroupFs& files = **groups();
  const std::string& name = name_of(container);
  UsageAnswer answer;
  // What the kernel counts here are threads.
  if (const auto threads = files.read_number("pids", name, "pids.current")) {
    answer.statistics["threads"] = static_cast<double>(*threads);
    answer.statistics["processes"] = static_cast<double>(files.processes(name).size());
  }
  const auto most = files.read_number("pids", name, "pids.max");
  if (most && *most < std::numeric_limits<std::uint64_t>::max()) {
    answer.statistics["pids_limit"] = static_cast<double>(*most);
  }
  if (const auto events = files.read_table("pids", name, "pids.events");
      events && events->contains("max")) {
    answer.statistics["pids_refused"] = static_cast<double>(events->at("max"));
  }
  return answer;
}

}  // namespace mesolite::cgroups_pids
