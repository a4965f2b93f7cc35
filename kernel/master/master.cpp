#include "kernel/master/master.hpp"

#include <algorithm>

#include "kernel/master/access.hpp"
#include "kernel/master/agent_operations.hpp"
#include "kernel/master/invariants.hpp"
#include "kernel/master/operators.hpp"
#include "kernel/master/recovery.hpp"
#include "kernel/master/snapshot.hpp"
#include "kernel/master/state.hpp"
#include "kernel/master/tasks.hpp"

namespace mesolite::master {

namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;  // clang 14 does not deduce it by itself

// A message that nobody in this role says: whoever does is not what it said it is.
void refuse_message(State& state, Peer& peer, const Message& message) {
  refuse_peer(state, peer,
              std::string(message_name(message)) + ": is not what a " +
                  std::string(to_text(peer.role)) + " says to a master");
}

// ---- schedulers
// ----------------------------------------------------------------------------------

// Whether a framework may kill what is its own; one that may not is told.
bool may_kill(State& state, Framework& framework, std::string_view request) {
  const std::string_view own = proven_principal(*state.peers.find(framework.peer));
  std::string denied = refusal(state, framework, authorization::Action::kill_task, own);
  if (denied.empty()) return true;
  refuse_request(state, framework, request, std::move(denied));
  return false;
}

void scheduler_says(State& state, Framework& framework, Message message) {
  Peer& peer = *state.peers.find(framework.peer);
  std::visit(
      Overloaded{
          [&](Accept& request) { accept_offers(state, framework, std::move(request)); },
          [&](Decline& request) { decline_offers(state, framework, request); },
          [&](Revive& request) { revive(state, framework, request); },
          [&](Suppress& request) { suppress(state, framework, request); },
          [&](KillTask& request) {
            if (may_kill(state, framework, "KillTask")) kill_task(state, framework, request);
          },
          [&](Acknowledge& request) { acknowledge_updates(state, framework, std::move(request)); },
          [&](Reconcile& request) { reconcile(state, framework, request); },
          [&](MessageToExecutor& request) {
            message_to_executor(state, framework, std::move(request));
          },
          [&](ShutdownExecutor& request) {
            if (may_kill(state, framework, "ShutdownExecutor")) {
              shutdown_executor(state, framework, request);
            }
          },
          [&](Teardown&) { remove_framework(state, framework, "it was torn down on request"); },
          [&](auto&) { refuse_message(state, peer, message); },
      },
      message);
}

void scheduler_peer_says(State& state, Peer& peer, Message message) {
  if (Subscribe* request = std::get_if<Subscribe>(&message)) {
    return subscribe(state, peer, std::move(request->framework));
  }
  if (peer.framework != nullptr) return scheduler_says(state, *peer.framework, std::move(message));
  if (message_direction(message) != "scheduler -> master") {
    return refuse_message(state, peer, message);
  }
  if (!peer.subscribed_before) {
    return refuse_peer(state, peer,
                       std::string(message_name(message)) +
                           ": a scheduler subscribes before it says anything else");
  }
  // What was on its way when the framework was torn down.
  ++state.counters.requests_refused;
  note(state, Severity::debug, "not_subscribed",
       {{"peer", std::to_string(peer.id.value)}, {"request", std::string(message_name(message))}});
}

// A meter has let something through, or not yet: it is looked at again when it may.
void await_turn(State& state, const Meter& meter) {
  const auto next = meter.next();
  if (next) state.deadlines.add({*next, DeadlineKind::rate, state.rates.number_of(meter)});
}

void metered_peer_says(State& state, Peer& peer, Message message) {
  Meter* meter = state.rates.of(peer.principal);
  if (meter == nullptr || meter->pass(state.now)) {
    return scheduler_peer_says(state, peer, std::move(message));
  }
  if (!meter->full()) {
    ++state.counters.messages_delayed;
    const bool first = !meter->next();
    meter->wait({peer.id, std::move(message)});
    if (first) await_turn(state, *meter);
    return;
  }
  const std::string reason = "message " + std::string(message_name(message)) +
                             " dropped: capacity(" + std::to_string(meter->capacity()) +
                             ") exceeded";
  ++state.counters.capacity_exceeded;
  note(
      state, Severity::warning, "capacity_exceeded",
      {{"peer", std::to_string(peer.id.value)}, {"principal", peer.principal}, {"reason", reason}});
  meter->forget(peer.id);
  state.peers.send(peer, FrameworkError{reason});
  drop_peer(state, peer, "it speaks faster than its rate allows");
}

void rate_due(State& state, Meter& meter) {
  while (auto waiting = meter.take(state.now)) {
    Peer* peer = state.peers.find(waiting->peer);
    if (peer == nullptr || peer->phase != PeerPhase::welcome) continue;
    scheduler_peer_says(state, *peer, std::move(waiting->message));
  }
  await_turn(state, meter);
}

// ---- agents
// --------------------------------------------------------------------------------------

void agent_says(State& state, Agent& agent, Message message) {
  Peer& peer = *state.peers.find(agent.peer);
  std::visit(
      Overloaded{
          [&](AgentUpdates& request) { agent_updates(state, agent, std::move(request)); },
          [&](ExecutorMessage& request) { message_to_scheduler(state, agent, std::move(request)); },
          [&](ExecutorExited& request) { executor_exited(state, agent, request); },
          [&](UnregisterAgent&) { unregister_agent(state, agent); },
          [&](auto&) { refuse_message(state, peer, message); },
      },
      message);
}

void agent_peer_says(State& state, Peer& peer, Message message) {
  if (RegisterAgent* request = std::get_if<RegisterAgent>(&message)) {
    return register_agent(state, peer, std::move(*request));
  }
  if (peer.agent != nullptr) return agent_says(state, *peer.agent, std::move(message));
  refuse_peer(
      state, peer,
      std::string(message_name(message)) + ": an agent registers before it says anything else");
}

// ---- all
// -----------------------------------------------------------------------------------------

void received(State& state, Received input) {
  Peer* peer = state.peers.find(input.peer);
  if (peer == nullptr) peer = admit_peer(state, input.peer);
  if (peer == nullptr || peer->phase == PeerPhase::ended) return;
  if (peer->phase != PeerPhase::welcome) {
    return peer_greets(state, *peer, std::move(input.message));
  }
  peer_alive(*peer);
  if (std::holds_alternative<Pong>(input.message)) return;
  if (peer->role == PeerRole::scheduler) {
    return metered_peer_says(state, *peer, std::move(input.message));
  }
  if (peer->role == PeerRole::agent) {
    return agent_peer_says(state, *peer, std::move(input.message));
  }
  if (operator_asks(state, *peer, input.message)) return;
  refuse_message(state, *peer, input.message);
}

// What an agent was not told to run, does not run.
void not_sent(State& state, const NotSent& input) {
  note(state, Severity::error, "message_not_sent",
       {{"peer", std::to_string(input.peer.value)},
        {"message", std::string(message_name(input.message))},
        {"reason", input.reason}});
  const Peer* peer = state.peers.find(input.peer);
  const RunTasks* run = std::get_if<RunTasks>(&input.message);
  if (run == nullptr || peer == nullptr || peer->agent == nullptr) return;
  Framework* framework = state.frameworks.find(run->framework.id);
  if (framework == nullptr) return;
  for (const TaskLaunch& launch : run->tasks) {
    Task* task = find_task_on(*peer->agent, *framework, launch.id);
    if (task != nullptr) end_task_not_sent(state, *task, input.reason);
  }
}

void fire(State& state, const Deadline& deadline) {
  switch (deadline.kind) {
    case DeadlineKind::peer:
      return peer_deadline(state, *state.peers.find(PeerId{deadline.subject}));
    case DeadlineKind::agent:
      return agent_deadline(state, *state.agents.find(AgentHandle{deadline.subject}));
    case DeadlineKind::framework:
      return framework_deadline(state, *state.frameworks.find(FrameworkHandle{deadline.subject}));
    case DeadlineKind::removal:
      return remove_waiting_agents(state);
    case DeadlineKind::drain:
      return drain_due(state, *state.agents.find(AgentHandle{deadline.subject}));
    case DeadlineKind::rate:
      return rate_due(state, state.rates.at(deadline.subject));
  }
}

// Whether its subject has set another one since, or is gone.
bool is_stale(const State& state, const Deadline& deadline) {
  const auto stale = [&](const auto* subject) {
    return subject == nullptr || subject->deadline != deadline.when;
  };
  switch (deadline.kind) {
    case DeadlineKind::peer:
      return stale(state.peers.find(PeerId{deadline.subject}));
    case DeadlineKind::agent:
      return stale(state.agents.find(AgentHandle{deadline.subject}));
    case DeadlineKind::framework:
      return stale(state.frameworks.find(FrameworkHandle{deadline.subject}));
    case DeadlineKind::removal:
      return state.agents.removals.next() != deadline.when;
    case DeadlineKind::drain: {
      const Agent* agent = state.agents.find(AgentHandle{deadline.subject});
      return agent == nullptr || agent->drain_check != deadline.when;
    }
    case DeadlineKind::rate:
      return state.rates.at(deadline.subject).next() != deadline.when;
  }
  return true;
}

void fire_deadlines(State& state) {
  while (const std::optional<Deadline> next = state.deadlines.next()) {
    const bool stale = is_stale(state, *next);
    if (!stale && next->when > state.now) return;
    state.deadlines.pop();
    if (!stale) fire(state, *next);
  }
}

void begin(State& state, Time now, Outbox& outbox) {
  MESOLITE_CHECK(now >= state.now, "time does not go back");
  state.now = now;
  state.outbox = &outbox;
}

}  // namespace

Master::Master(Configuration configuration, Time now, Durable durable)
    : state_(std::make_unique<State>(std::move(configuration), now)) {
  recover(*state_, std::move(durable));
}

Master::~Master() = default;

void Master::step(Time now, Input input, Outbox& outbox) {
  State& state = *state_;
  begin(state, now, outbox);
  std::visit(Overloaded{
                 [&](Received& message) { received(state, std::move(message)); },
                 [&](PeerLost& lost) { peer_lost(state, lost.peer); },
                 [&](Allocated& answer) {
                   state.allocation.answered(state, answer);
                   state.peers.flush(outbox);
                 },
                 [&](Authenticated& answer) {
                   peer_authenticated(state, std::move(answer));
                   state.peers.flush(outbox);
                 },
                 [&](Explained& answer) {
                   state.explanations.answered(state, answer);
                   state.peers.flush(outbox);
                 },
                 [](Persisted&) {},  // what waits for it waits in the shell
                 [&](AllocatorStarted&) { state.allocation.started(state); },
                 [&](AllocatorLoaded& answer) {
                   state.allocation.loaded(state, answer.title);
                   state.peers.flush(outbox);
                 },
                 [&](NotSent& message) { not_sent(state, message); },
             },
             input);
}

void Master::advance(Time now, Outbox& outbox) {
  State& state = *state_;
  begin(state, now, outbox);
  fire_deadlines(state);
  expire_offers(state);
  state.peers.flush(outbox);
  const std::optional<Time> call = state.allocation.next_call(now);
  if (call && *call <= now) state.allocation.call(state);
}

std::optional<Time> Master::next_deadline() const {
  const State& state = *state_;
  std::optional<Time> next;
  const auto consider = [&](std::optional<Time> candidate) {
    if (candidate && (!next || *candidate < *next)) next = candidate;
  };
  if (state.peers.has_pending()) consider(state.now);
  if (const auto deadline = state.deadlines.next()) consider(deadline->when);
  consider(next_offer_expiry(state));
  consider(state.allocation.next_call(state.now));
  return next;
}

ClusterSnapshot Master::snapshot(Time now) const {
  return take_snapshot(*state_, now);
}

void Master::check_invariants() const {
  master::check_invariants(*state_);
}

const State& Master::state() const {
  return *state_;
}

}  // namespace mesolite::master
