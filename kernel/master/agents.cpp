#include "kernel/master/agents.hpp"

#include "kernel/master/agent_operations.hpp"
#include "kernel/master/state.hpp"
#include "kernel/master/tasks.hpp"

namespace mesolite::master {

Agent* Agents::find(const AgentId& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

Agent* Agents::find_at(const std::string& bus) const {
  const auto found = by_bus_.find(bus);
  return found == by_bus_.end() ? nullptr : found->second;
}

Agent& Agents::add(AgentInfo info) {
  if (info.id.empty()) {
    info.id = AgentId(ids_.give());
  } else {
    ids_.seen(info.id.value);
  }
  Agent& agent = slots_.add(std::make_unique<Agent>());
  by_id_[info.id] = &agent;
  agent.info.id = info.id;
  change_info(agent, std::move(info));
  return agent;
}

void Agents::change_info(Agent& agent, AgentInfo info) {
  const auto before = by_bus_.find(agent.info.bus);
  if (before != by_bus_.end() && before->second == &agent) by_bus_.erase(before);
  if (!info.bus.empty()) by_bus_[info.bus] = &agent;
  agent.info = std::move(info);
}

void Agents::remove(Agent& agent) {
  const auto at_bus = by_bus_.find(agent.info.bus);
  if (at_bus != by_bus_.end() && at_bus->second == &agent) by_bus_.erase(at_bus);
  set_recovered(agent, false);
  by_id_.erase(agent.info.id);
  slots_.remove(agent.handle);
}

// ---- unreachable agents ----

void Agents::set_recovered(Agent& agent, bool recovered) {
  if (agent.recovered == recovered) return;
  agent.recovered = recovered;
  recovered ? ++recovered_ : --recovered_;
}

bool Agents::too_much(const Order& order, Time now) {
  return order.size() > absent_agents_max ||
         (!order.empty() && after(order.front().second, absent_age_max) < now);
}

UnreachableAgent& Agents::remember_unreachable(AgentInfo info, Time when,
                                               std::vector<AgentId>& forgotten) {
  const AgentId id = info.id;
  while (too_much(unreachable_order_, when)) {
    const auto [oldest, since] = unreachable_order_.front();
    unreachable_order_.pop_front();
    const UnreachableAgent* entry = find_unreachable(oldest);
    // It may have come back and been lost anew, which is a younger entry.
    if (entry == nullptr || entry->since != since) continue;
    take_unreachable(oldest);
    forgotten.push_back(oldest);
  }
  if (!info.bus.empty()) unreachable_by_bus_[info.bus] = id;
  unreachable_order_.emplace_back(id, when);
  UnreachableAgent& agent = unreachable_[id];
  agent = UnreachableAgent{};
  agent.since = when;
  agent.info = std::move(info);
  return agent;
}

void Agents::remember_gone(const AgentId& id, Time when, std::vector<AgentId>& forgotten) {
  while (too_much(gone_order_, when)) {
    gone_.erase(gone_order_.front().first);
    forgotten.push_back(gone_order_.front().first);
    gone_order_.pop_front();
  }
  if (gone_.emplace(id, when).second) gone_order_.emplace_back(id, when);
}

UnreachableAgent* Agents::find_unreachable(const AgentId& id) {
  const auto found = unreachable_.find(id);
  return found == unreachable_.end() ? nullptr : &found->second;
}

AgentId Agents::unreachable_at(const std::string& bus) const {
  const auto found = unreachable_by_bus_.find(bus);
  return found == unreachable_by_bus_.end() ? AgentId{} : found->second;
}

std::optional<UnreachableAgent> Agents::take_unreachable(const AgentId& id) {
  const auto found = unreachable_.find(id);
  if (found == unreachable_.end()) return std::nullopt;
  UnreachableAgent agent = std::move(found->second);
  unreachable_.erase(found);
  const auto there = unreachable_by_bus_.find(agent.info.bus);
  if (there != unreachable_by_bus_.end() && there->second == id) unreachable_by_bus_.erase(there);
  return agent;
}

// ---- the link
// ------------------------------------------------------------------------------------

void send_to_agent(State& state, const Agent& agent, Message message) {
  if (!agent.connected()) return;
  Peer* peer = state.peers.find(agent.peer);
  if (peer != nullptr) state.peers.send(*peer, std::move(message));
}

void agent_disconnected(State& state, Agent& agent, std::string_view reason) {
  agent.peer = {};
  agent.deadline = after(state.now, state.configuration.agent_reregister_timeout);
  state.deadlines.add({agent.deadline, DeadlineKind::agent, agent.handle.value});
  state.allocation.agent_changed(agent);
  note(state, Severity::info, "agent_disconnected",
       {{"agent", agent.info.id.value}, {"reason", std::string(reason)}});
  const std::string words = "agent " + agent.info.id.value + " is disconnected";
  while (OfferRecord* offer = agent.offers.front()) rescind_offer(state, *offer, words);
}

void agent_deadline(State& state, Agent& agent) {
  give_up_agent(
      state, agent,
      "did not come back within " + to_text(state.configuration.agent_reregister_timeout));
}

void persist_agent(State& state, const Agent& agent) {
  DurableAgent record;
  record.info = agent.info;
  record.since = agent.registered_at;
  record.active = !agent.deactivated;
  record.drain = agent.drain;
  persist(state, agent.info.id.value, record);
}

void persist_unreachable(State& state, const UnreachableAgent& agent) {
  DurableAgent record;
  record.info = agent.info;
  record.standing = AgentStanding::unreachable;
  record.since = agent.since;
  record.active = !agent.deactivated;
  record.drain = agent.drain;
  persist(state, agent.info.id.value, record);
}

void forget_agents(State& state, const std::vector<AgentId>& ids) {
  for (const AgentId& id : ids) forget_durable<DurableAgent>(state, id.value);
}

void refuse_report(State& state, const Agent& agent, std::string_view report,
                   const std::string& problem) {
  ++state.counters.requests_refused;
  note(state, Severity::debug, "report_refused",
       {{"agent", agent.info.id.value}, {"report", std::string(report)}, {"problem", problem}});
}

Resources free_resources(const Agent& agent) {
  Resources free = agent.info.resources;
  free -= agent.offered;
  free -= agent.used;
  return free;
}

// ---- the end
// -------------------------------------------------------------------------------------

namespace {

void tell_all_of_loss(State& state, const AgentId& id, const std::string& reason) {
  state.frameworks.for_each([&](Framework& framework) {
    send_to_framework(state, framework, AgentLost{id, reason});
  });
}

}  // namespace

void remove_agent(State& state, Agent& agent, AgentEnding ending, const std::string& reason) {
  if (Peer* peer = state.peers.find(agent.peer)) {
    peer->agent = nullptr;
    state.peers.cut(*peer);
  }
  agent.peer = {};
  const bool may_return = ending == AgentEnding::unreachable;
  const std::string words =
      "agent " + agent.info.id.value + (may_return ? " is lost: " : " is gone: ") + reason;
  while (OfferRecord* offer = agent.offers.front()) rescind_offer(state, *offer, words);
  while (Task* task = agent.tasks.front()) end_task_with_agent(state, *task, ending, words);
  for (const auto& [key, executor] : agent.executors) {
    Framework* framework = state.frameworks.find(key.first);
    MESOLITE_CHECK(framework != nullptr, "an executor belongs to a framework");
    framework->executor_agents.erase(agent.handle);
  }
  state.allocation.agent_removed(agent);
  const AgentId id = agent.info.id;
  ++state.counters.agent_removals;
  state.agents.remove(agent);
  tell_all_of_loss(state, id, reason);
}

// Written down before anybody is told: a framework that has heard of it shall hear the same of the
// next master.
void lose_agent(State& state, Agent& agent, std::string_view reason) {
  note(state, Severity::info, "agent_lost",
       {{"agent", agent.info.id.value},
        {"hostname", agent.info.hostname},
        {"reason", std::string(reason)},
        {"tasks", std::to_string(agent.tasks.size())}});
  ++state.counters.agents_lost;
  std::vector<AgentId> forgotten;
  UnreachableAgent& lost = state.agents.remember_unreachable(agent.info, state.now, forgotten);
  lost.deactivated = agent.deactivated;
  lost.drain = agent.drain;
  forget_agents(state, forgotten);
  persist_unreachable(state, lost);
  remove_agent(state, agent, AgentEnding::unreachable, std::string(reason));
}

void give_up_agent(State& state, Agent& agent, std::string_view reason) {
  ++state.counters.agents_given_up;
  Removals& removals = state.agents.removals;
  if (removals.admit(state.now)) return lose_agent(state, agent, reason);
  note(state, Severity::warning, "agent_removal_delayed",
       {{"agent", agent.info.id.value}, {"reason", std::string(reason)}});
  agent.given_up = reason;
  agent.deadline = Time(Duration::max());
  const bool first = !removals.waiting();
  removals.add(agent.handle);
  if (first) state.deadlines.add({*removals.next(), DeadlineKind::removal, 0});
}

void remove_waiting_agents(State& state) {
  Removals& removals = state.agents.removals;
  while (removals.waiting() && *removals.next() <= state.now) {
    Agent* agent = state.agents.find(removals.front());
    if (agent == nullptr || agent->given_up.empty()) {
      removals.skip();  // it came back, or ended
      continue;
    }
    removals.take(state.now);
    lose_agent(state, *agent, std::string(agent->given_up));
  }
  if (removals.waiting()) state.deadlines.add({*removals.next(), DeadlineKind::removal, 0});
}

void unregister_agent(State& state, Agent& agent) {
  note(state, Severity::info, "agent_unregistered",
       {{"agent", agent.info.id.value}, {"tasks", std::to_string(agent.tasks.size())}});
  forget_agents(state, {agent.info.id});
  remove_agent(state, agent, AgentEnding::gone, "it was shut down");
}

void replace_agent(State& state, Agent& agent) {
  note(state, Severity::info, "agent_replaced",
       {{"agent", agent.info.id.value}, {"tasks", std::to_string(agent.tasks.size())}});
  forget_agents(state, {agent.info.id});
  remove_agent(state, agent, AgentEnding::gone, "it was started anew under another id");
}

// ---- executors
// -----------------------------------------------------------------------------------

void add_executor(Agent& agent, Framework& framework, const ExecutorId& id, Executor executor) {
  agent.used += executor.resources;
  const auto [entry, added] =
      agent.executors.try_emplace(ExecutorKey(framework.handle, id), std::move(executor));
  MESOLITE_CHECK(added, "an executor is charged once per agent");
  ++framework.executor_agents[agent.handle];
}

bool remove_executor(State& state, Agent& agent, Framework& framework, const ExecutorId& id) {
  const auto found = agent.executors.find(ExecutorKey(framework.handle, id));
  if (found == agent.executors.end()) return false;
  Executor executor = std::move(found->second);
  agent.executors.erase(found);
  const auto count = framework.executor_agents.find(agent.handle);
  if (--count->second == 0) framework.executor_agents.erase(count);
  agent.used -= executor.resources;
  if (agent.drain) drain_progressed(state, agent);
  state.allocation.released(
      {framework.handle, executor.role, agent.handle, std::move(executor.resources)});
  return true;
}

void executor_exited(State& state, Agent& agent, const ExecutorExited& exited) {
  Framework* framework = state.frameworks.find(exited.framework_id);
  if (framework == nullptr) {
    return refuse_report(state, agent, "ExecutorExited",
                         "framework_id: '" + exited.framework_id.value + "' names no framework");
  }
  if (!remove_executor(state, agent, *framework, exited.executor_id)) {
    return refuse_report(state, agent, "ExecutorExited",
                         "executor_id: '" + exited.executor_id.value + "' does not run there");
  }
  send_to_framework(
      state, *framework,
      ExecutorLost{agent.info.id, exited.executor_id, exited.exit_status, exited.reason});
}

}  // namespace mesolite::master
