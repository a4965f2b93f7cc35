// ClusterBackend: workers on a Mesolite cluster: one long task of the kernel each, started on
// offers while there are more tasks than slots, given back when idle. Tasks of jobs go to workers
// over a connection of our own (messages.hpp): thousands a second, without the kernel's help.
//
//   wanted ──offer──> launched ──hello──> connected ──connection or kernel task ends──> lost
//                                              └──idle, keeps nothing──> released
//
// Owned by the SparkContext. Threads: the driver's (kernel callbacks), one that accepts, one a
// connection, one for each worker that died and whose last words are being read.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "frameworks/mini-spark/api/options.hpp"
#include "frameworks/mini-spark/cluster/connection.hpp"
#include "frameworks/mini-spark/cluster/crew.hpp"
#include "frameworks/mini-spark/cluster/messages.hpp"
#include "frameworks/mini-spark/cluster/program_server.hpp"
#include "frameworks/mini-spark/engine/listener.hpp"
#include "frameworks/mini-spark/tracker/driver_core.hpp"
#include "mesolite/framework/driver.hpp"

namespace mesolite::spark {

class ClusterBackend final : public Backend, private Scheduler {
 public:
  // Starts the driver; jobs wait for workers. Fails if it cannot be reached from anywhere.
  static Result<std::unique_ptr<ClusterBackend>> start(DriverCore& core, const Options& options);
  ~ClusterBackend() override;

  void wake() override;
  void kill(ExecutorNumber executor, std::uint64_t serial) override;
  void forget_shuffle(std::uint64_t shuffle) override;
  void forget_cached(std::uint64_t rdd) override;
  std::uint32_t slots() const override;
  std::string refusal(std::vector<PlannedStage>& stages) override;

 private:
  struct Executor {
    ExecutorNumber number = 0;
    TaskId task;
    AgentId agent;
    std::string agent_bus;
    std::string hostname;
    std::shared_ptr<Connection> connection;  // null until its hello
    std::uint32_t in_flight = 0;
    Duration usual_time = 1s;  // of a task, a running mean
    Duration idle_since{};     // steady; while nothing is in flight
    bool released = false;
    std::deque<std::uint64_t> plans;  // that it knows, the oldest first
    // What it was told last of each shuffle.
    std::map<std::uint64_t, std::shared_ptr<const ShuffleOutputs>> told;
  };
  using Held = std::vector<Assignment>;  // let go when no lock is held

  ClusterBackend(DriverCore& core, const Options& options, std::unique_ptr<Listener> listener,
                 std::string address);

  // ---- kernel [driver's thread] ----
  void registered(SchedulerDriver& driver, const FrameworkId& id, const MasterInfo&) override;
  void resource_offers(SchedulerDriver& driver, const std::vector<Offer>& offers) override;
  void status_update(SchedulerDriver& driver, const TaskStatus& update) override;
  void agent_lost(SchedulerDriver& driver, const AgentId& agent,
                  const std::string& reason) override;
  void error(SchedulerDriver& driver, const std::string& message) override;
  void tick(SchedulerDriver& driver);
  std::optional<TaskInfo> executor_for(const Offer& offer);
  void release_idle(SchedulerDriver& driver);
  void complain_if_starved();
  std::uint32_t wanted() const;

  // ---- connections ----
  void accept_all();
  void serve(const std::shared_ptr<Connection>& connection);
  std::shared_ptr<Executor> greet(const std::shared_ptr<Connection>& connection);
  void take(Executor& executor, FromWorker message, std::string body);
  static void answer(Connection& connection, const FromWorker& question);
  void disconnected(ExecutorNumber executor);
  void tell_all(ToWorkerKind kind, std::uint64_t id);
  void say(Executor& executor, ToWorkerKind kind, std::uint64_t id, std::string_view body = {});
  void feed(Executor& executor, Held& held);  // REQUIRES: the mutex is held
  void send(Executor& executor, const Assignment& assignment);
  std::uint32_t in_flight_max(const Executor& executor) const;

  // ---- ends ----
  void bury(ExecutorNumber executor, const std::string& reason, bool read_last_words);

  DriverCore& core_;
  const Options options_;
  const std::string address_;  // ours, for workers
  const std::string token_;
  std::string identity_;
  std::unique_ptr<ProgramServer> program_;
  std::unique_ptr<Listener> listener_;
  mutable std::mutex mutex_;  // guards all below; taken before the core's, never while a node goes
  FrameworkId framework_;
  std::map<ExecutorNumber, std::shared_ptr<Executor>> executors_;
  ExecutorNumber last_executor_ = 0;
  bool suppressed_ = false;
  bool ending_ = false;
  std::uint32_t failures_in_row_ = 0;  // of workers that ended before they said hello
  Duration starved_since_{};           // steady; since when there is work and no worker; 0: not so
  std::vector<std::weak_ptr<Connection>> connections_;
  Crew crew_;  // one a connection, one for each worker whose last words are read
  std::thread acceptor_;
  std::unique_ptr<MesosSchedulerDriver> driver_;
};

}  // namespace mesolite::spark
