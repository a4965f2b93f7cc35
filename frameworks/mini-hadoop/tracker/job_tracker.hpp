// JobTracker: decides which attempt of which task runs next, and what a loss means. Pure: no clock,
// no thread, no driver; the scheduler (job_scheduler.hpp) tells it what happened and does what it
// asks for.
//
//   a task:   pending ─assign─> running ─finished─> done
//                ^                 │                  │
//                └── failed, lost ─┴── output lost ───┘  (a map whose output is still needed)
//
// A task that takes much longer than others of its kind gets a second attempt on another agent
// (speculation). The first that finishes is the one that counts, and the other is killed: since
// only the scheduler makes results visible, and only of attempts that count, there is no other
// token of a commit.
//
// Failures of an attempt count: four of one task end the job. Losses (of its executor, its agent or
// its output) do not, up to a limit that only a hopeless job reaches. Owned and used by one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/api/counters.hpp"
#include "frameworks/mini-hadoop/tracker/messages.hpp"
#include "mesolite/base/ids.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::hadoop {

struct JobPlan {
  std::uint32_t stage = 0;
  std::uint32_t maps = 0;
  std::uint32_t reduces = 1;             // 0: the maps write the output
  std::uint32_t failures_max = 4;        // of one task
  std::uint32_t losses_max = 100;        // of one task
  std::uint32_t agent_failures_max = 3;  // then the agent is avoided while there is another
  double slow_start = 0.05;              // share of the maps done before reduces start
  // A task is given a second attempt when it has run this long and so many times the mean of those
  // of its kind that are done, and nothing waits for the slot.
  Duration speculative_after{5s};
  double speculative_ratio = 1.5;
  // For how long a map may wait while nothing but reduces runs; then one of them gives way.
  Duration starvation_timeout{1s};
  // The hosts that have each map's input; may be shorter. A map without any runs anywhere.
  std::vector<std::vector<std::string>> map_hosts = {};
  // For how long a slot waits for a map whose input lies there, while all that are pending lie on
  // other agents that are known (delay scheduling; Zaharia and others, EuroSys 2010).
  Duration locality_wait{3s};
};

enum class JobState { running, succeeded, failed };

// What the scheduler is asked to do.
struct TrackerAction {
  enum class Kind { kill, announce };
  Kind kind = Kind::kill;
  AttemptId id;  // kill: this attempt; announce: the output of this map attempt to all reduces

  friend bool operator==(const TrackerAction&, const TrackerAction&) = default;
};

struct JobProgress {
  std::uint32_t maps = 0;
  std::uint32_t maps_done = 0;
  std::uint32_t reduces = 0;
  std::uint32_t reduces_done = 0;
  std::uint32_t running = 0;
  double map_share = 0;  // 0 to 1, running attempts included
  double reduce_share = 0;
};

class JobTracker {
 public:
  explicit JobTracker(JobPlan plan);

  // This agent, which runs on that host, has something to offer.
  void meet(const AgentId& agent, const std::string& host) { agents_[agent].host = host; }
  // The attempt that shall start on a free slot of this agent; it counts as running from here on.
  // Maps come first; reduces get the slots that maps do not want.
  std::optional<AttemptId> assign(const AgentId& agent);
  // Whether a slot there is left free for a map whose input may lie there.
  bool waits_for_input(const AgentId& agent) const;
  // Whether some task could start now if there were a slot.
  bool wants_slots() const;

  // An attempt that an earlier life of the scheduler has launched.
  void started(const AttemptId& id, const AgentId& agent);

  // What became of attempts. Late and repeated news of attempts that are not running are ignored.
  void finished(const AttemptId& id, const AgentId& agent, const TaskReport& report);
  void failed(const AttemptId& id, const std::string& reason);
  void lost(const AttemptId& id, const std::string& reason);
  void progressed(const AttemptId& id, double done);
  // Its executor is gone, with all that ran in it and the map outputs that it served.
  void agent_lost(const AgentId& agent, const std::string& reason);
  // A reduce could not fetch the output of this attempt. Whether there is a newer one already.
  bool output_lost(std::uint32_t map, std::uint32_t attempt, const std::string& reason);

  void advance(Time now);
  std::vector<TrackerAction> take_actions();

  JobState state() const { return state_; }
  const std::string& failure_reason() const { return failure_reason_; }
  JobProgress progress() const;
  // Of all attempts that count.
  Counters counters() const;

  bool is_running(const AttemptId& id) const;
  // Whether this attempt is the one whose result counts.
  bool is_done(const AttemptId& id) const;
  std::vector<AttemptId> running(TaskKind kind) const;
  std::uint32_t maps_done() const { return maps_done_; }
  // A reduce's share of each map that is done.
  std::vector<MapOutputInfo> outputs_for(std::uint32_t partition) const;
  MapOutputInfo output_for(std::uint32_t partition, std::uint32_t map) const;
  // The attempts whose parts are the output, in order. REQUIRES: the job has succeeded.
  std::vector<AttemptId> committed() const;

  void check_invariants() const;

 private:
  enum class TaskState { pending, running, done };
  struct Run {
    std::uint32_t attempt = 0;
    AgentId agent;
    double share = 0;  // done of it
    Time since{};
  };
  struct Task {
    TaskState state = TaskState::pending;
    std::uint32_t attempts = 0;  // begun
    std::uint32_t failures = 0;
    std::uint32_t losses = 0;
    std::vector<Run> runs;           // not empty exactly while it is running
    std::uint32_t done_attempt = 0;  // when done: the one that counts, and where it ran
    AgentId agent;                   // there, or where an attempt ended last
    TaskReport report;
  };
  struct Agent {
    std::uint32_t failures = 0;
    std::string host;
    // Since when it has had a slot and no map whose input lies there; beyond the wait allowed it
    // takes any map, until there is one for it again.
    std::optional<Time> waiting_since = {};
  };
  struct Finished {
    Duration time{0};
    std::int64_t attempts = 0;
  };

  std::vector<Task>& tasks(TaskKind kind) { return kind == TaskKind::map ? maps_ : reduces_; }
  const std::vector<Task>& tasks(TaskKind kind) const {
    return kind == TaskKind::map ? maps_ : reduces_;
  }
  std::deque<std::uint32_t>& queue(TaskKind kind) {
    return kind == TaskKind::map ? pending_maps_ : pending_reduces_;
  }
  bool knows(const AttemptId& id) const;
  // The task of an attempt that runs, without that attempt; nothing if it does not run.
  struct Ended {
    Task* task = nullptr;
    Run run;
  };
  Ended take_run(const AttemptId& id);
  bool reduces_may_start() const;
  // Which tasks write the output, where all can see it.
  TaskKind output_kind() const { return plan_.reduces > 0 ? TaskKind::reduce : TaskKind::map; }
  void notice_success();
  bool is_avoided(const AgentId& agent) const;
  // Before all others: what comes back is what others may be waiting for.
  void enqueue(TaskKind kind, std::uint32_t index);
  void dequeue(TaskKind kind, std::uint32_t index);
  const std::vector<std::string>& hosts_of(std::uint32_t map) const;
  bool lies_at_known_agent(std::uint32_t map) const;
  bool is_waiting(const Agent& agent) const;
  std::optional<std::uint32_t> choose_map(Agent& agent);
  AttemptId start(TaskKind kind, std::uint32_t index, const AgentId& agent);
  std::optional<AttemptId> start_second(const AgentId& agent);
  void find_stragglers(TaskKind kind);
  void give_way_to_maps(Time now);
  void put_back(TaskKind kind, std::uint32_t index);
  void lose_task(TaskKind kind, std::uint32_t index, const std::string& reason);
  void give_up(TaskKind kind, std::uint32_t index, const std::string& how_often,
               const std::string& reason);

  const JobPlan plan_;
  JobState state_ = JobState::running;
  std::string failure_reason_;
  std::vector<Task> maps_;
  std::vector<Task> reduces_;
  // Exactly the pending tasks, each once.
  std::deque<std::uint32_t> pending_maps_;
  std::deque<std::uint32_t> pending_reduces_;
  // The pending maps again, by each host that has their input ("": those for which it is no
  // matter); there may be others, which are let pass.
  std::map<std::string, std::deque<std::uint32_t>> maps_at_;
  std::uint64_t maps_near_input_ = 0;  // attempts
  std::uint32_t maps_done_ = 0;
  std::uint32_t reduces_done_ = 0;
  std::uint32_t running_maps_ = 0;  // attempts
  std::uint32_t running_reduces_ = 0;
  Time now_{};  // as of the last advance()
  Finished finished_maps_;
  Finished finished_reduces_;
  std::vector<AttemptId> stragglers_;  // the worst one last
  std::map<AgentId, Agent> agents_;    // that were seen
  std::optional<Time> starving_since_;
  std::vector<TrackerAction> actions_;
};

}  // namespace mesolite::hadoop
