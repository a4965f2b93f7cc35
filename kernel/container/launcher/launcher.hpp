// Launcher: the parent of all containers of one agent. It starts them, reaps them, ends all that is
// left of them, and outlives the agent, so that the next one learns what came of each.
//
//   start ─> running ─(first process ended)─> ending ─(nothing of it is left)─> ended ─> forgotten
//
// One thread, one loop. An agent is one connection: it greets first, and a new one takes the place
// of an old one. Without an agent the launcher waits as long as the last one said; then, or at once
// if it said so, it ends all containers. How a container has ended is written to disk when nobody
// is there to be told, and kept until an agent says that it may be forgotten.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "kernel/container/channel.hpp"
#include "kernel/container/launcher/process_tree.hpp"
#include "kernel/container/launcher/spawn.hpp"
#include "kernel/container/launcher_messages.hpp"

namespace mesolite::container {

class Launcher {
 public:
  // `directory` exists, and nobody else may enter it. `connection`, if open, is the agent that has
  // started this launcher.
  static Result<std::unique_ptr<Launcher>> open(const std::string& directory,
                                                Descriptor connection);
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  // Until it is told to stop, or neither an agent nor a container is left.
  void run();

 private:
  using Clock = std::chrono::steady_clock;

  struct Container {
    pid_t pid = 0;
    Descriptor status_pipe;  // of init; not open: there is none
    std::vector<std::string> cgroups;
    std::vector<std::string> secret_files;  // paths
    Bytes seccomp_filter;
    bool searched = false;   // its orphans have to be looked for: nothing else holds it together
    bool ended = false;      // the first process has, and is reaped
    bool destroyed = false;  // all of it shall end
    std::int32_t status = 0;
  };
  using Ids = std::unordered_set<ContainerId>;

  Launcher(const std::string& directory, Descriptor null);
  Status listen();

  // launcher.cpp: the loop and the agent
  void turn();
  int milliseconds_to_wait() const;
  bool over() const;
  void accept_agent();
  void serve_agent();
  void lose_agent();
  void report(const LauncherReport& report);
  void handle(LauncherRequest& request);
  void greet(const LauncherRequest& request);

  // launcher_containers.cpp: containers
  void start(LauncherRequest& request);
  void signal(const ContainerId& id, int number);
  void destroy(Container& container);
  void destroy_all();
  void forget(const ContainerId& id);
  void reap();
  void first_process_ended(const ContainerId& id, std::int32_t status);
  // Ends what is left of containers that end, and reports those that are gone. `again`: it was left
  // for a while.
  void settle(bool again);
  void end_orphans(Ids& surviving);
  void finish(const ContainerId& id);

  // ends.cpp: what is kept on disk
  void load_ends();
  void save_end(const ContainerId& id, std::int32_t status);
  void remove_end(const ContainerId& id);

  const std::string directory_;
  Descriptor null_;
  Spawner spawner_;
  ProcessTree tree_;
  Descriptor listener_;
  Descriptor child_signal_;
  std::optional<Channel> agent_;
  bool requests_wait_ = false;  // that have arrived and were left for the next turn
  Descriptor gate_;
  Clock::duration patience_{};
  Clock::time_point alone_since_{};
  bool stopping_ = false;

  std::unordered_map<ContainerId, Container> containers_;
  std::unordered_map<pid_t, ContainerId> first_processes_;
  Ids dying_;                                           // that have ended or are to
  std::unordered_map<ContainerId, std::int32_t> ends_;  // not yet forgotten
  std::size_t searched_ = 0;  // containers whose orphans have to be looked for
  bool strays_ = false;       // there are orphans that nobody can be said to own
  bool settle_due_ = false;
  Clock::time_point settled_{};
  Clock::time_point looked_again_{};
};

}  // namespace mesolite::container
