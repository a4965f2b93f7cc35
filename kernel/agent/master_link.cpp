#include "kernel/agent/master_link.hpp"

#include <algorithm>
#include <utility>

#include "kernel/agent/checkpoints.hpp"
#include "kernel/agent/updates.hpp"
#include "mesolite/protocol/version.hpp"

namespace mesolite::agent {
namespace {

constexpr Duration greeting_timeout = 15s;
constexpr Duration registration_pause_max = 1min;
constexpr std::uint32_t doublings_max = 16;

void set_link_deadline(State& state, Duration wait) {
  state.deadlines.set(state.link.deadline, after(state.now, wait), LinkDue{});
}

// The upper bound of the next pause; it doubles with each attempt.
Duration pause_bound(State& state) {
  const auto doublings = std::min(state.link.attempts++, doublings_max);
  const Duration factor =
      std::min(state.configuration.registration_backoff_factor, Duration(registration_pause_max));
  return std::min<Duration>(factor * (std::int64_t{1} << doublings), registration_pause_max);
}

Duration random_below(State& state, Duration bound) {
  if (bound <= Duration(0)) return Duration(0);
  return Duration(
      static_cast<std::int64_t>(state.random.below(static_cast<std::uint64_t>(bound.count()))));
}

// Between half of the bound and all of it: attempts of many agents spread, none comes at once.
Duration retry_pause(State& state) {
  const Duration bound = pause_bound(state);
  return bound / 2 + random_below(state, bound / 2);
}

void reconnect(State& state, std::string_view why) {
  note(state, Severity::warning, "master_given_up", {{"reason", std::string(why)}});
  state.link.state = LinkState::disconnected;
  state.deadlines.cancel(state.link.deadline);
  emit(state, ReconnectMaster{});
}

// Try again later, and not all agents at the same moment. Until then a connection is not used.
void reconnect_later(State& state) {
  state.link.state = LinkState::disconnected;
  set_link_deadline(state, retry_pause(state));
}

bool is_waiting(const State& state) {
  return state.link.state == LinkState::disconnected && state.link.deadline.is_set();
}

void greet(State& state, Bytes token) {
  Hello hello;
  hello.role = PeerRole::agent;
  hello.version = std::string(version);
  hello.mechanism = state.configuration.mechanism;
  hello.principal = state.configuration.principal;
  hello.data = std::move(token);
  emit(state, SendToMaster{std::move(hello)});
}

void add_running(const Framework& framework, RegisterAgent& request) {
  for (const Task* task : in_order(framework)) {
    RunningTask running;
    running.framework_id = framework.info.id;
    running.launch = task->launch;
    running.launch.detail = Bytes();  // the master has no use for it
    running.role = task->role;
    running.state = task->state;
    running.healthy = task->healthy;
    request.tasks.push_back(std::move(running));
  }
  for (const auto& [id, executor] : framework.executors) {
    ExecutorLaunch launch{id, executor->info.resources, Bytes()};
    request.executors.push_back({framework.info.id, std::move(launch), executor->role});
  }
}

void register_now(State& state) {
  RegisterAgent request;
  request.agent = state.info;
  for (const auto& [id, framework] : state.frameworks) {
    if (framework->gone) continue;
    request.frameworks.push_back(framework->info);
    add_running(*framework, request);
  }
  emit(state, SendToMaster{std::move(request)});
  set_link_deadline(state, retry_pause(state));
}

bool is_stale(const MasterInfo& known, const MasterInfo& next) {
  return known.cluster == next.cluster && next.epoch < known.epoch;
}

// What runs here belongs to the cluster that gave this agent its id; no other has a say in it.
bool is_foreign(const State& state, const MasterInfo& next) {
  return state.link.registered_before && state.link.master.cluster != next.cluster;
}

void leave_foreign_master(State& state, const MasterInfo& next) {
  note(state, Severity::error, "master_foreign",
       {{"master", next.bus},
        {"cluster", next.cluster},
        {"reason", "this agent, " + state.info.id.value + ", is of cluster " +
                       state.link.master.cluster +
                       ": correct --master, or start with --recover=as-new"}});
  reconnect_later(state);
}

void expect_ping(State& state) {
  if (state.link.ping_timeout > Duration(0)) {
    set_link_deadline(state, state.link.ping_timeout);
  } else {
    state.deadlines.cancel(state.link.deadline);
  }
}

}  // namespace

bool is_registered(const State& state) {
  return state.link.state == LinkState::registered;
}

void send_to_master(State& state, Message message) {
  send_gathered_updates(state);
  emit(state, SendToMaster{std::move(message)});
}

void master_connected(State& state) {
  if (is_waiting(state)) return;
  state.link.state = LinkState::greeting;
  state.link.greeted = false;
  state.link.proved = state.configuration.mechanism == "none";
  set_link_deadline(state, greeting_timeout);
  if (state.configuration.mechanism == "none") {
    greet(state, Bytes());
  } else {
    emit(state, Authenticate{true, Bytes()});
  }
}

void master_disconnected(State& state) {
  if (is_waiting(state)) return;
  if (is_registered(state)) note(state, Severity::warning, "master_disconnected");
  state.link.state = LinkState::disconnected;
  state.deadlines.cancel(state.link.deadline);
}

void authenticated(State& state, Authenticated& answer) {
  if (state.link.state != LinkState::greeting) return;  // of a connection that is gone
  if (!answer.answer || answer.answer->state == AuthenticationState::refused) {
    const std::string reason =
        answer.answer ? answer.answer->reason : answer.answer.error().message;
    note(state, Severity::error, "authentication_failed", {{"reason", reason}});
    return reconnect_later(state);
  }
  state.link.proved = answer.answer->state == AuthenticationState::accepted;
  // The first token goes with the greeting, later ones answer challenges.
  if (!std::exchange(state.link.greeted, true)) {
    greet(state, std::move(answer.answer->data));
  } else {
    emit(state, SendToMaster{ChallengeResponse{std::move(answer.answer->data)}});
  }
}

void challenged(State& state, Challenge& challenge) {
  if (state.link.state != LinkState::greeting) return;
  emit(state, Authenticate{false, std::move(challenge.data)});
}

void welcomed(State& state, Welcome& welcome) {
  if (state.link.state != LinkState::greeting) return;
  if (!state.link.proved) {
    note(state, Severity::error, "master_unproved", {{"master", welcome.master.id}});
    return reconnect_later(state);
  }
  if (is_stale(state.link.master, welcome.master)) {
    note(state, Severity::warning, "master_stale",
         {{"master", welcome.master.id}, {"epoch", std::to_string(welcome.master.epoch)}});
    return reconnect_later(state);
  }
  if (is_foreign(state, welcome.master)) return leave_foreign_master(state, welcome.master);
  state.link.master = std::move(welcome.master);
  state.link.state = LinkState::registering;
  // After a master's failure all of its agents arrive at once: then the first attempt waits too.
  if (state.link.registered_before) {
    set_link_deadline(state, random_below(state, pause_bound(state)));
  } else {
    register_now(state);
  }
}

void refused(State& state, const Refused& refusal) {
  note(state, Severity::error, "master_refused", {{"reason", refusal.reason}});
  reconnect_later(state);  // by then it is known who leads
}

void registered(State& state, AgentRegistered& answer) {
  MasterLink& link = state.link;
  if (link.state != LinkState::registering && link.state != LinkState::registered) return;
  const bool again = std::exchange(link.state, LinkState::registered) == LinkState::registered;
  if (!state.info.id.empty() && state.info.id != answer.agent_id) {
    note(state, Severity::error, "agent_renamed",
         {{"from", state.info.id.value}, {"to", answer.agent_id.value}});
  }
  state.info.id = std::move(answer.agent_id);
  link.master = std::move(answer.master);
  link.ping_timeout = answer.ping_timeout;
  link.attempts = 0;
  link.registered_before = true;
  expect_ping(state);
  if (again) return;  // the answer to an attempt that was thought lost
  checkpoint_agent(state);
  note(state, Severity::info, "agent_registered",
       {{"agent", state.info.id.value}, {"master", link.master.id}});
  resend_updates(state);
}

void pinged(State& state, const Ping& ping) {
  emit(state, SendToMaster{Pong{ping.sequence}});
  if (is_registered(state)) expect_ping(state);
}

void link_due(State& state) {
  state.deadlines.cancel(state.link.deadline);
  switch (state.link.state) {
    case LinkState::disconnected:
      return reconnect(state, "it refused us a while ago");
    case LinkState::greeting:
      return reconnect(state, "it does not answer our greeting");
    case LinkState::registering:
      return register_now(state);
    case LinkState::registered:
      return reconnect(state, "no ping for too long");
  }
}

}  // namespace mesolite::agent
