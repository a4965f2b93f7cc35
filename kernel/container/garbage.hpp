// Garbage: sandboxes that nobody needs any more, removed once they are old.
//
// The file system is the only memory: a retired sandbox is dated by the modification time of its
// directory. So sandboxes of earlier runs of the agent are found too, and a million of them cost no
// memory.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::container {

// Removes `name` below `directory`, whatever it is, following no link. Memory and descriptors stay
// bounded however deep a task has nested its directories. What is not there is fine.
Status remove_tree(int directory, const std::string& name);

// Dates a sandbox to this moment.
void date_sandbox(const std::string& path);

// How old a retired sandbox may become: as old as `gc_delay` on an empty disk, and no age at all
// when no more than the headroom, a share of the disk, is free (as Mesos).
Duration garbage_age_max(Duration gc_delay, double headroom, double disk_usage);

struct Collection {
  std::size_t removed = 0;
  std::vector<std::string> failures;  // sentences; at most a few
};

// Removes the sandboxes below `work_dir` that were retired `age` or longer ago and for which
// `is_live` says no. Thread-safe as far as `is_live` is.
Collection collect_garbage(const std::string& work_dir, Duration age,
                           const std::function<bool(const std::string&)>& is_live);

}  // namespace mesolite::container
