#include "kernel/container/launch_plan.hpp"

#include <sched.h>
#include <sys/mount.h>
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

// Where a container with a root of its own has its sandbox, and the variables that say so.
constexpr const char* sandbox_in_root = "/mnt/mesos/sandbox";
constexpr const char* sandbox_variables[] = {"MESOS_DIRECTORY", "MESOS_SANDBOX"};
constexpr const char* endpoint_variable = "MESOS_AGENT_ENDPOINT";
constexpr std::string_view ipc_scheme = "ipc://";

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

// Where an executor with a root of its own finds the agent: at the same path as without.
std::optional<MountSpec> agent_socket(const std::map<std::string, std::string>& environment) {
  const auto endpoint = environment.find(endpoint_variable);
  if (endpoint == environment.end() || !endpoint->second.starts_with(ipc_scheme)) return {};
  const std::string path = endpoint->second.substr(ipc_scheme.size());
  return MountSpec{path, path, "", 0, ""};
}

// What needs a namespace has one, whether an isolator asked for it or not.
std::uint64_t clone_flags_of(const Contribution& contribution) {
  std::uint64_t flags = contribution.clone_flags;
  if (!contribution.mounts.empty() || !contribution.rootfs.empty() ||
      !contribution.masked_paths.empty() || !contribution.read_only_paths.empty()) {
    flags |= CLONE_NEWNS;
  }
  if (!contribution.hostname.empty()) flags |= CLONE_NEWUTS;
  return flags;
}

// In this order: the root, what isolators mount at absolute paths, devices, the sandbox, the
// agent's socket, and what isolators mount in the sandbox.
void set_mounts(const Contribution& contribution,
                const std::map<std::string, std::string>& environment, LaunchSpec& spec) {
  const bool own_root = !contribution.rootfs.empty();
  const std::string inside = own_root ? sandbox_in_root : spec.sandbox;
  for (const MountSpec& mount : contribution.mounts) {
    if (mount.target.starts_with('/')) spec.mounts.push_back(mount);
  }
  if (own_root) {
    for (const DeviceSpec& device : contribution.devices) {
      spec.mounts.push_back({device.path, device.path, "", 0, ""});
    }
    spec.mounts.push_back({spec.sandbox, inside, "", MS_NOSUID | MS_NODEV, ""});
    spec.directory = inside;
  }
  if (auto socket = agent_socket(environment)) spec.mounts.push_back(std::move(*socket));
  for (MountSpec mount : contribution.mounts) {
    if (mount.target.starts_with('/')) continue;
    mount.target = inside + "/" + mount.target;
    spec.mounts.push_back(std::move(mount));
  }
}

}  // namespace

Result<LaunchSpec> make_launch_spec(const LaunchRequest& request,
                                    const Contribution& contribution) {
  LaunchSpec spec;
  spec.sandbox = request.context.sandbox;
  spec.no_new_privileges = contribution.no_new_privileges.value_or(false);
  spec.cgroups = contribution.cgroups;
  spec.clone_flags = clone_flags_of(contribution);
  spec.rootfs = contribution.rootfs;
  spec.masked_paths = contribution.masked_paths;
  spec.read_only_paths = contribution.read_only_paths;
  spec.hostname = contribution.hostname;
  spec.capability_bounding = contribution.capability_bounding;
  spec.capability_effective = contribution.capability_effective;
  spec.seccomp_filter = Bytes(contribution.seccomp_profile);
  auto environment = merge_environment(request, contribution);
  if ((spec.clone_flags & CLONE_NEWNS) != 0) set_mounts(contribution, environment, spec);
  if (!spec.rootfs.empty()) {
    for (const char* name : sandbox_variables) environment[name] = sandbox_in_root;
  }
  Status status = set_command(request.command, environment, spec);
  if (status) status = set_environment(environment, spec);
  if (status) status = set_bounds(contribution.rlimits, spec);
  if (!status) return tl::unexpected(status.error());
  return spec;
}

}  // namespace mesolite::container
