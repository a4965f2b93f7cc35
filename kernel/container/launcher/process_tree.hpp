// ProcessTree: which processes that the launcher has inherited belong to which container.
//
// When a process of a container loses its parent, the kernel hands it to the launcher, the nearest
// subreaper. The launcher has no other children than the first processes of containers and what
// they have left behind, and one small file under /proc lists them, however many processes the
// machine runs.
//
// To whom such an orphan belongs is told by its session, by the mark in its environment, or by a
// working directory or output in a sandbox, in this order. Each orphan is a child of ours, so its
// pid cannot come to mean another process before we have reaped it.
//
// Used by one thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "mesolite/base/ids.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::container {

// Makes the calling process a subreaper.
Status become_subreaper();

// Kills what containers left behind when their launcher was lost, and nobody inherited it: whatever
// lives in the session of a container's first process (0: not known) or bears its mark.
void kill_left_over(const std::unordered_map<ContainerId, pid_t>& leaders);

class ProcessTree {
 public:
  // `leader` is the first process of the container, and its session's.
  void add(const ContainerId& container, pid_t leader, const std::string& sandbox);
  void remove(const ContainerId& container);

  struct Orphan {
    pid_t pid = 0;
    std::optional<ContainerId> container;  // none: nobody's
  };
  // The orphans that live.
  std::vector<Orphan> find_orphans();

 private:
  std::optional<ContainerId> owner_of(pid_t pid, pid_t session) const;
  bool is_leader(pid_t pid) const;
  void add_session(const ContainerId& container, pid_t session);

  struct Container {
    pid_t leader = 0;
    std::string sandbox;
    std::vector<pid_t> sessions;  // the leader's, and those that its orphans opened
  };

  std::unordered_map<ContainerId, Container> containers_;
  std::unordered_map<pid_t, ContainerId> sessions_;  // whose it is; newest owner of a number wins
  std::unordered_map<pid_t, std::optional<ContainerId>> known_;  // orphans, until reaped
};

}  // namespace mesolite::container
