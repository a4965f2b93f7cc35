// DriverCore: the driver's threads and the backend's meet here, around the tracker.
//
// Owned by the SparkContext. One mutex guards the tracker and the jobs that wait for it: users'
// threads submit and wait, the backend's take tasks and bring outcomes. It is never held while a
// task runs, while the backend is called, or while a node is destroyed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/tracker/backend.hpp"
#include "frameworks/mini-spark/tracker/job_tracker.hpp"
#include "frameworks/mini-spark/tracker/observer.hpp"

namespace mesolite::spark {

// A task for a slot, and where the shuffles that it reads lie.
struct Assignment {
  TaskLaunch launch;
  std::shared_ptr<Node> node;
  std::shared_ptr<const std::string> bytes;  // of the stage, for a worker
  std::vector<std::pair<std::uint64_t, std::shared_ptr<const ShuffleOutputs>>> outputs;
};

class DriverCore {
 public:
  using Now = std::function<Time()>;

  DriverCore(TrackerOptions options, Now now) : tracker_(options), now_(std::move(now)) {}

  void set_backend(Backend* backend) { backend_ = backend; }  // before the first job
  void add_observer(Observer* observer);                      // outlives the core's jobs
  void announce(AppEvent event);                              // to the observers

  struct JobRequest {
    std::shared_ptr<Node> action;
    std::vector<std::uint32_t> partitions;
    std::string pool = "default";
    double weight = 1;
  };
  // Runs the job; the results by place in `partitions`, or why it failed. [any thread]
  Result<std::vector<std::string>> run(const JobRequest& request);

  // ---- for the backend [any thread] ----
  void add_executor(ExecutorNumber executor, const std::string& host);
  void lose_executor(ExecutorNumber executor, const std::string& reason);
  std::optional<Assignment> next(ExecutorNumber executor);
  void ended(std::uint64_t serial, TaskOutcome outcome);
  std::size_t pending() const;
  bool is_needed(ExecutorNumber executor) const;
  void advance();
  void fail_all(const std::string& reason);  // the backend cannot go on

  void forget(std::uint64_t node);  // an RDD that nobody can use any more
  void unpersist(std::uint64_t rdd);
  std::vector<StageView> view() const;

 private:
  struct JobRun {
    std::vector<PlannedStage> stages;
    std::map<std::uint32_t, std::size_t> place;  // of a partition in the results
    std::vector<std::string> results;
    bool ended = false;
    std::optional<std::string> error;
  };
  struct RunningTask {
    JobNumber job = 0;
    std::uint64_t node = 0;
    TaskPlace place;
    ExecutorNumber executor = 0;
  };
  using Lock = std::unique_lock<std::mutex>;
  struct Kill {
    ExecutorNumber executor = 0;
    std::uint64_t serial = 0;
  };

  // REQUIRES of all: the lock is held. react() lets go of it to call the backend.
  void react(Lock& lock);
  void handle(const TrackerEvent& event, std::vector<Kill>& kills);
  void take(const RunningTask& task, TaskOutcome& outcome);
  void note(AppEvent event);
  std::shared_ptr<const ShuffleOutputs> outputs_of(std::uint64_t shuffle);
  void drop_cached(std::uint64_t rdd);
  void note_job(JobNumber number, const JobRun& job);

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // a job has ended
  JobTracker tracker_;
  const Now now_;
  Backend* backend_ = nullptr;
  std::vector<Observer*> observers_;
  std::map<JobNumber, JobRun*> jobs_;  // on the stacks of those who wait
  std::map<std::uint64_t, RunningTask> tasks_;
  // Of complete shuffles, with the tracker's epoch: the same object while nothing changes.
  std::map<std::uint64_t, std::pair<std::uint64_t, std::shared_ptr<const ShuffleOutputs>>> outputs_;
  std::optional<std::string> broken_;
};

}  // namespace mesolite::spark
