#include "kernel/container/launch_plan.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <utility>

#include "mesolite/base/text.hpp"

namespace mesolite::container {
namespace {

constexpr std::string_view shell_path = "/bin/sh";
constexpr std::string_view default_search_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

constexpr std::array<std::pair<std::string_view, int>, 16> rlimit_names = {{
    {"as", RLIMIT_AS},
    {"core", RLIMIT_CORE},
    {"cpu", RLIMIT_CPU},
    {"data", RLIMIT_DATA},
    {"fsize", RLIMIT_FSIZE},
    {"locks", RLIMIT_LOCKS},
    {"memlock", RLIMIT_MEMLOCK},
    {"msgqueue", RLIMIT_MSGQUEUE},
    {"nice", RLIMIT_NICE},
    {"nofile", RLIMIT_NOFILE},
    {"nproc", RLIMIT_NPROC},
    {"rss", RLIMIT_RSS},
    {"rtprio", RLIMIT_RTPRIO},
    {"rttime", RLIMIT_RTTIME},
    {"sigpending", RLIMIT_SIGPENDING},
    {"stack", RLIMIT_STACK},
}};

// The first thing asked for that needs more than this launcher does, or "".
std::string_view beyond_launcher(const Contribution& contribution) {
  if (contribution.clone_flags != 0) return "namespaces";
  if (!contribution.mounts.empty()) return "mounts";
  if (!contribution.rootfs.empty()) return "a root file system";
  if (contribution.capability_bounding || contribution.capability_effective) {
    return "capabilities";
  }
  if (!contribution.seccomp_profile.empty()) return "a seccomp profile";
  if (!contribution.masked_paths.empty() || !contribution.read_only_paths.empty()) {
    return "masked paths";
  }
  if (!contribution.devices.empty()) return "devices";
  if (!contribution.cgroup_writes.empty()) return "cgroup writes";
  if (!contribution.hostname.empty()) return "a host name";
  return "";
}

// Rising precedence: the base, isolators, the command, isolators that override.
std::map<std::string, std::string> merge_environment(const LaunchRequest& request,
                                                     const Contribution& contribution) {
  auto merged = request.environment;
  for (const auto& [name, value] : contribution.environment) merged[name] = value.value;
  for (const auto& [name, value] : request.command.environment) merged[name] = value;
  for (const auto& [name, value] : contribution.environment) {
    if (value.override) merged[name] = value.value;
  }
  return merged;
}

// A name without a slash is looked for along PATH, as a shell would.
std::vector<std::string> candidate_paths(const std::string& program,
                                         const std::map<std::string, std::string>& environment) {
  if (program.find('/') != std::string::npos) return {program};
  const auto search_path = environment.find("PATH");
  std::vector<std::string> paths;
  for (const auto folder :
       split(search_path == environment.end() ? default_search_path : search_path->second, ':')) {
    paths.push_back(folder.empty() ? program : std::string(folder) + "/" + program);
  }
  return paths;
}

bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

Status set_command(const CommandInfo& command,
                   const std::map<std::string, std::string>& environment, LaunchSpec& spec) {
  if (command.value.empty()) return failure("the command is empty");
  if (has_nul(command.value) ||
      std::any_of(command.arguments.begin(), command.arguments.end(), has_nul)) {
    return failure("the command holds a NUL byte");
  }
  if (command.shell) {
    spec.paths = {std::string(shell_path)};
    spec.arguments = {"sh", "-c", command.value};
    return {};
  }
  spec.paths = candidate_paths(command.value, environment);
  spec.arguments = command.arguments;
  if (spec.arguments.empty()) spec.arguments.push_back(command.value);
  return {};
}

Status set_environment(const std::map<std::string, std::string>& environment, LaunchSpec& spec) {
  spec.environment.reserve(environment.size());
  for (const auto& [name, value] : environment) {
    if (name.empty() || name.find('=') != std::string::npos || has_nul(name) || has_nul(value)) {
      return failure("the environment variable '" + name + "' cannot be set");
    }
    spec.environment.push_back(name + "=" + value);
  }
  return {};
}

Status set_bounds(const std::vector<Rlimit>& rlimits, LaunchSpec& spec) {
  for (const auto& rlimit : rlimits) {
    const auto known = std::find_if(rlimit_names.begin(), rlimit_names.end(),
                                    [&](const auto& entry) { return entry.first == rlimit.name; });
    if (known == rlimit_names.end()) return failure("there is no rlimit '" + rlimit.name + "'");
    spec.bounds.push_back({known->second, rlimit.soft, rlimit.hard});
  }
  return {};
}

}  // namespace

Result<LaunchSpec> make_launch_spec(const LaunchRequest& request,
                                    const Contribution& contribution) {
  if (const auto beyond = beyond_launcher(contribution); !beyond.empty()) {
    return failure("an isolator asks for " + std::string(beyond) +
                   ", which the posix launcher cannot provide");
  }
  LaunchSpec spec;
  spec.no_new_privileges = contribution.no_new_privileges.value_or(false);
  spec.cgroups = contribution.cgroups;
  const auto environment = merge_environment(request, contribution);
  Status status = set_command(request.command, environment, spec);
  if (status) status = set_environment(environment, spec);
  if (status) status = set_bounds(contribution.rlimits, spec);
  if (!status) return tl::unexpected(status.error());
  return spec;
}

}  // namespace mesolite::container
