#include "kernel/master/tasks.hpp"

#include <algorithm>

#include "kernel/master/agent_operations.hpp"
#include "kernel/master/state.hpp"
#include "kernel/master/validation.hpp"

namespace mesolite::master {

namespace {

void record_status(Task& task, const TaskStatus& status) {
  if (task.statuses.size() == statuses_max) task.statuses.erase(task.statuses.begin());
  task.statuses.push_back({status.state, status.source, status.reason, status.healthy,
                           status.timestamp, status.message});
}

void set_state(State& state, Task& task, TaskState next) {
  if (is_terminal(task.state) || next == TaskState::unknown) return;
  task.state = next;
  if (!is_terminal(next)) return;
  ++state.counters.tasks_ended[static_cast<std::size_t>(next)];
  task.agent->used -= task.resources;
  if (task.agent->drain) drain_progressed(state, *task.agent);
  state.allocation.released(
      {task.framework->handle, task.role, task.agent->handle, task.resources});
}

// Ids are unique within a framework, orphans of all lie together.
auto find_orphan(const Agent& agent, const Framework& framework, const TaskId& id) {
  auto [orphan, last] = agent.orphans.equal_range(id);
  while (orphan != last && orphan->second->framework != &framework) ++orphan;
  return orphan == last ? agent.orphans.end() : orphan;
}

// Takes a terminal task off the books; its framework remembers it for people.
void complete_task(State& state, Task& task) {
  MESOLITE_CHECK(is_terminal(task.state), "only a task that holds nothing is forgotten");
  Framework& framework = *task.framework;
  Agent& agent = *task.agent;
  agent.tasks.remove(task);
  if (agent.drain) drain_progressed(state, agent);
  task.agent = nullptr;
  if (task.orphan) {
    framework.orphans.remove(task);
    agent.orphans.erase(find_orphan(agent, framework, task.id));
    return;
  }
  framework.task_order.remove(task);
  auto node = framework.tasks.extract(framework.tasks.find(task.id));
  if (framework.unreachable_tasks.contains(task.id)) return;  // it is not over
  framework.completed_tasks.push_back({std::move(node.value()), agent.info.id});
  if (framework.completed_tasks.size() > state.configuration.completed_tasks_per_framework_max) {
    framework.completed_tasks.pop_front();
  }
}

std::unique_ptr<Task> make_task(Framework& framework, Agent& agent, TaskLaunch launch,
                                RoleHandle role) {
  auto task = std::make_unique<Task>();
  task->id = std::move(launch.id);
  task->name = std::move(launch.name);
  task->executor_id = std::move(launch.executor_id);
  task->framework = &framework;
  task->agent = &agent;
  task->role = role;
  task->resources = std::move(launch.resources);
  if (!launch.notes.empty()) task->notes = std::make_unique<const Bytes>(std::move(launch.notes));
  agent.tasks.push_back(*task);
  return task;
}

}  // namespace

Task& add_task(Framework& framework, Agent& agent, TaskLaunch launch, RoleHandle role,
               TaskState task_state) {
  std::unique_ptr<Task> made = make_task(framework, agent, std::move(launch), role);
  Task& task = *made;
  task.state = task_state;
  // An end counts as told only when its update has come: older ones may still be on their way, and
  // no framework shall hear that what has ended runs.
  task.update_state = is_terminal(task_state) ? TaskState::running : task_state;
  if (!is_terminal(task_state)) agent.used += task.resources;
  framework.task_order.push_back(task);
  const bool added = framework.tasks.insert(std::move(made)).second;
  MESOLITE_CHECK(added, "a task id names one task of its framework");
  return task;
}

Task& add_orphan(State& state, Framework& framework, Agent& agent, TaskLaunch launch,
                 RoleHandle role) {
  note(state, Severity::warning, "task_orphaned",
       {{"framework", framework.info.id.value},
        {"task", launch.id.value},
        {"agent", agent.info.id.value}});
  std::unique_ptr<Task> made = make_task(framework, agent, std::move(launch), role);
  Task& task = *made;
  agent.orphans.emplace(task.id, std::move(made));
  task.orphan = true;
  task.state = TaskState::killing;
  agent.used += task.resources;
  framework.orphans.push_back(task);
  return task;
}

void end_was_told(Task& task) {
  MESOLITE_CHECK(is_terminal(task.state), "only what has ended has an end");
  task.end_told = true;
  task.update_state = task.state;
}

Task* find_task(const Framework& framework, const TaskId& id) {
  const auto found = framework.tasks.find(id);
  return found == framework.tasks.end() ? nullptr : found->get();
}

Task* find_task_on(const Agent& agent, const Framework& framework, const TaskId& id) {
  Task* task = find_task(framework, id);
  if (task != nullptr && task->agent == &agent) return task;
  const auto orphan = find_orphan(agent, framework, id);
  return orphan == agent.orphans.end() ? nullptr : orphan->second.get();
}

// ---- updates of our own
// --------------------------------------------------------------------------

TaskState for_framework(const Framework& framework, TaskState state) {
  if (framework.partition_aware()) return state;
  switch (state) {
    case TaskState::unknown:
    case TaskState::dropped:
    case TaskState::unreachable:
    case TaskState::gone:
    case TaskState::gone_by_operator:
      return TaskState::lost;
    default:
      return state;
  }
}

TaskStatus master_status(const State& state, TaskId task, AgentId agent, StatusWords words) {
  TaskStatus status;
  status.task_id = std::move(task);
  status.agent_id = std::move(agent);
  status.state = words.state;
  status.reason = words.reason;
  status.message = std::move(words.message);
  status.source = UpdateSource::master;
  status.timestamp = state.now;
  return status;
}

void send_status(State& state, const Framework& framework, TaskStatus status) {
  constexpr std::size_t data_bytes_gathered_max = 16u << 10;
  Peer* peer = state.peers.find(framework.peer);
  if (peer == nullptr) return;
  const bool small = status.data.size() <= data_bytes_gathered_max;
  const auto fits = [&](const Updates& last) {
    return small && last.updates.size() < gathered_items_max;
  };
  state.peers.gather<Updates>(*peer, fits).updates.push_back(std::move(status));
}

// ---- ends
// ----------------------------------------------------------------------------------------

namespace {

void end_task(State& state, Task& task, StatusWords words) {
  // A task that had ended before is told of once more: its last update may never have arrived.
  if (is_terminal(task.state)) words = {task.state, UpdateReason::reconciliation, words.message};
  TaskStatus status = master_status(state, task.id, task.agent->info.id, std::move(words));
  status.executor_id = task.executor_id;
  if (!task.orphan) {
    record_status(task, status);
    send_status(state, *task.framework, status);
  }
  set_state(state, task, is_terminal(status.state) ? status.state : TaskState::lost);
  complete_task(state, task);
}

void remember_unreachable(State& state, const Task& task) {
  Framework& framework = *task.framework;
  const AgentId& agent = task.agent->info.id;
  if (framework.unreachable_tasks.size() >= state.configuration.tasks_per_framework_max) return;
  framework.unreachable_tasks[task.id] = {task.name, agent, task.executor_id, task.role,
                                          task.resources};
  state.agents.find_unreachable(agent)->tasks.emplace_back(framework.handle, task.id);
}

}  // namespace

namespace {

TaskState state_after(AgentEnding ending) {
  switch (ending) {
    case AgentEnding::unreachable:
      return TaskState::unreachable;
    case AgentEnding::gone:
      return TaskState::gone;
    case AgentEnding::gone_by_operator:
      return TaskState::gone_by_operator;
  }
  return TaskState::unknown;
}

}  // namespace

void end_unreachable_tasks(State& state, const AgentId& agent, const UnreachableAgent& lost,
                           AgentEnding ending) {
  const TaskState end = state_after(ending);
  const bool declared = ending == AgentEnding::gone_by_operator;
  const UpdateReason reason =
      declared ? UpdateReason::agent_removed : UpdateReason::agent_restarted;
  const std::string words =
      declared ? "its agent was declared gone" : "the agent came back without this task";
  for (const auto& [handle, id] : lost.tasks) {
    Framework* framework = state.frameworks.find(handle);
    if (framework == nullptr) continue;
    const auto task = framework->unreachable_tasks.find(id);
    const bool there = task != framework->unreachable_tasks.end() && task->second.agent_id == agent;
    if (!there) continue;
    framework->unreachable_tasks.erase(task);
    ++state.counters.tasks_ended[static_cast<std::size_t>(end)];
    send_status(state, *framework, master_status(state, id, agent, {end, reason, words}));
  }
}

void end_task_with_agent(State& state, Task& task, AgentEnding ending, const std::string& words) {
  const TaskState told = for_framework(*task.framework, state_after(ending));
  if (told == TaskState::unreachable && !is_terminal(task.state) && !task.orphan) {
    remember_unreachable(state, task);
  }
  end_task(state, task, {told, UpdateReason::agent_removed, words});
}

void end_task_with_framework(State& state, Task& task) {
  set_state(state, task, TaskState::killed);
  complete_task(state, task);
}

void task_reported(State& state, Task& task, TaskState task_state) {
  set_state(state, task, task_state);
}

void end_task_not_reported(State& state, Task& task) {
  const bool started = task.update_state != TaskState::staging;
  const TaskState told =
      for_framework(*task.framework, started ? TaskState::gone : TaskState::dropped);
  end_task(state, task,
           {told, UpdateReason::agent_restarted, "the agent came back without this task"});
}

void end_task_not_sent(State& state, Task& task, const std::string& reason) {
  end_task(state, task, {TaskState::error, UpdateReason::task_invalid, reason});
}

// ---- updates of agents
// ---------------------------------------------------------------------------

namespace {

// On behalf of a framework that is not to hear of it: the agent shall not repeat it.
void acknowledge_to(State& state, const Agent& agent, const FrameworkId& framework,
                    const TaskId& task, UpdateId update) {
  Peer* peer = state.peers.find(agent.peer);
  if (peer == nullptr || update.empty()) return;
  const auto fits = [](const AcknowledgeUpdates& last) {
    return last.updates.size() < gathered_items_max;
  };
  state.peers.gather<AcknowledgeUpdates>(*peer, fits).updates.push_back({framework, task, update});
}

void update_task(State& state, Task& task, const AgentUpdate& update) {
  const TaskStatus& status = update.status;
  const bool repeated = !status.update_id.empty() && task.update_id == status.update_id;
  if (!repeated) record_status(task, status);
  task.update_id = status.update_id;
  task.update_state = status.state;
  const bool newer_known = update.latest_state != TaskState::unknown;
  set_state(state, task, newer_known ? update.latest_state : status.state);
}

// An update of a task that is on no book. What ended is passed on, since the framework may still
// wait for it; what runs has no business to.
void update_unknown_task(State& state, Agent& agent, Framework& framework, AgentUpdate update) {
  if (is_terminal(update.status.state)) {
    return send_status(state, framework, std::move(update.status));
  }
  note(state, Severity::warning, "task_unknown",
       {{"framework", framework.info.id.value},
        {"task", update.status.task_id.value},
        {"agent", agent.info.id.value},
        {"state", std::string(to_text(update.status.state))}});
  acknowledge_to(state, agent, framework.info.id, update.status.task_id, update.status.update_id);
  send_to_agent(state, agent, KillAgentTask{framework.info.id, update.status.task_id, {}});
}

// What ends because its agent is drained shall say so.
void blame_drain(TaskStatus& status) {
  const bool killed = status.state == TaskState::killed || status.state == TaskState::killing;
  const bool plain = status.reason == UpdateReason::none ||
                     status.reason == UpdateReason::task_kill_requested ||
                     status.reason == UpdateReason::executor_terminated;
  if (killed && plain) status.reason = UpdateReason::agent_draining;
}

void agent_update(State& state, Agent& agent, AgentUpdate update) {
  TaskStatus& status = update.status;
  status.agent_id = agent.info.id;
  if (const std::string problem = invalid(update); !problem.empty()) {
    refuse_report(state, agent, "AgentUpdates", problem);
    return acknowledge_to(state, agent, update.framework_id, status.task_id, status.update_id);
  }
  Framework* framework = state.frameworks.find(update.framework_id);
  if (framework == nullptr) {
    refuse_report(state, agent, "AgentUpdates",
                  "framework_id: '" + update.framework_id.value + "' names no framework");
    acknowledge_to(state, agent, update.framework_id, status.task_id, status.update_id);
    if (!is_terminal(status.state)) {
      send_to_agent(state, agent, ShutdownFramework{update.framework_id});
    }
    return;
  }
  Task* task = find_task_on(agent, *framework, status.task_id);
  if (task == nullptr) {
    return update_unknown_task(state, agent, *framework, std::move(update));
  }
  status.state = for_framework(*framework, status.state);
  if (task->end_told && !is_terminal(status.state)) {
    return acknowledge_to(state, agent, update.framework_id, status.task_id, status.update_id);
  }
  if (agent.drain) blame_drain(status);
  update_task(state, *task, update);
  if (task->orphan) {
    acknowledge_to(state, agent, update.framework_id, status.task_id, status.update_id);
    if (is_terminal(task->state)) complete_task(state, *task);
    return;
  }
  // Without an id it is never acknowledged: it is as good as acknowledged.
  const bool over = status.update_id.empty() && is_terminal(status.state);
  send_status(state, *framework, std::move(status));
  if (over) complete_task(state, *task);
}

}  // namespace

void agent_updates(State& state, Agent& agent, AgentUpdates request) {
  for (AgentUpdate& update : request.updates) agent_update(state, agent, std::move(update));
}

void acknowledge_updates(State& state, Framework& framework, Acknowledge request) {
  for (Acknowledgement& update : request.updates) {
    const Agent* agent = state.agents.find(update.agent_id);
    // An agent that is away sends the update again when it is back.
    if (agent == nullptr || !agent->connected()) continue;
    acknowledge_to(state, *agent, framework.info.id, update.task_id, update.update_id);
    Task* task = find_task(framework, update.task_id);
    if (task == nullptr || task->agent != agent || update.update_id.empty()) continue;
    const bool over = is_terminal(task->update_state) && task->update_id == update.update_id;
    if (over) complete_task(state, *task);
  }
}

// ---- kill and reconcile
// --------------------------------------------------------------------------

namespace {

std::string unknown_task_words(const AgentId& agent) {
  return agent.empty() ? "no such task" : "no such task on agent " + agent.value;
}

// After this master's start, an agent or framework of an earlier one may have tasks that it has yet
// to report; until they have had time to, nothing is known and nothing is answered.
bool may_be_reported(const State& state, const Framework& framework, const AgentId& agent) {
  if (state.frameworks.gave(framework.info.id)) return false;
  if (agent.empty() && state.agents.recovered_count() > 0) return true;
  if (const Agent* known = state.agents.find(agent)) return known->recovered;
  // Where an earlier master wrote down all of its agents, there are no others.
  const Time end = after(state.started_at, state.configuration.agent_reregister_timeout);
  if (state.now >= end || state.all_written_down) return false;
  return agent.empty() || !state.agents.gave(agent);
}

// The state of a task that a framework asks about; none while it cannot be known.
std::optional<TaskStatus> reconciled(const State& state, const Framework& framework,
                                     const TaskReference& asked) {
  constexpr UpdateReason reason = UpdateReason::reconciliation;
  if (const Task* task = find_task(framework, asked.task_id)) {
    TaskStatus status = master_status(state, task->id, task->agent->info.id,
                                      {task->update_state, reason, "the last known state"});
    status.executor_id = task->executor_id;
    return status;
  }
  const auto unreachable = framework.unreachable_tasks.find(asked.task_id);
  if (unreachable != framework.unreachable_tasks.end()) {
    return master_status(
        state, asked.task_id, unreachable->second.agent_id,
        {TaskState::unreachable, reason, "its agent is out of reach and may come back"});
  }
  const AgentId& agent = asked.agent_id;
  TaskState answer = TaskState::unknown;
  if (state.agents.is_unreachable(agent)) {
    answer = TaskState::unreachable;
  } else if (state.agents.is_gone(agent)) {
    answer = TaskState::gone_by_operator;
  } else if (may_be_reported(state, framework, agent)) {
    return std::nullopt;
  } else if (state.agents.find(agent) != nullptr) {
    answer = TaskState::gone;
  }
  return master_status(state, asked.task_id, agent,
                       {for_framework(framework, answer), reason, unknown_task_words(agent)});
}

void reconcile_one(State& state, const Framework& framework, const TaskReference& asked) {
  std::optional<TaskStatus> status = reconciled(state, framework, asked);
  if (status) send_status(state, framework, std::move(*status));
}

}  // namespace

void kill_task(State& state, Framework& framework, const KillTask& request) {
  if (request.policy && request.policy->grace_period < Duration::zero()) {
    return refuse_request(state, framework, "KillTask", "policy: grace_period: is negative");
  }
  Task* task = find_task(framework, request.task_id);
  if (task == nullptr || is_terminal(task->state)) {
    return reconcile_one(state, framework, {request.task_id, request.agent_id});
  }
  if (!request.agent_id.empty() && request.agent_id != task->agent->info.id) {
    return refuse_request(state, framework, "KillTask",
                          "agent_id: is '" + request.agent_id.value + "', but the task is on " +
                              task->agent->info.id.value);
  }
  KillAgentTask kill{framework.info.id, request.task_id, request.policy};
  if (task->agent->connected()) return send_to_agent(state, *task->agent, std::move(kill));
  if (std::exchange(task->kill_deferred, true)) return;
  task->agent->kills_deferred.push_back(std::move(kill));
}

void reconcile(State& state, Framework& framework, const Reconcile& request) {
  for (const TaskReference& asked : request.tasks) reconcile_one(state, framework, asked);
  if (!request.tasks.empty()) return;
  for (const Task& task : framework.task_order) {
    if (!is_terminal(task.update_state)) reconcile_one(state, framework, {task.id, {}});
  }
  for (const auto& [id, task] : framework.unreachable_tasks) {
    reconcile_one(state, framework, {id, task.agent_id});
  }
}

}  // namespace mesolite::master
