// Spawner: makes processes from plans, fast and safely from a process with threads and much memory.
//
// The child shares the parent's memory until it executes (clone(2) with CLONE_VM | CLONE_VFORK), so
// nothing is copied however large the agent is, and the child can leave its error in plain sight.
// In return the child may only do what is safe there: system calls on data laid out beforehand.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernel/container/containerizer.hpp"
#include "kernel/container/descriptor.hpp"

namespace mesolite::container {

// As whom a process runs.
struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary
};

// Looks a user up. Fails with a sentence if there is none of this name.
Result<Identity> find_identity(const std::string& user);

struct ResourceBound {
  int resource = 0;  // RLIMIT_*
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

// What a new process shall be, as data: nothing is decided once it exists.
struct LaunchSpec {
  std::vector<std::string> paths;  // to execute: the first that exists
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // "NAME=value"; nothing else is passed on
  std::optional<Identity> identity;      // else that of the agent
  std::vector<ResourceBound> bounds;
  bool no_new_privileges = false;
  std::vector<std::string> cgroups;  // directories; entered in this order
  AgentDeath agent_death = AgentDeath::ends_container;
};

struct Streams {
  int directory = -1;  // to start in
  int standard_output = -1;
  int standard_error = -1;
};

struct Spawned {
  pid_t pid = 0;  // leader of a session and a process group of its own
  Descriptor pidfd;
};

class Spawner {
 public:
  // Makes sure that descriptors 0 to 2 are in use, so that nothing of ours ever gets them.
  Spawner();
  ~Spawner();
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  // Returns once the process executes the program, or with the step that failed and why. The
  // process has exactly the descriptors 0 (/dev/null), 1 and 2, default signal handling, umask 022.
  Result<Spawned> spawn(const LaunchSpec& spec, const Streams& streams);

 private:
  Descriptor null_;
  void* stack_ = nullptr;  // of the child until it executes; one child at a time
};

}  // namespace mesolite::container
