// Isolator: one aspect of what a container can see and use. An agent runs a chain of them.
//
// An isolator answers with data: what the launcher shall do in and around the new process. None of
// its code runs there. The host merges the contributions by fixed rules (namespaces or-ed,
// capabilities and-ed, rlimits by minimum; two values of one variable, two root file systems or two
// writers of one cgroup file are an error that names both modules).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/module/kind.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite {

struct DeviceSpec {
  std::string path;
  std::string access;  // of "rwm"
  MESOLITE_FIELDS(path, access);
};

struct ContainerContext {
  ContainerId id;
  FrameworkId framework_id;
  ExecutorId executor_id;
  TaskId task_id;  // of a command task, else empty
  std::string user;
  Resources requests;
  ResourceLimit limits;
  ContainerSpec spec;
  std::string sandbox;              // absolute path
  std::string runtime_dir;          // absolute path of the container's own directory
  std::int64_t pid = 0;             // of its first process; 0 = not started
  std::vector<DeviceSpec> devices;  // that the whole chain contributed; from isolate() on
  MESOLITE_FIELDS(id, framework_id, executor_id, task_id, user, requests, limits, spec, sandbox,
                  runtime_dir, pid, devices);
};

struct EnvironmentValue {
  std::string value;
  bool secret = false;    // never logged, never checkpointed in clear
  bool override = false;  // wins over the task's own
  MESOLITE_FIELDS(value, secret, override);
};

struct MountSpec {
  std::string source;
  std::string target;  // in the container; relative: in its sandbox; "/": its root file system
  std::string type;    // empty: bind
  std::uint64_t flags = 0;
  std::string options;
  MESOLITE_FIELDS(source, target, type, flags, options);
};

struct Rlimit {
  std::string name;  // "nofile"
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
  MESOLITE_FIELDS(name, soft, hard);
};

struct CgroupWrite {
  std::string controller;
  std::string file;
  std::string value;
  MESOLITE_FIELDS(controller, file, value);
};

// What one isolator adds to the launch. Empty = nothing.
struct Contribution {
  std::uint64_t clone_flags = 0;  // CLONE_NEW*
  std::vector<MountSpec> mounts;
  std::map<std::string, EnvironmentValue> environment;
  std::string rootfs;
  std::vector<Rlimit> rlimits;
  std::optional<std::uint64_t> capability_bounding;
  std::optional<std::uint64_t> capability_effective;
  Bytes seccomp_profile;  // a compiled filter, as seccomp_export_bpf(3) writes it
  std::optional<bool> no_new_privileges;
  std::string user;  // a name of the host's
  std::vector<std::string> masked_paths;
  std::vector<std::string> read_only_paths;
  std::vector<DeviceSpec> devices;
  std::vector<CgroupWrite> cgroup_writes;
  std::string hostname;
  // Directories of cgroups that exist: entered before the program runs, in this order.
  std::vector<std::string> cgroups;
  bool without_groups = false;  // no supplementary groups, whatever the user has
  // isolate() does nothing. If all of a chain say so, the first process does not wait for it: a
  // launch costs two changes of processes less.
  bool unattended = false;
  MESOLITE_FIELDS(clone_flags, mounts, environment, rootfs, rlimits, capability_bounding,
                  capability_effective, seccomp_profile, no_new_privileges, user, masked_paths,
                  read_only_paths, devices, cgroup_writes, hostname, cgroups, without_groups,
                  unattended);
};

// Nothing, from an isolator whose isolate() does nothing.
inline Contribution unattended() {
  Contribution contribution;
  contribution.unattended = true;
  return contribution;
}

struct IsolatorProbe {
  std::string cgroup_root;  // the group above those of all containers; empty: "mesos"
  std::string work_dir;
  std::string runtime_dir;
  std::string cgroup_mount;  // of v2, or the folder of the v1 mounts; empty: /sys/fs/cgroup
  MESOLITE_FIELDS(cgroup_root, work_dir, runtime_dir, cgroup_mount);
};

// A file that becomes readable when the host shall call check(): an eventfd, a cgroup file.
struct WatchedFile {
  std::int32_t descriptor = -1;
  std::string path;  // if there is no descriptor yet: the host opens it
  MESOLITE_FIELDS(descriptor, path);
};

struct WatchAnswer {
  std::vector<WatchedFile> files;
  std::optional<Duration> interval;  // call check() this often
  MESOLITE_FIELDS(files, interval);
};

// A limit that the container has run into and is to be destroyed for.
struct Limitation {
  UpdateReason reason = UpdateReason::container_limitation;
  std::string message;  // never empty
  Resources resources;
  MESOLITE_FIELDS(reason, message, resources);
};

struct CheckAnswer {
  std::optional<Limitation> limitation;
  MESOLITE_FIELDS(limitation);
};

// Statistics under the names that existing tools read ("cpus_user_time_secs", "mem_rss_bytes").
// Each isolator fills in its own; the host merges disjoint sets.
struct UsageAnswer {
  std::map<std::string, double> statistics;
  MESOLITE_FIELDS(statistics);
};

struct RecoverRequest {
  std::vector<ContainerContext> containers;  // that still run
  std::vector<ContainerId> orphans;          // that nobody knows: clean up
  MESOLITE_FIELDS(containers, orphans);
};

class Isolator {
 public:
  virtual ~Isolator() = default;

  // Whether it can work on this machine; fails with the reason if not.
  virtual Result<Nothing> probe(const IsolatorProbe&) { return Nothing{}; }
  virtual Result<Contribution> prepare(const ContainerContext&) { return Contribution{}; }
  // The first process exists and waits.
  virtual Result<Nothing> isolate(const ContainerContext&) { return Nothing{}; }
  virtual Result<WatchAnswer> watch(const ContainerContext&) { return WatchAnswer{}; }
  virtual Result<CheckAnswer> check(const ContainerContext&) { return CheckAnswer{}; }
  // New requests or limits of a running container. A failure leaves the old ones in force.
  virtual Result<Nothing> update(const ContainerContext&) { return Nothing{}; }
  virtual Result<UsageAnswer> usage(const ContainerContext&) { return UsageAnswer{}; }
  // The last process is gone. Idempotent; unknown containers are fine.
  virtual Result<Nothing> cleanup(const ContainerContext&) { return Nothing{}; }
  virtual Result<Nothing> recover(const RecoverRequest&) { return Nothing{}; }
};

#define MESOLITE_ISOLATOR_METHODS(METHOD)            \
  METHOD(1, probe, IsolatorProbe, Nothing)           \
  METHOD(2, prepare, ContainerContext, Contribution) \
  METHOD(3, isolate, ContainerContext, Nothing)      \
  METHOD(4, watch, ContainerContext, WatchAnswer)    \
  METHOD(5, check, ContainerContext, CheckAnswer)    \
  METHOD(6, update, ContainerContext, Nothing)       \
  METHOD(7, usage, ContainerContext, UsageAnswer)    \
  METHOD(8, cleanup, ContainerContext, Nothing)      \
  METHOD(9, recover, RecoverRequest, Nothing)

MESOLITE_MODULE_KIND(Isolator, "isolator", 1, MESOLITE_ISOLATOR_METHODS)

}  // namespace mesolite
