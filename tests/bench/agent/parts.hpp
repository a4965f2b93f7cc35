// The parts of the group `agent`. Each adds its figures, or throws if it cannot measure.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "mesolite/base/text.hpp"
#include "mesolite/framework/driver.hpp"
#include "mesolite/framework/scheduler.hpp"
#include "tests/bench/processes.hpp"
#include "tests/bench/report.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::bench {

// Isolators of a kind; none of them: "".
inline constexpr const char* no_isolators = "";
inline constexpr const char* cgroup_isolators = "cgroups/cpu,cgroups/mem,cgroups/pids";
inline constexpr const char* all_isolators =
    "cgroups/cpu,cgroups/mem,cgroups/pids,namespaces/pid,namespaces/ipc,namespaces/uts,"
    "namespaces/mount";

// What all is measured on: ahead of whatever else the machine does, and with all files kept to the
// end, since ext4 makes new ones slowly for minutes after many have been removed.
class Stage {
 public:
  Stage();
  // A cluster of one agent with room for any number of tasks.
  harness::ClusterOptions cluster(const std::string& isolation);

 private:
  harness::Scratch files_;
  Precedence precedence_;
  int clusters_ = 0;
};

// Command tasks of /bin/true, all launched at once, beside a bare loop of posix_spawn and wait.
void measure_rates(Figures& figures, Stage& stage);
// A thousand containers that stay: up, and down again.
void measure_thousand(Figures& figures, Stage& stage);
// One task after the other on an idle cluster, and what idle daemons hold.
void measure_idle(Figures& figures, Stage& stage);
// With MESOLITE_BENCH_TASKS=100000 in the environment: whether the agent grows with what it runs.
void measure_growth(Figures& figures, Stage& stage);

// One framework that launches tasks with one command when it is told to, and times them.
class Crowd final : public Scheduler {
 public:
  Crowd(const std::string& master, std::string command);
  ~Crowd() override;

  // Launches so many at once and waits until each has come to `state`; answers how long that took.
  Duration launch(std::size_t count, TaskState state);
  // Kills all that run and waits until each has ended.
  Duration kill_all();
  // From each launch to its TASK_RUNNING.
  std::vector<Duration> to_running() const { return to_running_; }

  void resource_offers(SchedulerDriver& driver, const std::vector<Offer>& offers) override;
  void status_updates(SchedulerDriver& driver, const std::vector<TaskStatus>& updates) override;
  void error(SchedulerDriver& driver, const std::string& message) override;

 private:
  void launch_some();
  void take(const TaskStatus& update);
  void fail(const std::string& why);
  Duration wait();

  const std::string command_;
  const Resources each_;
  harness::Stopwatch watch_;
  std::unique_ptr<MesosSchedulerDriver> driver_;

  // On the driver's thread only.
  std::vector<OfferId> offers_;
  AgentId agent_;
  std::size_t wanted_ = 0;  // to be launched
  std::size_t waited_ = 0;  // to come to awaited_
  std::size_t launched_ = 0;
  TaskState awaited_ = TaskState::unknown;
  std::map<TaskId, Duration> running_;  // since when it is launched
  std::vector<Duration> to_running_;
  Duration begun_{0};
  std::promise<Duration> done_;
};

}  // namespace mesolite::bench
