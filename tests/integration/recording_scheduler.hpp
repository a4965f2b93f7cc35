// A scheduler for tests: launches what it is given on the first offers with room, and remembers
// everything it is told.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "mesolite/framework/driver.hpp"
#include "mesolite/framework/scheduler.hpp"

namespace mesolite::harness {

// A task of /bin/sh that asks for this much.
TaskInfo shell_task(const std::string& id, const std::string& line,
                    const std::string& resources = "cpus:0.1;mem:32");

class RecordingScheduler final : public Scheduler {
 public:
  explicit RecordingScheduler(std::vector<TaskInfo> tasks);

  void resource_offers(SchedulerDriver& driver, const std::vector<Offer>& offers) override;
  void reregistered(SchedulerDriver&, const MasterInfo& master) override;
  void status_update(SchedulerDriver&, const TaskStatus& update) override;
  void agent_lost(SchedulerDriver&, const AgentId& agent, const std::string& reason) override;
  void error(SchedulerDriver&, const std::string& message) override;

  // ---- [any thread] ----
  // The states of a task in the order in which they came.
  std::vector<TaskState> states(const std::string& task) const;
  TaskStatus last(const std::string& task) const;
  std::size_t reregistrations() const;
  std::size_t agents_lost() const;
  std::size_t offers() const;
  std::string error() const;

 private:
  mutable std::mutex mutex_;  // guards all below: tests look while the driver's thread writes
  std::deque<TaskInfo> waiting_;
  std::map<std::string, std::vector<TaskStatus>> updates_;
  std::size_t reregistrations_ = 0;
  std::size_t agents_lost_ = 0;
  std::size_t offers_ = 0;
  std::string error_;
};

SchedulerOptions scheduler_options(const std::string& master, const std::string& name);

}  // namespace mesolite::harness
