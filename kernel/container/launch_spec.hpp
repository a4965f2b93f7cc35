// LaunchSpec: what a new container shall be, as data. Nothing is decided once its process exists.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::container {

// Name of the variable that marks the processes of a container.
inline constexpr const char* container_mark = "MESOS_CONTAINER_ID";

// As whom a process runs.
struct Identity {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;  // supplementary
  MESOLITE_FIELDS(uid, gid, groups);
};

// Looks a user up: a name, or "uid" or "uid:gid" in numbers. Fails with a sentence if there is none
// of this name.
Result<Identity> find_identity(const std::string& user);

struct ResourceBound {
  std::int32_t resource = 0;  // RLIMIT_*
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
  MESOLITE_FIELDS(resource, soft, hard);
};

struct LaunchSpec {
  std::vector<std::string> paths;  // to execute: the first that exists
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // "NAME=value"; nothing else is passed on
  std::optional<Identity> identity;      // else that of the agent
  std::vector<ResourceBound> bounds;
  bool no_new_privileges = false;
  std::vector<std::string> cgroups;  // directories; entered in this order
  std::string sandbox;               // path; the process starts there
  // Files of the sandbox that go when nothing of the container runs any more.
  std::vector<std::string> secret_files;
  // What follows is carried out in this order, in namespaces of the container's own.
  std::uint64_t clone_flags = 0;  // CLONE_NEW*
  std::string rootfs;             // becomes the root; empty: the host's
  std::vector<MountSpec> mounts;
  std::vector<std::string> masked_paths;
  std::vector<std::string> read_only_paths;
  std::string hostname;
  std::string directory;  // to start in, instead of the sandbox as the host sees it
  std::optional<std::uint64_t> capability_bounding;
  std::optional<std::uint64_t> capability_effective;
  Bytes seccomp_filter;
  // The process waits, after its cgroups and namespaces are made, until the gate opens.
  bool gated = false;
  MESOLITE_FIELDS(paths, arguments, environment, identity, bounds, no_new_privileges, cgroups,
                  sandbox, clone_flags, rootfs, mounts, masked_paths, read_only_paths, hostname,
                  directory, capability_bounding, capability_effective, seccomp_filter, gated,
                  secret_files);
};

}  // namespace mesolite::container
