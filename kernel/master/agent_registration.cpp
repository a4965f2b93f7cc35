// How an agent comes in: for the first time, or back with what has gone on running there.
#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_set>

#include "kernel/master/access.hpp"
#include "kernel/master/agent_operations.hpp"
#include "kernel/master/reservations.hpp"
#include "kernel/master/state.hpp"
#include "kernel/master/tasks.hpp"
#include "kernel/master/validation.hpp"
#include "mesolite/base/reservations.hpp"

namespace mesolite::master {

namespace {

void answer(State& state, Peer& peer, const Agent& agent) {
  const Configuration& settings = state.configuration;
  AgentRegistered registered;
  registered.agent_id = agent.info.id;
  registered.master = settings.info;
  registered.ping_timeout = settings.agent_ping_timeout * settings.agent_ping_timeouts_max;
  state.peers.send(peer, std::move(registered));
}

void leave_connection(State& state, Agent& agent) {
  Peer& old = *state.peers.find(agent.peer);
  old.agent = nullptr;
  state.peers.cut(old);
  agent_disconnected(state, agent, "it came back on another connection");
}

void connect(State& state, Peer& peer, Agent& agent) {
  peer.agent = &agent;
  agent.peer = peer.id;
  agent.principal = proven_principal(peer);
  agent.deadline = {};
  agent.given_up.clear();
  state.allocation.agent_changed(agent);
}

// ---- what runs there
// -----------------------------------------------------------------------------

class Return {
 public:
  Return(State& state, Agent& agent, bool was_unreachable)
      : state_(state), agent_(agent), was_unreachable_(was_unreachable) {}

  void take_in(RegisterAgent& request) {
    for (FrameworkInfo& info : request.frameworks) ensure_framework(std::move(info));
    end_unreported_tasks(request.tasks);
    end_unreported_executors(request.executors);
    for (RunningExecutor& executor : request.executors) take_in(executor);
    for (RunningTask& task : request.tasks) take_in(task);
  }

 private:
  // The framework of something that runs there; null if it has ended, which the agent is told.
  Framework* ensure_framework(FrameworkInfo info) {
    if (Framework* framework = state_.frameworks.find(info.id)) return framework;
    if (is_spent(state_, info.id)) {
      if (shut_down_.insert(info.id).second) {
        send_to_agent(state_, agent_, ShutdownFramework{info.id});
      }
      return nullptr;
    }
    return &recover_framework(state_, std::move(info));
  }

  Framework* framework_of(const FrameworkId& id, const std::string& role) {
    FrameworkInfo info;  // all that is known if the agent did not say more
    info.id = id;
    info.roles = {role};
    return ensure_framework(std::move(info));
  }

  void end_unreported_tasks(const std::vector<RunningTask>& reported) {
    using Key = std::pair<std::string_view, std::string_view>;
    std::set<Key> keys;
    for (const RunningTask& task : reported) {
      keys.insert({task.framework_id.value, task.launch.id.value});
    }
    std::vector<Task*> missing;
    for (Task& task : agent_.tasks) {
      if (!keys.contains({task.framework->info.id.value, task.id.value})) {
        missing.push_back(&task);
      }
    }
    for (Task* task : missing) end_task_not_reported(state_, *task);
  }

  void end_unreported_executors(const std::vector<RunningExecutor>& reported) {
    std::set<ExecutorKey> keys;
    for (const RunningExecutor& executor : reported) {
      const Framework* framework = state_.frameworks.find(executor.framework_id);
      if (framework != nullptr) keys.insert({framework->handle, executor.launch.id});
    }
    std::vector<ExecutorKey> missing;
    for (const auto& [key, executor] : agent_.executors) {
      if (!keys.contains(key)) missing.push_back(key);
    }
    for (const ExecutorKey& key : missing) {
      Framework& framework = *state_.frameworks.find(key.first);
      remove_executor(state_, agent_, framework, key.second);
      send_to_framework(
          state_, framework,
          ExecutorLost{agent_.info.id, key.second, 0, "the agent came back without this executor"});
    }
  }

  void take_in(RunningExecutor& executor) {
    Framework* framework = framework_of(executor.framework_id, executor.role);
    if (framework == nullptr) return;
    if (agent_.executors.contains(ExecutorKey(framework->handle, executor.launch.id))) return;
    const RoleHandle role = ensure_role(state_, executor.role);
    state_.allocation.held({framework->handle, role, agent_.handle, executor.launch.resources});
    add_executor(agent_, *framework, executor.launch.id,
                 {role, std::move(executor.launch.resources)});
  }

  void take_in(RunningTask& task) {
    Framework* framework = framework_of(task.framework_id, task.role);
    if (framework == nullptr) return;
    if (Task* known = find_task_on(agent_, *framework, task.launch.id)) {
      known->kill_deferred = false;
      task_reported(state_, *known, task.state);
      if (known->orphan) kill(*framework, task.launch.id);
      return;  // its updates follow
    }
    const RoleHandle role = ensure_role(state_, task.role);
    if (!is_terminal(task.state)) {
      state_.allocation.held({framework->handle, role, agent_.handle, task.launch.resources});
    }
    const bool told_lost = was_unreachable_ && !framework->partition_aware();
    const bool id_taken = find_task(*framework, task.launch.id) != nullptr;
    if (id_taken || (told_lost && !is_terminal(task.state))) {
      return take_in_orphan(*framework, task, role);
    }
    Task& added = add_task(*framework, agent_, std::move(task.launch), role, task.state);
    const bool was_missed = framework->unreachable_tasks.erase(added.id) > 0;
    // The framework was told of an end when the agent was given up: this one, or LOST.
    if (was_unreachable_ && !was_missed && is_terminal(added.state)) end_was_told(added);
    if (was_missed && !is_terminal(added.state)) tell_of_return(added);
  }

  void take_in_orphan(Framework& framework, RunningTask& task, RoleHandle role) {
    if (is_terminal(task.state)) return;
    const TaskId id = task.launch.id;
    add_orphan(state_, framework, agent_, std::move(task.launch), role);
    kill(framework, id);
  }

  void kill(const Framework& framework, const TaskId& id) {
    send_to_agent(state_, agent_, KillAgentTask{framework.info.id, id, {}});
  }

  void tell_of_return(const Task& task) {
    TaskStatus status =
        master_status(state_, task.id, agent_.info.id,
                      {task.state, UpdateReason::reconciliation, "its agent is back"});
    status.executor_id = task.executor_id;
    send_status(state_, *task.framework, std::move(status));
  }

  State& state_;
  Agent& agent_;
  const bool was_unreachable_;
  std::unordered_set<FrameworkId> shut_down_;  // told once each
};

void send_deferred_kills(State& state, Agent& agent) {
  for (KillAgentTask& kill : std::exchange(agent.kills_deferred, {})) {
    const Framework* framework = state.frameworks.find(kill.framework_id);
    if (framework == nullptr) continue;
    const Task* task = find_task_on(agent, *framework, kill.task_id);
    if (task != nullptr && !is_terminal(task->state)) send_to_agent(state, agent, std::move(kill));
  }
}

// ---- the three ways in
// ---------------------------------------------------------------------------

void register_new(State& state, Peer& peer, AgentInfo info) {
  if (Agent* old = state.agents.find_at(info.bus)) replace_agent(state, *old);
  const AgentId lost = state.agents.unreachable_at(info.bus);
  if (const auto old = state.agents.take_unreachable(lost)) {
    forget_agents(state, {lost});
    end_unreachable_tasks(state, lost, *old, AgentEnding::gone);
  }
  Agent& agent = state.agents.add(std::move(info));
  agent.registered_at = state.now;
  ++state.counters.agent_registrations;
  persist_agent(state, agent);
  connect(state, peer, agent);
  answer(state, peer, agent);
  note(state, Severity::info, "agent_registered",
       {{"agent", agent.info.id.value},
        {"hostname", agent.info.hostname},
        {"resources", agent.info.resources.to_text()}});
}

// Why what the agent reports cannot be what this master knows, or "".
std::string contradiction(const State& state, const RegisterAgent& request) {
  const Agent* agent = state.agents.find(request.agent.id);
  if (agent == nullptr) return "";
  const auto differs = [](std::string_view list, std::size_t i, const Resources& now,
                          const Resources& before) {
    return std::string(list) + "[" + std::to_string(i) + "]: launch: resources: are " +
           now.to_text() + ", but were " + before.to_text();
  };
  for (std::size_t i = 0; i < request.tasks.size(); ++i) {
    const RunningTask& task = request.tasks[i];
    const Framework* framework = state.frameworks.find(task.framework_id);
    if (framework == nullptr) continue;
    const Task* known = find_task_on(*agent, *framework, task.launch.id);
    if (known != nullptr && known->resources != task.launch.resources) {
      return differs("tasks", i, task.launch.resources, known->resources);
    }
  }
  for (std::size_t i = 0; i < request.executors.size(); ++i) {
    const RunningExecutor& executor = request.executors[i];
    const Framework* framework = state.frameworks.find(executor.framework_id);
    if (framework == nullptr) continue;
    const auto known = agent->executors.find({framework->handle, executor.launch.id});
    if (known != agent->executors.end() && known->second.resources != executor.launch.resources) {
      return differs("executors", i, executor.launch.resources, known->second.resources);
    }
  }
  return "";
}

std::string limit_reached(const State& state, const RegisterAgent& request) {
  const Configuration& settings = state.configuration;
  if (state.agents.size() >= settings.agents_max &&
      state.agents.find(request.agent.id) == nullptr) {
    return "agent: there are " + std::to_string(settings.agents_max) +
           " agents already, which is the most this master takes";
  }
  std::set<std::string_view> unknown;
  const auto count = [&](const FrameworkId& id) {
    if (state.frameworks.find(id) == nullptr) unknown.insert(id.value);
  };
  for (const FrameworkInfo& framework : request.frameworks) count(framework.id);
  for (const RunningTask& task : request.tasks) count(task.framework_id);
  for (const RunningExecutor& executor : request.executors) count(executor.framework_id);
  if (!unknown.empty() && state.frameworks.size() + unknown.size() > settings.frameworks_max) {
    return "frameworks: are more than the " + std::to_string(settings.frameworks_max) +
           " that this master takes";
  }
  return "";
}

Resources running_on(const RegisterAgent& request) {
  Resources running;
  for (const RunningTask& task : request.tasks) {
    if (!is_terminal(task.state)) running += task.launch.resources;
  }
  for (const RunningExecutor& executor : request.executors) running += executor.launch.resources;
  return running;
}

// What was reserved while the agent could not hear of it, or before it forgot, still holds, unless
// that contradicts what it has and runs now.
void keep_made(State& state, const Agent& agent, RegisterAgent& request) {
  Resources& reported = request.agent.resources;
  Resources kept = reported;
  if (keep_what_was_made(agent, kept) && kept.contains(running_on(request))) {
    reported = std::move(kept);
    return;
  }
  note(state, Severity::warning, "reservations_lost",
       {{"agent", agent.info.id.value},
        {"had", agent.info.resources.to_text()},
        {"has", reported.to_text()}});
}

// The record of an agent that comes back with this, new if there is none.
Agent& ensure_agent(State& state, RegisterAgent& request, std::optional<UnreachableAgent>& lost) {
  Agent* agent = state.agents.find(request.agent.id);
  if (agent == nullptr) {
    agent = &state.agents.add(std::move(request.agent));
    agent->registered_at = state.now;
    if (lost) {
      agent->deactivated = lost->deactivated;
      agent->drain = std::move(lost->drain);
    }
    persist_agent(state, *agent);
    return *agent;
  }
  // It came back before the end of its old connection was noticed: what is offered of it was
  // offered of what it had then.
  if (agent->connected()) leave_connection(state, *agent);
  keep_made(state, *agent, request);
  const bool changed = agent->info != request.agent;
  state.agents.change_info(*agent, std::move(request.agent));
  if (changed) persist_agent(state, *agent);
  return *agent;
}

void register_again(State& state, Peer& peer, RegisterAgent request) {
  auto lost = state.agents.take_unreachable(request.agent.id);
  const Resources made_there = made_at_run_time(request.agent.resources);
  Agent& agent = ensure_agent(state, request, lost);
  agent.reregistered_at = state.now;
  ++state.counters.agent_reregistrations;
  connect(state, peer, agent);
  answer(state, peer, agent);
  if (made_at_run_time(agent.info.resources) != made_there) tell_what_was_made(state, agent);
  Return(state, agent, lost.has_value()).take_in(request);
  state.agents.set_recovered(agent, false);
  if (lost) end_unreachable_tasks(state, agent.info.id, *lost, AgentEnding::gone);
  send_deferred_kills(state, agent);
  note(state, Severity::info, "agent_reregistered",
       {{"agent", agent.info.id.value},
        {"hostname", agent.info.hostname},
        {"tasks", std::to_string(agent.tasks.size())}});
  continue_drain(state, agent);
}

// One that an operator has declared gone is told to end, however often it asks.
void refuse_gone_agent(State& state, Peer& peer, const AgentId& id) {
  const std::string reason = "agent " + id.value + " was declared gone and may not come back";
  state.peers.send(peer, ShutdownAgent{reason});
  refuse_peer(state, peer, "RegisterAgent: agent: id: " + reason);
}

// Of each list, in all parts of a registration.
constexpr std::size_t running_max = 1'000'000;

template <class Item>
void append(std::vector<Item>& items, std::vector<Item> more) {
  items.insert(items.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

// A long registration comes in parts; answers with the whole when the last one has come.
std::optional<RegisterAgent> complete_registration(State& state, Peer& peer,
                                                   RegisterAgent request) {
  if (!peer.registration && !request.more) return request;
  if (!peer.registration) {
    peer.registration = std::make_unique<RegisterAgent>(std::move(request));
    return std::nullopt;
  }
  RegisterAgent& whole = *peer.registration;
  whole.more = request.more;
  append(whole.tasks, std::move(request.tasks));
  append(whole.executors, std::move(request.executors));
  append(whole.frameworks, std::move(request.frameworks));
  const std::size_t longest =
      std::max({whole.tasks.size(), whole.executors.size(), whole.frameworks.size()});
  if (longest > running_max) {
    refuse_peer(state, peer,
                "RegisterAgent: a list has more than " + std::to_string(running_max) + " items");
    return std::nullopt;
  }
  if (whole.more) return std::nullopt;
  return std::move(*std::exchange(peer.registration, nullptr));
}

// Why the peer may not be the agent that it says it is, or "".
std::string denial_of(State& state, const Peer& peer, const AgentInfo& info) {
  const Agent* known = state.agents.find(info.id);
  const std::string_view principal = proven_principal(peer);
  if (known != nullptr && !known->principal.empty() && known->principal != principal) {
    return "agent: id: '" + info.id.value + "' is that of an agent of another principal";
  }
  return refusal(state, peer, authorization::Action::register_agent, info.hostname);
}

void register_whole(State& state, Peer& peer, RegisterAgent request) {
  if (peer.agent != nullptr) return answer(state, peer, *peer.agent);  // it asked twice
  std::string problem = denial_of(state, peer, request.agent);
  if (problem.empty()) problem = invalid(request);
  if (problem.empty()) problem = limit_reached(state, request);
  if (problem.empty()) problem = contradiction(state, request);
  if (!problem.empty()) return refuse_peer(state, peer, "RegisterAgent: " + problem);
  if (state.agents.is_gone(request.agent.id)) {
    return refuse_gone_agent(state, peer, request.agent.id);
  }
  if (request.agent.id.empty()) return register_new(state, peer, std::move(request.agent));
  register_again(state, peer, std::move(request));
}

}  // namespace

void register_agent(State& state, Peer& peer, RegisterAgent request) {
  auto whole = complete_registration(state, peer, std::move(request));
  if (whole) register_whole(state, peer, std::move(*whole));
}

}  // namespace mesolite::master
