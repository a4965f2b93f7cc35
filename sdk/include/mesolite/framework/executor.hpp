// Executor: what the author of a framework implements to run its tasks on an agent. The driver
// (driver.hpp) calls it.
//
// All callbacks run one after another on the driver's own thread and must not block: long work goes
// to threads of the executor, which report through the driver (its calls are safe from any thread).
#pragma once

#include <string>
#include <string_view>

#include "mesolite/protocol/types.hpp"

namespace mesolite {

class ExecutorDriver;

class Executor {
 public:
  virtual ~Executor() = default;

  virtual void registered(ExecutorDriver&, const ExecutorInfo&, const FrameworkInfo&,
                          const AgentInfo&) {}
  // The agent was away and is back.
  virtual void reregistered(ExecutorDriver&, const AgentInfo&) {}
  virtual void disconnected(ExecutorDriver&) {}
  // The task is to be started; from here on the executor owes status updates up to a terminal one.
  virtual void launch_task(ExecutorDriver& driver, const TaskInfo& task) = 0;
  virtual void kill_task(ExecutorDriver& driver, const TaskId& task, const KillPolicy& policy) = 0;
  // Delivered at most once.
  virtual void framework_message(ExecutorDriver&, std::string_view /*data*/) {}
  // The executor is to end its tasks and return; it is killed after its grace period.
  virtual void shutdown(ExecutorDriver&) {}
  // The executor cannot go on; the driver has aborted.
  virtual void error(ExecutorDriver&, const std::string& /*message*/) {}
};

}  // namespace mesolite
