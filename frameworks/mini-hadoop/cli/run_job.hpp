// What `mini-hadoop wordcount` and `mini-hadoop grep` do: run one job as a framework and wait for
// it.
#pragma once

#include "frameworks/mini-hadoop/cli/options.hpp"
#include "frameworks/mini-hadoop/input/file_system.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"

namespace mesolite::hadoop {

// Returns the exit status: 0 done, 1 failed, 130 interrupted.
int run_job(const CommandLine& line, FileSystem& files, const JobCatalogue& catalogue);

}  // namespace mesolite::hadoop
