#include "kernel/master/frameworks.hpp"

#include <algorithm>

#include "kernel/master/state.hpp"
#include "kernel/master/tasks.hpp"

namespace mesolite::master {

Framework* Frameworks::find(const FrameworkId& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

Framework& Frameworks::add(FrameworkId id) {
  if (id.empty()) {
    id = FrameworkId(ids_.give());
  } else {
    ids_.seen(id.value);
  }
  Framework& framework = slots_.add(std::make_unique<Framework>());
  framework.info.id = std::move(id);
  by_id_[framework.info.id] = &framework;
  return framework;
}

void Frameworks::complete(Framework& framework, std::size_t completed_max) {
  by_id_.erase(framework.info.id);
  std::unique_ptr<Framework> record = slots_.take(framework.handle);
  completed_by_id_[record->info.id] = record.get();
  completed_.push_back(std::move(record));
  while (completed_.size() > completed_max) {
    completed_by_id_.erase(completed_.front()->info.id);
    completed_.pop_front();
  }
}

bool Frameworks::is_spent(const FrameworkId& id) const {
  if (find(id) != nullptr) return false;
  return completed_by_id_.contains(id) || ids_.gave(id.value);
}

bool is_spent(const State& state, const FrameworkId& id) {
  if (state.frameworks.is_spent(id)) return true;
  return state.all_written_down && state.frameworks.find(id) == nullptr &&
         given_in_cluster(id.value, state.configuration.info.cluster, 'F');
}

void send_to_framework(State& state, const Framework& framework, Message message) {
  if (!framework.connected()) return;
  Peer* peer = state.peers.find(framework.peer);
  if (peer != nullptr) state.peers.send(*peer, std::move(message));
}

namespace {

// The agents on which something of the framework runs, each once, in the order of their handles.
std::vector<AgentHandle> agents_of(const Framework& framework) {
  std::vector<AgentHandle> handles;
  for (const auto& [handle, count] : framework.executor_agents) handles.push_back(handle);
  for (const Task& task : framework.task_order) handles.push_back(task.agent->handle);
  for (const Task& orphan : framework.orphans) handles.push_back(orphan.agent->handle);
  std::sort(handles.begin(), handles.end());
  handles.erase(std::unique(handles.begin(), handles.end()), handles.end());
  return handles;
}

}  // namespace

void send_to_agents_of(State& state, const Framework& framework, const Message& message) {
  for (const AgentHandle handle : agents_of(framework)) {
    send_to_agent(state, *state.agents.find(handle), message);
  }
}

// ---- the end
// -------------------------------------------------------------------------------------

void framework_disconnected(State& state, Framework& framework, std::string_view reason) {
  framework.peer = {};
  note(state, Severity::info, "framework_disconnected",
       {{"framework", framework.info.id.value}, {"reason", std::string(reason)}});
  while (OfferRecord* offer = framework.offers.front()) return_offer(state, *offer, std::nullopt);
  state.allocation.framework_changed(framework);
  framework.deadline = after(state.now, framework.info.failover_timeout);
  if (framework.deadline <= state.now) return framework_deadline(state, framework);
  persist_framework(state, framework);
  state.deadlines.add({framework.deadline, DeadlineKind::framework, framework.handle.value});
}

void persist_framework(State& state, const Framework& framework) {
  DurableFramework record;
  record.info = framework.info;
  record.registered_at = framework.registered_at;
  if (!framework.connected()) record.deadline = framework.deadline;
  persist(state, framework.info.id.value, record);
}

void framework_deadline(State& state, Framework& framework) {
  remove_framework(state, framework,
                   "its scheduler did not come back within its failover_timeout of " +
                       to_text(framework.info.failover_timeout));
}

namespace {

void remove_executors(State& state, Framework& framework) {
  while (!framework.executor_agents.empty()) {
    Agent& agent = *state.agents.find(framework.executor_agents.begin()->first);
    const auto entry = agent.executors.lower_bound(ExecutorKey(framework.handle, ExecutorId{}));
    const ExecutorId id = entry->first.second;
    remove_executor(state, agent, framework, id);
  }
}

}  // namespace

void remove_framework(State& state, Framework& framework, std::string_view reason) {
  note(state, Severity::info, "framework_removed",
       {{"framework", framework.info.id.value},
        {"reason", std::string(reason)},
        {"tasks", std::to_string(framework.task_order.size())}});
  ++state.counters.frameworks_removed;
  if (Peer* peer = state.peers.find(framework.peer)) peer->framework = nullptr;
  framework.peer = {};
  while (OfferRecord* offer = framework.offers.front()) return_offer(state, *offer, std::nullopt);
  send_to_agents_of(state, framework, ShutdownFramework{framework.info.id});
  while (Task* task = framework.task_order.front()) end_task_with_framework(state, *task);
  while (Task* orphan = framework.orphans.front()) end_task_with_framework(state, *orphan);
  remove_executors(state, framework);
  framework.unreachable_tasks.clear();
  forget_durable<DurableFramework>(state, framework.info.id.value);
  framework.unregistered_at = state.now;
  state.allocation.framework_removed(framework);
  state.frameworks.complete(framework, state.configuration.completed_frameworks_max);
}

// ---- suppress and revive
// -------------------------------------------------------------------------

namespace {

bool contains(const std::vector<RoleHandle>& roles, RoleHandle role) {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

// The roles that a request names, all if it names none; a name that is no role of the framework is
// refused.
std::optional<std::vector<RoleHandle>> named_roles(State& state, const Framework& framework,
                                                   std::string_view request,
                                                   const std::vector<std::string>& names) {
  if (names.empty()) return framework.roles;
  std::vector<RoleHandle> handles;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const RoleHandle role = state.roles.find(names[i]);
    if (role.empty() || !contains(framework.roles, role)) {
      refuse_request(
          state, framework, request,
          "roles[" + std::to_string(i) + "]: '" + names[i] + "' is not a role of this framework");
      return std::nullopt;
    }
    if (!contains(handles, role)) handles.push_back(role);
  }
  return handles;
}

}  // namespace

void suppress(State& state, Framework& framework, const Suppress& request) {
  const auto roles = named_roles(state, framework, "Suppress", request.roles);
  if (!roles) return;
  for (const RoleHandle role : *roles) {
    if (!contains(framework.suppressed_roles, role)) framework.suppressed_roles.push_back(role);
  }
  state.allocation.interest({framework.handle, *roles, false});
}

void revive(State& state, Framework& framework, const Revive& request) {
  const auto roles = named_roles(state, framework, "Revive", request.roles);
  if (!roles) return;
  std::erase_if(framework.suppressed_roles,
                [&](RoleHandle role) { return contains(*roles, role); });
  state.allocation.interest({framework.handle, *roles, true});
}

// ---- messages
// ------------------------------------------------------------------------------------

void message_to_executor(State& state, Framework& framework, MessageToExecutor message) {
  const Agent* agent = state.agents.find(message.agent_id);
  if (agent == nullptr || !agent->connected()) {
    return refuse_request(state, framework, "MessageToExecutor",
                          "agent_id: '" + message.agent_id.value + "' is not connected");
  }
  if (!agent->executors.contains(ExecutorKey(framework.handle, message.executor_id))) {
    return refuse_request(state, framework, "MessageToExecutor",
                          "executor_id: '" + message.executor_id.value + "' does not run on " +
                              message.agent_id.value);
  }
  send_to_agent(
      state, *agent,
      ExecutorMessage{framework.info.id, std::move(message.executor_id), std::move(message.data)});
}

void message_to_scheduler(State& state, Agent& agent, ExecutorMessage message) {
  const Framework* framework = state.frameworks.find(message.framework_id);
  if (framework == nullptr) {
    return refuse_report(state, agent, "ExecutorMessage",
                         "framework_id: '" + message.framework_id.value + "' names no framework");
  }
  if (!agent.executors.contains(ExecutorKey(framework->handle, message.executor_id))) {
    return refuse_report(state, agent, "ExecutorMessage",
                         "executor_id: '" + message.executor_id.value + "' does not run there");
  }
  send_to_framework(
      state, *framework,
      MessageFromExecutor{agent.info.id, std::move(message.executor_id), std::move(message.data)});
}

void shutdown_executor(State& state, Framework& framework, const ShutdownExecutor& request) {
  const Agent* agent = state.agents.find(request.agent_id);
  if (agent == nullptr || !agent->connected()) {
    return refuse_request(state, framework, "ShutdownExecutor",
                          "agent_id: '" + request.agent_id.value + "' is not connected");
  }
  if (!agent->executors.contains(ExecutorKey(framework.handle, request.executor_id))) {
    return refuse_request(state, framework, "ShutdownExecutor",
                          "executor_id: '" + request.executor_id.value + "' does not run on " +
                              request.agent_id.value);
  }
  send_to_agent(state, *agent, ShutdownFrameworkExecutor{framework.info.id, request.executor_id});
}

}  // namespace mesolite::master
