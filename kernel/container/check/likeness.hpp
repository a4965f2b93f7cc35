// Becoming like a process of a container: what it sees and what it may do, and nothing more.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/container/descriptor.hpp"
#include "mesolite/base/bytes.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::container {

// What is known of a process, as proc(5) tells it.
struct Likeness {
  pid_t pid = 0;
  Descriptor pidfd;
  Descriptor root;
  Descriptor directory;
  std::vector<std::string> environment;
  std::vector<std::string> cgroups;  // "3:cpu,cpuacct:/mesos/c1"
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  std::uint64_t capabilities_bounding = 0;
  std::uint64_t capabilities_effective = 0;
  bool no_new_privileges = false;
  bool filtered = false;  // its system calls
  Bytes seccomp_filter;   // by this; proc(5) does not tell it
};

// Of the program that runs in the container whose first process this is: where that is an init, of
// its child.
Result<Likeness> likeness_of(pid_t first);

// Enters only the network, for checks from outside of the program.
Status enter_network(const Likeness& likeness);
// Enters cgroups and all namespaces. The caller's next child is in the container.
Status enter(const Likeness& likeness, const std::string& cgroup_mount);
// In that child: root, directory, user and privileges.
Status resemble(const Likeness& likeness);

}  // namespace mesolite::container
