// RunScheduler: the framework behind `mesolite run`. It launches one task on the first offer that
// has room for it, and tells what becomes of it.
//
// Runs on its driver's thread. The terminal update is acknowledged by release(), once the output
// has been read to its end: until then the agent keeps it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "mesolite/framework/driver.hpp"
#include "mesolite/framework/scheduler.hpp"

namespace mesolite::daemon {

class RunScheduler final : public Scheduler {
 public:
  // The task exists on an agent, whose bus can be asked for its output.
  struct Begun {
    std::string agent_bus;
    FrameworkId framework;
  };
  // All told on the driver's thread.
  struct Observer {
    std::function<void(const Begun&)> begun;         // at most once
    std::function<void(const TaskStatus&)> ended;    // at most once
    std::function<void(const std::string&)> failed;  // the framework cannot go on
    std::function<void(const std::string&)> notice;  // for the impatient
  };

  // The task's agent is filled in from the offer.
  RunScheduler(TaskInfo task, Observer observer);

  void registered(SchedulerDriver&, const FrameworkId&, const MasterInfo&) override;
  void resource_offers(SchedulerDriver& driver, const std::vector<Offer>& offers) override;
  void status_update(SchedulerDriver& driver, const TaskStatus& update) override;
  void error(SchedulerDriver&, const std::string& message) override;

  const TaskId& task() const { return task_.id; }

 private:
  TaskInfo task_;
  const Observer observer_;
  FrameworkId framework_;
  std::string agent_bus_;
  bool launched_ = false;
  bool begun_ = false;
  bool ended_ = false;
  std::size_t offers_seen_ = 0;
};

}  // namespace mesolite::daemon
