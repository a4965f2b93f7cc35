// JobStore: what a person can ask about jobs that run or ran here, and what is needed to take one
// up again: a folder for each job below $MINI_HADOOP_HOME (~/.mini-hadoop), and history.jsonl,
// which gets a line for each job that has ended.
//
//   jobs/ID/job      how it was started          jobs/ID/state  how it stands (a JobRecord)
//   jobs/ID/journal  what has happened           jobs/ID/lock   held while its scheduler lives
//   jobs/ID/kill     there once somebody wants its end
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/tracker/job_request.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/protocol/codec.hpp"

namespace mesolite::hadoop {

// How a job was started.
struct StoredJob {
  JobRequest request;
  std::string name;
  std::string master;
  std::string authenticator;
  std::string principal;
  std::string secret_file;
  MESOLITE_FIELDS(request, name, master, authenticator, principal, secret_file);
};

MESOLITE_ENUM(JobCondition, unknown, running, succeeded, failed, killed)

struct JobRecord {
  std::string id;
  std::string name;
  JobCondition condition = JobCondition::running;
  std::int64_t started = 0;  // seconds since 1970
  std::int64_t ended = 0;    // likewise; 0 while it runs
  std::string output;
  double map_share = 0;
  double reduce_share = 0;
  std::uint32_t maps = 0;
  std::uint32_t reduces = 0;
  std::uint64_t attempts = 0;
  std::string error;
  std::map<std::string, std::uint64_t> counters;
  MESOLITE_FIELDS(id, name, condition, started, ended, output, map_share, reduce_share, maps,
                  reduces, attempts, error, counters);
};

// The folder of a job whose scheduler is this process. Used by one thread.
class JobFolder {
 public:
  ~JobFolder();
  JobFolder(const JobFolder&) = delete;
  JobFolder& operator=(const JobFolder&) = delete;

  std::string journal() const { return path_ + "/journal"; }
  bool kill_wanted() const;
  void save(const JobRecord& record) const;  // a failure is let pass: the job is worth more

 private:
  friend class JobStore;
  JobFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;  // descriptor
};

class JobStore {
 public:
  static Result<JobStore> open();

  // Makes the folder of a new job; `record.id` is set.
  Result<std::unique_ptr<JobFolder>> create(const StoredJob& job, JobRecord& record) const;
  // Takes the folder of a job whose scheduler has died. Fails if it lives, or the job has ended.
  Result<std::unique_ptr<JobFolder>> take_up(const std::string& id) const;

  Result<StoredJob> job(const std::string& id) const;
  Result<JobRecord> record(const std::string& id) const;
  std::vector<JobRecord> records() const;  // by id, the oldest first
  bool is_alive(const std::string& id) const;
  Status want_kill(const std::string& id) const;

  // Adds the line of a job that has ended, and all lines there are.
  void add_to_history(const JobRecord& record) const;
  std::string history() const;

 private:
  void forget_old() const;
  explicit JobStore(std::string home) : home_(std::move(home)) {}
  std::string folder(const std::string& id) const { return home_ + "/jobs/" + id; }

  std::string home_;
};

// One line of JSON, without its end.
std::string to_json(const JobRecord& record);

}  // namespace mesolite::hadoop
