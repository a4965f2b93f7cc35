#include "kernel/agent/agent.hpp"

#include <utility>

#include "kernel/agent/checks.hpp"
#include "kernel/agent/containers.hpp"
#include "kernel/agent/ending.hpp"
#include "kernel/agent/executors.hpp"
#include "kernel/agent/frameworks.hpp"
#include "kernel/agent/master_link.hpp"
#include "kernel/agent/peers.hpp"
#include "kernel/agent/recovery.hpp"
#include "kernel/agent/reservations.hpp"
#include "kernel/agent/state.hpp"
#include "kernel/agent/tasks.hpp"
#include "kernel/agent/updates.hpp"

namespace mesolite::agent {
namespace {

// What a master says once we are registered with it, and no other may say.
class OrderHandler {
 public:
  explicit OrderHandler(State& state) : state_(state) {}

  void operator()(RunTasks& order) { run_tasks(state_, std::move(order)); }
  void operator()(KillAgentTask& order) { kill_task(state_, order); }
  void operator()(AcknowledgeUpdates& order) { acknowledged(state_, order); }
  void operator()(ShutdownFramework& order) { shutdown_framework(state_, order); }
  void operator()(ShutdownFrameworkExecutor& order) { shutdown_framework_executor(state_, order); }
  void operator()(ExecutorMessage& order) { deliver(state_, std::move(order)); }
  void operator()(CheckpointResources& order) { checkpoint_resources(state_, order); }
  void operator()(auto& other) {
    note(state_, Severity::warning, "message_unexpected",
         {{"message", std::string(message_name(Message(std::move(other))))}});
  }

 private:
  State& state_;
};

// What a master may say on any connection.
class GreetingHandler {
 public:
  explicit GreetingHandler(State& state) : state_(state) {}

  bool operator()(Welcome& message) {
    welcomed(state_, message);
    return true;
  }
  bool operator()(Challenge& message) {
    challenged(state_, message);
    return true;
  }
  bool operator()(Refused& message) {
    refused(state_, message);
    return true;
  }
  bool operator()(AgentRegistered& message) {
    registered(state_, message);
    return true;
  }
  bool operator()(Ping& message) {
    pinged(state_, message);
    return true;
  }
  bool operator()(ShutdownAgent& message) {
    begin_ending(state_, "told by the master: " + message.reason, Farewell::dismissed);
    return true;
  }
  bool operator()(auto&) { return false; }

 private:
  State& state_;
};

class InputHandler {
 public:
  explicit InputHandler(State& state) : state_(state) {}

  void operator()(MasterConnected&) { master_connected(state_); }
  void operator()(MasterDisconnected&) { master_disconnected(state_); }
  void operator()(ReceivedFromMaster& input) {
    if (std::visit(GreetingHandler(state_), input.message)) return;
    if (is_registered(state_)) {
      std::visit(OrderHandler(state_), input.message);
    } else {
      note(state_, Severity::debug, "message_early",
           {{"message", std::string(message_name(input.message))}});
    }
  }
  void operator()(ReceivedFromPeer& input) {
    received_from_peer(state_, input.peer, std::move(input.message));
  }
  void operator()(PeerLost& input) { peer_lost(state_, input.peer); }
  void operator()(PeerAuthenticated& input) { peer_authenticated(state_, input); }
  void operator()(Launched& input) { launched(state_, input); }
  void operator()(Exited& input) { exited(state_, input); }
  void operator()(Authenticated& input) { authenticated(state_, input); }
  void operator()(ContainerRecovered& input) { container_recovered(state_, input); }
  void operator()(Checked& input) { checked(state_, input); }
  void operator()(UsageMeasured& input) { usage_measured(state_, input); }
  void operator()(ShutdownRequested&) {
    begin_ending(state_, "asked to end", Farewell::unregister);
  }

 private:
  State& state_;
};

class DueHandler {
 public:
  explicit DueHandler(State& state) : state_(state) {}

  void operator()(LinkDue) { link_due(state_); }
  void operator()(UsageDue) { usage_due(state_); }
  void operator()(EndingDue) { ending_due(state_); }
  void operator()(UpdateRetryDue due) { update_retry_due(state_, *due.task); }
  void operator()(CompletionDue due) { completion_due(state_, *due.task); }
  void operator()(DestroyDue due) { destroy_due(state_, *due.container); }
  void operator()(RegistrationDue due) { registration_due(state_, *due.executor); }
  void operator()(ShrinkDue due) { shrink_due(state_, *due.executor); }
  void operator()(CheckDue due) { check_due(state_, *due.task, due.role); }

 private:
  State& state_;
};

void begin_step(State& state, Time now, Outbox& outbox) {
  MESOLITE_CHECK(now >= state.now, "time never goes back");
  state.now = now;
  state.outbox = &outbox;
}

}  // namespace

Agent::Agent(Configuration configuration, Time now)
    : state_(std::make_unique<State>(std::move(configuration), now)) {}

Agent::~Agent() = default;

void Agent::recover(Time now, Durable durable, RecoveryMode mode, Outbox& outbox) {
  begin_step(*state_, now, outbox);
  agent::recover(*state_, std::move(durable), mode);
  continue_ending(*state_);
}

void Agent::step(Time now, Input input, Outbox& outbox) {
  if (state_->ending.finished) return;
  begin_step(*state_, now, outbox);
  std::visit(InputHandler(*state_), input);
  continue_ending(*state_);
}

void Agent::advance(Time now, Outbox& outbox) {
  if (state_->ending.finished) return;
  begin_step(*state_, now, outbox);
  while (const Due* due = state_->deadlines.due(now)) {
    std::visit(DueHandler(*state_), Due(*due));
    if (state_->ending.finished) return;
  }
  send_gathered_updates(*state_);
  send_gathered_to_executors(*state_);
}

std::optional<Time> Agent::next_deadline() const {
  if (state_->ending.finished) return std::nullopt;
  return state_->deadlines.next();
}

const State& Agent::state() const {
  return *state_;
}

}  // namespace mesolite::agent
