// SchedulerSession: all that MesosSchedulerDriver decides, without a socket, a clock or a thread.
//
// Calls, messages and the time go in; what is to be done comes out of take(), in order. While a
// callback that came out runs, calls may go in: their outputs come after those already taken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "mesolite/base/random.hpp"
#include "mesolite/framework/driver.hpp"
#include "mesolite/protocol/messages.hpp"
#include "sdk/src/framework/client_authentication.hpp"
#include "sdk/src/framework/session_outputs.hpp"

namespace mesolite {

// Find out where the master's bus is; the answer goes into located().
struct Locate {};

// Of all frames from now on.
struct FollowEpoch {
  std::uint64_t epoch = 0;
};

struct Registered {
  FrameworkId framework_id;
  MasterInfo master;
};
struct Reregistered {
  MasterInfo master;
};

// Each is one callback of Scheduler. After Updates, delivered() is called.
using SchedulerCallback =
    std::variant<Registered, Reregistered, Disconnected, Offers, RescindOffers, Updates,
                 MessageFromExecutor, AgentLost, ExecutorLost, Failed, RequestRefused>;

using SchedulerOutput =
    std::variant<Locate, Connect, CloseLink, FollowEpoch, Send, SchedulerCallback, Ended>;

//               located         connected       Welcome           Subscribed
//   locating ──────────> connecting ──────> greeting ──────> subscribing ──────> subscribed
//      ^  │ failed           │                 │ refused          │                  │
//      │  v                  v                 v                  v                  │
//     waiting <──── link lost, or nothing heard for too long ────────────────────────┘
//
//   stop(), abort(), FrameworkError: ended, from anywhere
enum class SchedulerPhase : std::uint8_t {
  idle,
  waiting,
  locating,
  connecting,
  greeting,
  subscribing,
  subscribed,
  ended,
};

class SchedulerSession {
 public:
  // `authentication` outlives the session.
  SchedulerSession(const SchedulerOptions& options, ClientAuthentication& authentication,
                   std::uint64_t seed);

  // ---- events
  // ------------------------------------------------------------------------------------
  void start();
  void located(Time now, const Result<std::string>& bus);
  void connected(Time now);
  void disconnected(Time now);
  void received(Time now, Message message);
  void advance(Time now);
  std::optional<Time> next_deadline() const { return deadline_; }
  // The callback of these updates has returned.
  void delivered(const Updates& updates);
  // A message that came out was too large to be sent.
  void not_sent(Time now, const Message& message, const Error& error);
  // Nothing more comes in this turn: what was gathered goes out.
  void end_turn();
  std::vector<SchedulerOutput> take();

  // ---- the scheduler's calls
  // ---------------------------------------------------------------------
  void accept(Time now, std::vector<OfferId> offers, std::vector<Operation> operations,
              Filters filters);
  void decline(std::vector<OfferId> offers, Filters filters);
  void revive(std::vector<std::string> roles);
  void suppress(std::vector<std::string> roles);
  void kill(const TaskId& task, std::optional<KillPolicy> policy);
  void acknowledge(const TaskStatus& update);
  void reconcile(std::vector<TaskReference> tasks);
  void send_message(const AgentId& agent, const ExecutorId& executor, std::string data);
  void shutdown_executor(const AgentId& agent, const ExecutorId& executor);
  void stop(bool failover);
  void abort();

  SchedulerPhase phase() const { return phase_; }

 private:
  struct Handle;

  void greet(Time now);
  void welcomed(Time now, const Welcome& welcome);
  void refused(Time now, const Refused& refusal);
  void subscribe(Time now);
  void subscribed(Time now, const Subscribed& answer);
  void updated(Updates updates);
  void heard_from_master(Time now);
  void lose_link(Time now);
  void wait(Time now);
  void fail(std::string message);
  void end(DriverStatus status);
  void send(Message message);
  void send_if_subscribed(Message message);
  void call(SchedulerCallback callback);
  void drop_tasks(Time now, const std::vector<Operation>& operations);
  bool is_stale(const MasterInfo& master) const;
  bool is_foreign(const MasterInfo& master) const;
  Duration backoff(Duration longest);

  FrameworkInfo framework_;  // with its id once the master has given one
  Acknowledgements acknowledgements_;
  Duration backoff_factor_;
  std::string mechanism_;
  std::string principal_;
  ClientAuthentication& authentication_;
  Random random_;

  SchedulerPhase phase_ = SchedulerPhase::idle;
  std::optional<Time> deadline_;  // of the phase: when to try again or to give up
  bool registered_before_ = false;
  int attempts_ = 0;     // to register, since the last success
  int refusals_ = 0;     // of them
  bool pinged_ = false;  // on this link
  MasterInfo master_;    // that was last followed; epoch 0 = none yet
  std::vector<SchedulerOutput> outputs_;
  std::vector<Acknowledgement> gathered_acknowledgements_;
};

}  // namespace mesolite
