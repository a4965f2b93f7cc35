// FakeCluster: a cluster in one process and one thread. It is the scheduler's driver, and each of
// its agents is the driver of a real TaskTracker, which runs its attempts on real threads.
//
// Everything happens in run(), as events of one queue; only the attempts' threads add to it from
// outside.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/tracker/job_scheduler.hpp"
#include "frameworks/mini-hadoop/worker/task_tracker.hpp"

namespace mesolite::hadoop {

class FakeCluster final : public SchedulerDriver {
 public:
  struct Options {
    int agents = 3;                             // with the hosts "host0", "host1", …
    std::string resources = "cpus:2;mem:4096";  // of each
    std::string sandboxes;                      // directory below which they lie
  };
  // Called after the scheduler has seen an update; may lose agents.
  using AfterUpdate = std::function<void(const TaskStatus&)>;

  FakeCluster(Options options, FileSystem& files, const JobCatalogue& catalogue);
  ~FakeCluster() override;

  // Runs until the scheduler stops the driver.
  void run(Scheduler& scheduler, AfterUpdate after_update = {});
  // The host goes with all that ran on it; another one with the same resources comes.
  void lose_agent(const AgentId& agent);
  // The next `count` framework messages get lost.
  void lose_messages(int count) { messages_to_lose_ = count; }
  int launched() const { return launched_; }

  void launch_tasks(std::vector<OfferId>, std::vector<TaskInfo>, Filters) override;
  void decline_offers(std::vector<OfferId>, Filters) override {}
  void revive_offers(std::vector<std::string>) override;
  void suppress_offers(std::vector<std::string>) override { suppressed_ = true; }
  void kill_task(const TaskId&, std::optional<KillPolicy>) override;
  void send_framework_message(const AgentId&, const ExecutorId&, std::string data) override;
  void post(std::function<void()> work) override;
  void post_after(Duration delay, std::function<void()> work) override;
  void stop(bool failover) override;

  void accept_offers(std::vector<OfferId>, std::vector<Operation>, Filters) override {}
  void acknowledge(const TaskStatus&) override {}
  // Tasks that no agent knows are lost.
  void reconcile_tasks(std::vector<TaskReference> tasks) override;
  void shutdown_executor(const AgentId&, const ExecutorId&) override {}
  void abort() override { stop(false); }

 private:
  class Agent;
  using Clock = std::chrono::steady_clock;

  void add_agent();
  Agent* find(const AgentId& id);
  void make_offers();
  std::function<void()> next_work();
  void deliver(const AgentId& agent, TaskStatus status);
  bool loses_message();

  const Options options_;
  FileSystem& files_;
  const JobCatalogue& catalogue_;
  Scheduler* scheduler_ = nullptr;
  AfterUpdate after_update_;
  std::vector<std::unique_ptr<Agent>> agents_;
  int agents_made_ = 0;
  std::uint64_t offers_made_ = 0;
  std::map<OfferId, AgentId> offers_;
  int launched_ = 0;
  int messages_to_lose_ = 0;
  bool suppressed_ = false;
  bool stopped_ = false;

  std::mutex mutex_;  // guards the queue, to which attempts add from their threads
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  std::multimap<Clock::time_point, std::function<void()>> timers_;
};

}  // namespace mesolite::hadoop
