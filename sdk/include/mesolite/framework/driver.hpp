// The drivers: they connect a Scheduler to the master and an Executor to its agent, register,
// answer pings, reconnect, and keep unacknowledged updates until they are acknowledged.
//
// Every member function may be called from any thread, from within callbacks too. Calls are queued
// to the driver's thread and never block; a call made while disconnected is dropped, except that a
// launch is answered with TASK_DROPPED and an executor's updates wait.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/random.hpp"
#include "mesolite/framework/executor.hpp"
#include "mesolite/framework/scheduler.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite {

MESOLITE_ENUM(DriverStatus, unknown, not_started, running, stopped, aborted)

// Whether the framework acknowledges status updates by itself (acknowledge()), for frameworks that
// store an update before they let go of it.
enum class Acknowledgements : std::uint8_t { implicit, explicit_ };

struct SchedulerOptions {
  FrameworkInfo framework;
  std::string master;  // "host:port", "zk://host:port,host:port/path" or "file://PATH"
  Acknowledgements acknowledgements = Acknowledgements::implicit;
  // Waits between registration attempts, and before the first after a loss: random in
  // [0, factor * 2^attempt], at most a minute.
  Duration registration_backoff_factor{50ms};
  std::string authenticator = "none";  // name of the authenticator module
  std::string principal;
  std::string secret_file;
  std::string modules_dir;  // where authenticator modules lie; empty = the installed place
  // The key of the bus, and those that are trusted (`mesolite keygen`, `mesolite trust`). Empty:
  // the environment's MESOLITE_BUS_KEY and MESOLITE_BUS_TRUST, else the bus is in the clear.
  std::string bus_key;
  std::string bus_trust;
};

// What a Scheduler is handed: the calls it may make.
class SchedulerDriver {
 public:
  virtual ~SchedulerDriver() = default;

  // Launches tasks on what these offers hold. All offers must be of one agent and one role, and of
  // this framework; what the tasks do not use is declined with `filters`. A task that cannot be
  // launched is answered with a status update that says why.
  virtual void launch_tasks(std::vector<OfferId> offers, std::vector<TaskInfo> tasks,
                            Filters filters = {}) = 0;
  virtual void accept_offers(std::vector<OfferId> offers, std::vector<Operation> operations,
                             Filters filters = {}) = 0;
  virtual void decline_offers(std::vector<OfferId> offers, Filters filters = {}) = 0;
  // Clears all filters of these roles (empty = all roles) and asks for offers again.
  virtual void revive_offers(std::vector<std::string> roles = {}) = 0;
  // No offers for these roles (empty = all) until they are revived.
  virtual void suppress_offers(std::vector<std::string> roles = {}) = 0;
  virtual void kill_task(const TaskId& task, std::optional<KillPolicy> policy = {}) = 0;
  virtual void acknowledge(const TaskStatus& update) = 0;
  // Asks for the state of these tasks (empty = all that are not terminal); comes as updates.
  virtual void reconcile_tasks(std::vector<TaskReference> tasks = {}) = 0;
  virtual void send_framework_message(const AgentId&, const ExecutorId&, std::string data) = 0;
  virtual void shutdown_executor(const AgentId&, const ExecutorId&) = 0;

  // Runs `work` on the driver's thread, now or after a delay; for schedulers with threads or
  // deadlines of their own.
  virtual void post(std::function<void()> work) = 0;
  virtual void post_after(Duration delay, std::function<void()> work) = 0;

  // Ends the driver. With failover the framework and its tasks stay for its failover_timeout; else
  // the framework is torn down.
  virtual void stop(bool failover = false) = 0;
  virtual void abort() = 0;
};

class MesosSchedulerDriver final : public SchedulerDriver {
 public:
  // `scheduler` outlives the driver.
  MesosSchedulerDriver(Scheduler& scheduler, SchedulerOptions options);
  // Stops with failover if still running, and joins.
  ~MesosSchedulerDriver() override;
  MesosSchedulerDriver(const MesosSchedulerDriver&) = delete;
  MesosSchedulerDriver& operator=(const MesosSchedulerDriver&) = delete;

  // Starts the driver's thread. Fails on options that cannot be used, with a sentence.
  Status start();
  // Blocks until the driver has stopped or aborted.
  DriverStatus join();
  // start() and join(); a start that fails is reported through Scheduler::error.
  DriverStatus run();

  void launch_tasks(std::vector<OfferId>, std::vector<TaskInfo>, Filters = {}) override;
  void accept_offers(std::vector<OfferId>, std::vector<Operation>, Filters = {}) override;
  void decline_offers(std::vector<OfferId>, Filters = {}) override;
  void revive_offers(std::vector<std::string> roles = {}) override;
  void suppress_offers(std::vector<std::string> roles = {}) override;
  void kill_task(const TaskId&, std::optional<KillPolicy> = {}) override;
  void acknowledge(const TaskStatus& update) override;
  void reconcile_tasks(std::vector<TaskReference> tasks = {}) override;
  void send_framework_message(const AgentId&, const ExecutorId&, std::string data) override;
  void shutdown_executor(const AgentId&, const ExecutorId&) override;
  void post(std::function<void()> work) override;
  void post_after(Duration delay, std::function<void()> work) override;
  void stop(bool failover = false) override;
  void abort() override;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// What an Executor is handed.
class ExecutorDriver {
 public:
  virtual ~ExecutorDriver() = default;

  // Reliable: kept and sent again until the agent has acknowledged it. The driver fills in update
  // id, agent, executor and timestamp.
  virtual void send_status_update(TaskStatus status) = 0;
  virtual void send_framework_message(std::string data) = 0;
  virtual void post(std::function<void()> work) = 0;
  virtual void post_after(Duration delay, std::function<void()> work) = 0;
  // Ends the driver once all updates are acknowledged, or after two seconds.
  virtual void stop() = 0;
  virtual void abort() = 0;
};

// Takes everything it needs from the environment that the agent gave the process:
// MESOS_FRAMEWORK_ID, MESOS_EXECUTOR_ID, MESOS_AGENT_ENDPOINT, MESOS_EXECUTOR_AUTHENTICATION_TOKEN,
// MESOS_RECOVERY_TIMEOUT.
class MesosExecutorDriver final : public ExecutorDriver {
 public:
  explicit MesosExecutorDriver(Executor& executor);  // `executor` outlives the driver
  ~MesosExecutorDriver() override;
  MesosExecutorDriver(const MesosExecutorDriver&) = delete;
  MesosExecutorDriver& operator=(const MesosExecutorDriver&) = delete;

  Status start();
  DriverStatus join();
  DriverStatus run();

  void send_status_update(TaskStatus status) override;
  void send_framework_message(std::string data) override;
  void post(std::function<void()> work) override;
  void post_after(Duration delay, std::function<void()> work) override;
  void stop() override;
  void abort() override;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// A file of the sandbox of a task.
struct SandboxFile {
  std::string agent_bus;
  FrameworkId framework;
  TaskId task;
  std::string name;  // "stdout"
};

// Reads the sandbox of a task straight from its agent: from `offset` on, in order, to the end of
// the file of a task that has ended. Used by `mesolite run`; usable by any framework.
class SandboxReader {
 public:
  // Called on a thread of the reader's own with each piece, in order.
  using Sink = std::function<void(std::string_view data)>;

  // `identity`: as whom; of it only what concerns authentication counts.
  SandboxReader(SandboxFile file, Sink sink, const SchedulerOptions& identity = {});
  ~SandboxReader();
  SandboxReader(const SandboxReader&) = delete;
  SandboxReader& operator=(const SandboxReader&) = delete;

  // Blocks until the end of the file of an ended task has been delivered. Fails when the agent is
  // not reached or says no.
  Status wait();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace mesolite
