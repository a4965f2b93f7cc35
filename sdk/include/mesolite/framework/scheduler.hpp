// Scheduler: what the author of a framework implements. The driver (driver.hpp) calls it.
//
// All callbacks run one after another on the driver's own thread; none may block for long, since
// pings are answered there too. Within a callback every call of the driver is allowed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/protocol/types.hpp"

namespace mesolite {

class SchedulerDriver;

class Scheduler {
 public:
  virtual ~Scheduler() = default;

  // The master has taken the framework in, for the first time in this driver's life.
  virtual void registered(SchedulerDriver&, const FrameworkId&, const MasterInfo&) {}
  // The same again, after the connection or the master was lost. Offers of before are void.
  virtual void reregistered(SchedulerDriver&, const MasterInfo&) {}
  // The connection to the master is lost; the driver looks for it by itself.
  virtual void disconnected(SchedulerDriver&) {}

  // Each offer is to be accepted or declined; unanswered ones are rescinded after the master's
  // offer_timeout.
  virtual void resource_offers(SchedulerDriver& driver, const std::vector<Offer>& offers) = 0;
  virtual void offer_rescinded(SchedulerDriver&, const OfferId&, const std::string& /*reason*/) {}

  // Delivered at least once; acknowledged by the driver when the callback returns, unless the
  // driver was told that the framework acknowledges by itself.
  virtual void status_update(SchedulerDriver&, const TaskStatus&) {}
  // All updates that came in one go; override it where thousands a second come.
  virtual void status_updates(SchedulerDriver& driver, const std::vector<TaskStatus>& updates) {
    for (const TaskStatus& update : updates) status_update(driver, update);
  }

  // Delivered at most once.
  virtual void framework_message(SchedulerDriver&, const AgentId&, const ExecutorId&,
                                 std::string_view /*data*/) {}
  virtual void agent_lost(SchedulerDriver&, const AgentId&, const std::string& /*reason*/) {}
  // `exit_status` as waitpid(2) gives it.
  virtual void executor_lost(SchedulerDriver&, const AgentId&, const ExecutorId&,
                             std::int32_t /*exit_status*/, const std::string& /*reason*/) {}
  // A call, or one operation of it, could not be carried out and has changed nothing; `problem`
  // begins with the field that is wrong. Of tasks, status updates tell.
  virtual void request_refused(SchedulerDriver&, const std::string& /*request*/,
                               const std::string& /*problem*/) {}
  // The framework cannot go on; the driver has aborted.
  virtual void error(SchedulerDriver&, const std::string& /*message*/) {}
};

}  // namespace mesolite
