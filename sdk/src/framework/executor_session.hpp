// ExecutorSession: all that MesosExecutorDriver decides, without a socket, a clock or a thread.
//
// Calls, messages and the time go in; what is to be done comes out of take(), in order. While a
// callback that came out runs, calls may go in: their outputs come after those already taken.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "mesolite/protocol/messages.hpp"
#include "sdk/src/framework/session_outputs.hpp"

namespace mesolite {

// What the agent has put into the executor's environment.
struct ExecutorSettings {
  FrameworkId framework_id;
  ExecutorId executor_id;
  std::string endpoint;  // of the agent's bus
  std::string token;
  Duration recovery_timeout{15min};
};

struct AgentReturned {
  AgentInfo agent;
};
struct TaskArrived {
  TaskInfo task;
};
struct TaskToKill {
  TaskId task_id;
  KillPolicy policy;
};

// Each is one callback of Executor.
using ExecutorCallback = std::variant<ExecutorRegistered, AgentReturned, Disconnected, TaskArrived,
                                      TaskToKill, ExecutorData, ExecutorShutdown, Failed>;

using ExecutorOutput = std::variant<Connect, Send, ExecutorCallback, Ended>;

//   connecting ── connected ──> greeting ── Welcome ──> registering ── ExecutorRegistered ──┐
//       ^                           │                       │                               v
//       └────────────────── the link is lost: until the recovery timeout ───────────── registered
//
//   stop() and all updates acknowledged, abort(), timeout, refusal: ended, from anywhere
enum class ExecutorPhase : std::uint8_t { connecting, greeting, registering, registered, ended };

class ExecutorSession {
 public:
  // `incarnation`: random, makes the ids of this run's updates unique.
  ExecutorSession(ExecutorSettings settings, std::uint64_t incarnation);

  // ---- events
  // ------------------------------------------------------------------------------------
  void start(Time now);
  void connected(Time now);
  void disconnected(Time now);  // the link is made again by itself
  void received(Time now, Message message);
  void advance(Time now);
  std::optional<Time> next_deadline() const;
  // Nothing more comes in this turn: what was gathered goes out.
  void end_turn();
  std::vector<ExecutorOutput> take();

  // ---- the executor's calls
  // ----------------------------------------------------------------------
  void update(Time now, TaskStatus status);
  void send_message(std::string data);
  void stop(Time now);
  void abort();

  ExecutorPhase phase() const { return phase_; }
  // stop() or abort() was called: callbacks that are still to come are not to be made.
  bool silenced() const { return stop_deadline_.has_value() || aborted_; }

 private:
  struct Handle;

  void registered(ExecutorRegistered answer);
  void refused(Time now, const Refused& refusal);
  void launch(Time now, const TaskLaunch& launch);
  void kill(const KillExecutorTask& kill);
  void acknowledged(const ExecutorAcknowledgements& acknowledgements);
  void shut_down(Time now, const ExecutorShutdown& shutdown);
  void register_executor(Time now);
  void give_up(std::string reason);
  bool pauses(Time now) const { return now < pause_end_; }
  void end(DriverStatus status);
  void end_if_stopped();
  void send(Message message) { outputs_.emplace_back(Send{std::move(message)}); }
  void call(ExecutorCallback callback);

  struct LiveTask {
    TaskLaunch launch;  // without detail: the agent has it
    KillPolicy kill_policy;
    bool agent_knows = false;  // that it has arrived: an update of it was acknowledged
  };

  const ExecutorSettings settings_;
  const std::uint64_t incarnation_;
  ExecutorPhase phase_ = ExecutorPhase::connecting;
  AgentId agent_id_;
  bool registered_before_ = false;
  bool aborted_ = false;

  std::unordered_map<TaskId, LiveTask> tasks_;   // not yet terminal and acknowledged
  std::map<std::uint64_t, TaskStatus> updates_;  // not yet acknowledged, by sequence
  std::uint64_t last_sequence_ = 0;
  std::uint64_t last_sent_ = 0;  // all up to this sequence were sent over the present link

  std::optional<Time> recovery_deadline_;  // while not registered
  std::optional<Time> answer_deadline_;    // while greeting, registering or pausing
  Time pause_end_{};                       // until then no new link is used: it was refused
  std::optional<Time> stop_deadline_;      // once stop() was called
  std::optional<Time> shutdown_deadline_;  // once the agent has asked to end
  std::vector<ExecutorOutput> outputs_;
};

}  // namespace mesolite
