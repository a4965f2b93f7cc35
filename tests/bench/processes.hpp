// What processes use of the machine, and how to be measured on one that others use as well.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "mesolite/module/cgroups.hpp"

namespace mesolite::bench {

// What a process has used of the processors so far, in seconds, all its threads together.
double cpu_seconds(pid_t process);
// The same, with what the children had used that it has waited for, and those of theirs.
double cpu_seconds_with_children(pid_t process);

// What a process holds of the memory (VmRSS) in megabytes.
double rss_mb(pid_t process);
double rss_peak_mb(pid_t process);  // the most that it has held (VmHWM)

// Holds this process, and all that it starts, in a control group that outweighs whatever else the
// machine does. Where there are none (no root) it holds nothing, and the machine had better be
// idle.
class Precedence {
 public:
  Precedence();
  ~Precedence();
  Precedence(const Precedence&) = delete;
  Precedence& operator=(const Precedence&) = delete;

  // A group within ours, for the containers of an agent (--cgroups_root); "mesos" without ours.
  std::string cgroups_root() const;

 private:
  std::string root_;
  std::optional<CgroupFs> groups_;
};

}  // namespace mesolite::bench
