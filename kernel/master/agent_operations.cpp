#include "kernel/master/agent_operations.hpp"

#include <algorithm>

#include "kernel/master/state.hpp"
#include "kernel/master/tasks.hpp"

namespace mesolite::master {

namespace {

// A year is as good as none, and leaves room to reckon with.
constexpr Duration drain_time_max = 365 * 24h;

tl::unexpected<Error> unknown_agent(const State& state, const AgentId& id) {
  if (id.empty()) return failure("agent_id: is empty");
  const bool gone = state.agents.is_gone(id);
  return failure("agent_id: '" + id.value + (gone ? "' is gone for good" : "' names no agent"));
}

std::string named(const AgentId& id) {
  return "agent " + id.value;
}

void rescind_offers(State& state, Agent& agent, const std::string& reason) {
  while (OfferRecord* offer = agent.offers.front()) rescind_offer(state, *offer, reason);
}

// ---- draining
// ------------------------------------------------------------------------------------

void look_at_drain(State& state, Agent& agent, Time when) {
  agent.drain_check = when;
  state.deadlines.add({when, DeadlineKind::drain, agent.handle.value});
}

// What has ended uses nothing, acknowledged or not.
bool runs_nothing(const Agent& agent) {
  return agent.used.empty() && agent.executors.empty();
}

void kill_tasks(State& state, Agent& agent) {
  std::optional<KillPolicy> policy;
  if (agent.drain->deadline) {
    policy = KillPolicy{std::max(Duration::zero(), *agent.drain->deadline - state.now)};
  }
  for (const Task& task : agent.tasks) {
    if (is_terminal(task.state)) continue;
    send_to_agent(state, agent, KillAgentTask{task.framework->info.id, task.id, policy});
  }
}

void shut_executors_down(State& state, const Agent& agent) {
  for (const auto& [key, executor] : agent.executors) {
    const Framework& framework = *state.frameworks.find(key.first);
    send_to_agent(state, agent, ShutdownFrameworkExecutor{framework.info.id, key.second});
  }
}

// Ends of tasks that nobody has acknowledged are waited for too, but not past the deadline.
bool is_drained(const Agent& agent, Time now) {
  const bool overdue = agent.drain->deadline && *agent.drain->deadline <= now;
  return runs_nothing(agent) && (overdue || agent.tasks.empty());
}

void declare_gone(State& state, const AgentInfo& info) {
  DurableAgent record;
  record.info = info;
  record.standing = AgentStanding::gone;
  record.since = state.now;
  std::vector<AgentId> forgotten;
  state.agents.remember_gone(info.id, state.now, forgotten);
  forget_agents(state, forgotten);
  persist(state, info.id.value, record);
  ++state.counters.agents_gone;
  note(state, Severity::info, "agent_gone", {{"agent", info.id.value}});
}

void remove_gone_agent(State& state, Agent& agent) {
  const std::string reason = "an operator declared it gone";
  declare_gone(state, agent.info);
  send_to_agent(state, agent, ShutdownAgent{reason});
  remove_agent(state, agent, AgentEnding::gone_by_operator, reason);
}

void finish_drain(State& state, Agent& agent) {
  note(state, Severity::info, "agent_drained", {{"agent", agent.info.id.value}});
  if (agent.drain->mark_gone) return remove_gone_agent(state, agent);
  agent.drain->drained_at = state.now;
  persist_agent(state, agent);
}

}  // namespace

void drain_progressed(State& state, Agent& agent) {
  if (agent.drain->drained_at != Time{}) return;
  if (agent.tasks.empty() || runs_nothing(agent)) look_at_drain(state, agent, state.now);
}

void drain_due(State& state, Agent& agent) {
  agent.drain_check = {};
  if (!agent.drain || agent.drain->drained_at != Time{}) return;
  if (agent.recovered) return;  // what it runs, it has yet to tell
  if (is_drained(agent, state.now)) return finish_drain(state, agent);
  const std::optional<Time> deadline = agent.drain->deadline;
  if (deadline && *deadline <= state.now) {
    kill_tasks(state, agent);  // without any grace now
    return shut_executors_down(state, agent);
  }
  // An executor that waits for more has waited for the last time.
  if (agent.tasks.empty()) shut_executors_down(state, agent);
  if (deadline) look_at_drain(state, agent, *deadline);
}

void continue_drain(State& state, Agent& agent) {
  if (!agent.drain) return;
  agent.drain->drained_at = {};
  kill_tasks(state, agent);
  look_at_drain(state, agent, state.now);
}

Result<std::string> drain_agent(State& state, const DrainAgent& request) {
  Agent* agent = state.agents.find(request.agent_id);
  UnreachableAgent* lost = state.agents.find_unreachable(request.agent_id);
  if (agent == nullptr && lost == nullptr) return unknown_agent(state, request.agent_id);
  Drain drain;
  drain.started_at = state.now;
  drain.mark_gone = request.mark_gone;
  if (request.within) {
    if (*request.within < Duration::zero()) return failure("within: is negative");
    drain.deadline = after(state.now, std::min<Duration>(*request.within, drain_time_max));
  }
  note(state, Severity::info, "agent_draining",
       {{"agent", request.agent_id.value},
        {"within", request.within ? to_text(*request.within) : "any time"},
        {"tasks", std::to_string(agent == nullptr ? lost->tasks.size() : agent->tasks.size())}});
  if (agent == nullptr) {
    lost->drain = drain;
    persist_unreachable(state, *lost);
    return named(request.agent_id) + " is out of reach: it is drained when it comes back";
  }
  agent->drain = drain;
  persist_agent(state, *agent);
  rescind_offers(state, *agent, named(request.agent_id) + " is being drained");
  state.allocation.agent_changed(*agent);
  continue_drain(state, *agent);
  return named(request.agent_id) + " is being drained of " + std::to_string(agent->tasks.size()) +
         " tasks";
}

// ---- kept back, and put into service again
// -------------------------------------------------------

namespace {

Result<std::string> set_deactivated(State& state, const AgentId& id, bool deactivated) {
  Agent* agent = state.agents.find(id);
  UnreachableAgent* lost = state.agents.find_unreachable(id);
  if (agent == nullptr && lost == nullptr) return unknown_agent(state, id);
  note(state, Severity::info, deactivated ? "agent_deactivated" : "agent_reactivated",
       {{"agent", id.value}});
  if (agent == nullptr) {
    lost->deactivated = deactivated;
    if (!deactivated) lost->drain.reset();
    persist_unreachable(state, *lost);
  } else {
    agent->deactivated = deactivated;
    if (!deactivated) agent->drain.reset();
    persist_agent(state, *agent);
    if (deactivated) rescind_offers(state, *agent, named(id) + " is deactivated");
    state.allocation.agent_changed(*agent);
  }
  return named(id) + (deactivated ? " is offered no more" : " is in service again");
}

}  // namespace

Result<std::string> deactivate_agent(State& state, const DeactivateAgent& request) {
  return set_deactivated(state, request.agent_id, true);
}

Result<std::string> reactivate_agent(State& state, const ReactivateAgent& request) {
  return set_deactivated(state, request.agent_id, false);
}

// ---- gone
// ----------------------------------------------------------------------------------------

Result<std::string> mark_agent_gone(State& state, const MarkAgentGone& request) {
  const AgentId& id = request.agent_id;
  const std::string done = named(id) + " is gone and may not come back";
  if (state.agents.is_gone(id)) return done;
  if (Agent* agent = state.agents.find(id)) {
    remove_gone_agent(state, *agent);
    return done;
  }
  const auto lost = state.agents.take_unreachable(id);
  if (!lost) return unknown_agent(state, id);
  declare_gone(state, lost->info);
  end_unreachable_tasks(state, id, *lost, AgentEnding::gone_by_operator);
  return done;
}

}  // namespace mesolite::master
