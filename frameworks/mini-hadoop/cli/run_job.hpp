// Runs one job as a framework and waits for it.
#pragma once

#include "frameworks/mini-hadoop/cli/options.hpp"
#include "frameworks/mini-hadoop/input/file_system.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"

namespace mesolite::hadoop {

// Each returns the exit status: 0 done, 1 failed, 130 interrupted.
int run_job(const CommandLine& line, FileSystem& files, const JobCatalogue& catalogue);
// Takes up a job whose scheduler has died: what was done is not done again.
int resume_job(const CommandLine& line, FileSystem& files, const JobCatalogue& catalogue);

}  // namespace mesolite::hadoop
