// `mini-hadoop jobs | status | counters | kill | history`: what a person asks about jobs.
#pragma once

#include <string>

#include "frameworks/mini-hadoop/cli/job_store.hpp"

namespace mesolite::hadoop {

// Each prints its answer and returns the exit status: 0, or 1 with a sentence on standard error.
int list_jobs(const JobStore& store);
int show_status(const JobStore& store, const std::string& id);
int show_counters(const JobStore& store, const std::string& id);
int kill_job(const JobStore& store, const std::string& id);
int show_history(const JobStore& store);

}  // namespace mesolite::hadoop
