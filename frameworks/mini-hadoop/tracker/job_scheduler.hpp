// JobScheduler: runs one job, stage after stage, as a framework. It turns offers into attempts and
// the kernel's news into what the JobTracker understands; each stage has a tracker of its own, all
// share the executors, one per agent.
//
// Lives on the driver's thread; every function but the constructor is called there. The outcome is
// read after the driver has been joined.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/jobs/builtin.hpp"
#include "frameworks/mini-hadoop/tracker/file_shipper.hpp"
#include "frameworks/mini-hadoop/tracker/job_journal.hpp"
#include "frameworks/mini-hadoop/tracker/job_request.hpp"
#include "frameworks/mini-hadoop/tracker/job_tracker.hpp"
#include "frameworks/mini-hadoop/tracker/output_committer.hpp"
#include "mesolite/framework/driver.hpp"
#include "mesolite/framework/scheduler.hpp"

namespace mesolite::hadoop {

struct PhaseTimes {
  Duration startup{0};  // until the first attempt started
  Duration maps{0};     // from then until the last map was done
  Duration reduces{0};  // from then until the end
  Duration total{0};
};

struct JobOutcome {
  bool succeeded = false;
  std::string error;  // if not
  CounterValues counters;
  PhaseTimes times;
  std::uint32_t maps = 0;
  std::uint32_t reduces = 0;
  std::uint64_t attempts = 0;
};

// What a person who waits wants to see.
struct JobView {
  std::uint32_t stage = 0;
  std::uint32_t stages = 0;
  JobProgress progress;
  std::uint64_t input_bytes = 0;  // of the stage's maps
  std::size_t agents = 0;
  bool waiting_for_offers = false;
  std::string note;  // what some task has said last that it is at
};

class JobScheduler final : public Scheduler {
 public:
  struct Environment {
    FileSystem& files;
    const JobCatalogue& catalogue;
    std::function<Time()> now;
    std::function<void(const JobView&)> show;      // often; may be empty
    std::function<void(const std::string&)> tell;  // something went wrong; may be empty
    JobJournal* journal = nullptr;                 // none: the job ends with this process
  };

  JobScheduler(JobRequest request, Environment environment);
  // Takes up the job where these entries of its journal end. To be called before the driver starts.
  void resume(std::vector<JournalEntry> entries) { past_ = std::move(entries); }

  // Ends the job as failed for this reason; through the driver's post() from other threads.
  void cancel(SchedulerDriver& driver, const std::string& reason);
  bool is_registered() const { return tracker_.has_value() || ended_; }
  const JobOutcome& outcome() const { return outcome_; }
  // Removes what an unsuccessful job has written; once its executors have been told to end.
  void clean_up() { committer_.abort(); }

  void registered(SchedulerDriver&, const FrameworkId&, const MasterInfo&) override;
  void reregistered(SchedulerDriver&, const MasterInfo&) override;
  void resource_offers(SchedulerDriver&, const std::vector<Offer>& offers) override;
  void status_updates(SchedulerDriver&, const std::vector<TaskStatus>& updates) override;
  void framework_message(SchedulerDriver&, const AgentId&, const ExecutorId&,
                         std::string_view data) override;
  void agent_lost(SchedulerDriver&, const AgentId&, const std::string& reason) override;
  void executor_lost(SchedulerDriver&, const AgentId&, const ExecutorId&, std::int32_t,
                     const std::string& reason) override;
  void error(SchedulerDriver&, const std::string& message) override;

 private:
  Status start_job();
  Status start_stage();
  void start_tracker();
  // Does what the journal tells without telling it again.
  Status replay();
  void note(const JournalEntry& entry);
  // Asks what has become of what ran when the earlier life ended.
  void reconcile(SchedulerDriver& driver);
  void stage_ended(SchedulerDriver& driver);
  void end(SchedulerDriver& driver, std::optional<std::string> error);
  void tick(SchedulerDriver& driver);
  // After every piece of news: does what the tracker asks for, notices the end.
  void react(SchedulerDriver& driver);

  std::vector<TaskInfo> tasks_for(const Offer& offer);
  TaskInfo task_for(const AttemptId& id, const AgentId& agent) const;
  TaskAssignment assignment_for(const AttemptId& id) const;
  ExecutorInfo executor() const;
  void take_update(const TaskStatus& update);
  void take_end_of(const AttemptId& id, const TaskStatus& update);
  void take_report(const AttemptId& id, const TaskReport& report);
  void take_lost_output(SchedulerDriver& driver, const WorkerMessage& message);
  void executor_gone(const AgentId& agent, const std::string& reason);
  // All reduces that run hear of these outputs, each in one message, and of all there are once more
  // if such a message must have got lost.
  void announce(SchedulerDriver& driver, const std::vector<AttemptId>& maps);
  void repeat_lost(SchedulerDriver& driver, const AttemptId& reduce, std::uint32_t known);
  void send_outputs(SchedulerDriver& driver, const AttemptId& reduce,
                    std::vector<MapOutputInfo> outputs);
  void note_phases();
  JobView view() const;
  void tell(const std::string& what) const;

  const JobRequest request_;
  const Environment environment_;
  OutputCommitter committer_;
  FileShipper shipper_;
  std::vector<JournalEntry> past_;
  const StageRequest& stage() const { return request_.stages[stage_]; }

  std::uint32_t stage_ = 0;
  std::vector<Split> splits_;            // of the running stage
  std::uint64_t input_bytes_ = 0;        // of these
  Parameters parameters_;                // likewise, as its job has prepared them
  std::optional<JobTracker> tracker_;    // from registered() to the end
  std::map<AttemptId, AgentId> placed_;  // attempts of the stage that were launched
  // How many outputs were announced when a reduce last told how many it knows.
  std::map<AttemptId, std::uint32_t> announced_;
  std::set<AgentId> executors_;  // agents on which ours runs
  bool suppressed_ = false;
  bool ended_ = false;
  Time started_{};
  std::optional<Time> first_attempt_;
  std::optional<Time> maps_done_;
  std::string note_;
  Counters counters_;
  JobOutcome outcome_;
};

}  // namespace mesolite::hadoop
