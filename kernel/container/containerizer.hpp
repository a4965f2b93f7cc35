// Containerizer: starts, watches and ends the processes of containers, each in its sandbox and
// through the chain of isolators. It decides nothing: the agent machine says what to do, and learns
// what came of it.
//
// Containers are children of a launcher, a small process that outlives this one
// (launcher_link.hpp). Its calls never block. One worker thread of its own does the work in the
// order in which it was asked for; what came of it waits in a queue until the owner takes it. A
// container begins with launch() and ends with a Launched that failed, or with its Exited: nothing
// of it runs any more. A work directory has one Containerizer at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kernel/container/fetcher.hpp"
#include "kernel/container/log_rotation.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::container {

struct Settings {
  std::string work_dir;     // absolute; sandboxes lie below it, and nothing outside is touched
  bool switch_user = true;  // only root can; else all run as the agent's user
  std::string launcher;     // the program mesolite-launch
  // How long containers run on without an agent when this one is killed. Zero: they end with it.
  Duration patience_without_agent{0};
  std::string cgroup_mount;       // of v2, or the folder of the v1 mounts; empty: /sys/fs/cgroup
  std::string cgroup_root;        // the group above those of all containers; empty: "mesos"
  bool own_cgroup_root = false;   // nobody else makes groups there
  Duration gc_delay{7 * 24h};     // between the retirement of a sandbox and its removal
  double gc_disk_headroom = 0.1;  // share of the disk that is to stay free: the fuller it is, the
                                  // sooner sandboxes go
  LogLimits logs;                 // of standard output and error
  FetcherSettings fetcher;
  std::string checker;    // the program mesolite-check
  std::string failpoint;  // of tests: the step at which this process kills itself
};

struct NamedIsolator {
  std::string name;
  Isolator* isolator = nullptr;  // outlives the Containerizer; called on its worker thread only
};

struct LaunchRequest {
  ContainerContext context;
  CommandInfo command;
  std::map<std::string, std::string> environment;   // built from scratch; the command's own wins
  std::map<std::string, std::string> secret_files;  // name in the sandbox -> content
};

// ---- what came of it ----------------------------------------------------------------------------

struct Launched {
  ContainerId container;
  Result<std::int64_t> pid;
};

struct Exited {
  ContainerId container;
  std::int32_t exit_status = 0;          // of the first process, as waitpid(2) gives it
  std::optional<Limitation> limitation;  // why the host destroyed it, if it did
};

// Answers recover(), once for each known container; an Exited follows for those that do not run.
struct Recovered {
  ContainerId container;
  std::optional<std::int64_t> pid;  // of the first process; none: it has ended
};

// Answers check().
struct Checked {
  ContainerId container;
  std::uint64_t number = 0;
  bool passed = false;
  std::string message;
};

struct UsageMeasured {
  std::map<ContainerId, std::map<std::string, double>> statistics;
};

// Something that people should know and nobody reacts to: "isolator posix/mem: usage of c: …".
struct Warning {
  std::string message;
};

using Outcome = std::variant<Launched, Exited, Recovered, Checked, UsageMeasured, Warning>;

class Containerizer {
 public:
  // Probes every isolator; fails with the first that cannot work here.
  static Result<std::unique_ptr<Containerizer>> create(Settings settings,
                                                       std::vector<NamedIsolator> isolators);
  // Destroys what still runs and waits for it, for ten seconds at most. Without recover() or
  // launch() what an earlier agent has left behind is left to the next.
  ~Containerizer();
  Containerizer(const Containerizer&) = delete;
  Containerizer& operator=(const Containerizer&) = delete;

  // ---- [any thread] -----------------------------------------------------------------------------
  // Takes over the containers that an earlier agent knew. Whatever else there is (orphans that it
  // names, those of the launcher, what isolators find) is ended and cleaned up. REQUIRES: called
  // once, before the first launch().
  void recover(std::vector<ContainerContext> known, std::vector<ContainerId> orphans = {});
  void launch(LaunchRequest request);
  // Asks the container's processes to end: SIGTERM to the first one's process group.
  void terminate(const ContainerId& container);
  // Ends all of the container's processes: SIGKILL to each, escaped ones too.
  void destroy(const ContainerId& container);
  void update(ContainerContext context);
  // Looks after a running container, within the check's timeout; answered with one Checked under
  // this number, unless the container ends.
  void check(const ContainerId& container, std::uint64_t number, Check check);
  void measure_usage();  // answered with one UsageMeasured
  // Its Exited has been taken note of: the launcher need not keep it for the next agent.
  void forget(const ContainerId& container);
  // From now on nothing is destroyed: what runs is left to the next agent.
  void leave();
  // The sandbox is removed once it has been retired for gc_delay.
  void retire_sandbox(std::string sandbox);

  // Readable while outcomes wait; for the owner's poll.
  int descriptor() const;
  // What has happened since the last call, in order.
  std::vector<Outcome> take_outcomes();

 private:
  class Worker;
  explicit Containerizer(std::unique_ptr<Worker> worker);
  std::unique_ptr<Worker> worker_;
};

}  // namespace mesolite::container
