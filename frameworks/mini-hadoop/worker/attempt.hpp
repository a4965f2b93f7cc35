// Attempt: one try at one task on this executor, from the assignment to its report.
//
// Shared by the driver's thread, which steers it, and the worker thread that runs it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "frameworks/mini-hadoop/engine/job.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"
#include "frameworks/mini-hadoop/tracker/messages.hpp"
#include "frameworks/mini-hadoop/worker/live_feed.hpp"
#include "frameworks/mini-hadoop/worker/shipped_files.hpp"
#include "mesolite/data/block_server.hpp"

namespace mesolite::hadoop {

// What all attempts of an executor share; outlives them.
struct WorkerEnvironment {
  FileSystem& files;
  const JobCatalogue& catalogue;
  data::BlockServer& blocks;
  ShippedFiles& shipped;
  std::string host;     // under which others reach `blocks`
  std::string scratch;  // directory
  WorkerOptions options;
};

class Attempt {
 public:
  Attempt(TaskAssignment assignment, const WorkerEnvironment& environment,
          LiveFeed::ReportLost report_lost);

  const AttemptId& id() const { return assignment_.id; }

  // [worker thread] Runs to the end.
  Result<TaskReport> run(Workspace& workspace);

  // [driver thread]
  void stop() { stop_.request_stop(); }
  bool stopping() const { return stop_.stop_requested(); }
  void add_outputs(const std::vector<MapOutputInfo>& outputs) { feed_.add(outputs); }
  WorkerMessage progress() const;

 private:
  Result<TaskReport> run_map(const Job& job, Workspace& workspace, Counters& counters);
  Status run_reduce(const Job& job, Counters& counters);
  Status make_attempt_directory();
  std::string scratch_prefix() const;

  const TaskAssignment assignment_;
  const WorkerEnvironment& environment_;
  Parameters parameters_;  // the assignment's, and where the shipped files are
  LiveFeed feed_;
  TaskNote note_;
  std::stop_source stop_;
  const std::uint64_t bytes_total_;
  std::atomic<std::uint64_t> bytes_done_ = 0;
  std::atomic<std::uint64_t> records_total_ = 0;  // of a reduce, known after its shuffle
  std::atomic<std::uint64_t> records_done_ = 0;
};

// Where the files of a stage's attempts lie below an executor's scratch directory.
std::string stage_directory(const std::string& scratch, std::uint32_t stage);

}  // namespace mesolite::hadoop
