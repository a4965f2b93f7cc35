#include "kernel/container/contributions.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace mesolite::container {
namespace {

// Merges one contribution after the other, and remembers who gave what, for the error.
class Merger {
 public:
  Status add(const std::string& isolator, const Contribution& from);
  Contribution take() { return std::move(merged_); }

 private:
  Status add_environment(const std::string& isolator, const Contribution& from);
  Status add_cgroup_writes(const std::string& isolator, const Contribution& from);
  Status set_once(const std::string& what, const std::string& isolator, const std::string& value,
                  std::string& place);
  void add_rlimits(const std::vector<Rlimit>& rlimits);

  Contribution merged_ = unattended();
  std::map<std::string, std::string> givers_;  // of what can be given once -> isolator
};

tl::unexpected<Error> conflict(const std::string& first, const std::string& second,
                               const std::string& what) {
  return failure("isolators '" + first + "' and '" + second + "' both " + what);
}

void append(auto& to, const auto& from) {
  std::copy(from.begin(), from.end(), back_inserter(to));
}

void narrow(std::optional<std::uint64_t>& to, const std::optional<std::uint64_t>& from) {
  if (from) to = to.value_or(~std::uint64_t{0}) & *from;
}

Status Merger::set_once(const std::string& what, const std::string& isolator,
                        const std::string& value, std::string& place) {
  if (value.empty() || value == place) return {};
  const auto [giver, first] = givers_.try_emplace(what, isolator);
  if (!first) return conflict(giver->second, isolator, "set the " + what);
  place = value;
  return {};
}

Status Merger::add_environment(const std::string& isolator, const Contribution& from) {
  for (const auto& [name, value] : from.environment) {
    const auto [known, added] = merged_.environment.try_emplace(name, value);
    std::string& giver = givers_["variable " + name];
    const bool wins = added || (value.override && !known->second.override);
    if (!wins && value.override == known->second.override && value != known->second) {
      return conflict(giver, isolator, "set the variable " + name);
    }
    if (!wins) continue;
    known->second = value;
    giver = isolator;
  }
  return {};
}

Status Merger::add_cgroup_writes(const std::string& isolator, const Contribution& from) {
  for (const auto& write : from.cgroup_writes) {
    const auto [giver, first] =
        givers_.try_emplace("cgroup " + write.controller + "/" + write.file, isolator);
    if (!first) {
      return conflict(giver->second, isolator,
                      "write the cgroup file " + write.controller + "/" + write.file);
    }
    merged_.cgroup_writes.push_back(write);
  }
  return {};
}

void Merger::add_rlimits(const std::vector<Rlimit>& rlimits) {
  for (const auto& rlimit : rlimits) {
    const auto known = std::find_if(merged_.rlimits.begin(), merged_.rlimits.end(),
                                    [&](const Rlimit& other) { return other.name == rlimit.name; });
    if (known == merged_.rlimits.end()) {
      merged_.rlimits.push_back(rlimit);
    } else {
      known->soft = std::min(known->soft, rlimit.soft);
      known->hard = std::min(known->hard, rlimit.hard);
    }
  }
}

Status Merger::add(const std::string& isolator, const Contribution& from) {
  merged_.clone_flags |= from.clone_flags;
  narrow(merged_.capability_bounding, from.capability_bounding);
  narrow(merged_.capability_effective, from.capability_effective);
  if (from.no_new_privileges) {
    merged_.no_new_privileges =
        merged_.no_new_privileges.value_or(false) || *from.no_new_privileges;
  }
  merged_.without_groups = merged_.without_groups || from.without_groups;
  merged_.unattended = merged_.unattended && from.unattended;
  add_rlimits(from.rlimits);
  append(merged_.mounts, from.mounts);
  append(merged_.masked_paths, from.masked_paths);
  append(merged_.read_only_paths, from.read_only_paths);
  append(merged_.devices, from.devices);
  for (const auto& cgroup : from.cgroups) {
    // Isolators of one hierarchy share a container's directory.
    if (std::ranges::count(merged_.cgroups, cgroup) == 0) merged_.cgroups.push_back(cgroup);
  }

  Status status = add_environment(isolator, from);
  if (status) status = add_cgroup_writes(isolator, from);
  if (status) status = set_once("root file system", isolator, from.rootfs, merged_.rootfs);
  if (status) status = set_once("host name", isolator, from.hostname, merged_.hostname);
  if (status) status = set_once("user", isolator, from.user, merged_.user);
  if (status) {
    status = set_once("seccomp profile", isolator, from.seccomp_profile.data,
                      merged_.seccomp_profile.data);
  }
  return status;
}

}  // namespace

Result<Contribution> merge(const std::vector<NamedContribution>& chain) {
  Merger merger;
  for (const auto& [isolator, contribution] : chain) {
    if (auto status = merger.add(isolator, contribution); !status)
      return tl::unexpected(status.error());
  }
  return merger.take();
}

}  // namespace mesolite::container
