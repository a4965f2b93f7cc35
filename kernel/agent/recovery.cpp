#include "kernel/agent/recovery.hpp"

#include <algorithm>
#include <utility>

#include "kernel/agent/checkpoints.hpp"
#include "kernel/agent/containers.hpp"
#include "kernel/agent/ending.hpp"
#include "kernel/agent/executors.hpp"
#include "kernel/agent/frameworks.hpp"
#include "kernel/agent/groups.hpp"
#include "kernel/agent/tasks.hpp"
#include "kernel/agent/updates.hpp"
#include "mesolite/base/reservations.hpp"

namespace mesolite::agent {
namespace {

// ---- who it is ----------------------------------------------------------------------------------

void restore_agent(State& state, DurableAgent record) {
  state.info.id = std::move(record.info.id);
  state.link.master = std::move(record.master);
  state.link.registered_before = true;
  auto resources =
      with_made(as_started(state.info.resources), made_at_run_time(record.info.resources));
  if (resources) {
    state.info.resources = std::move(*resources);
  } else {
    note(state, Severity::error, "resources_refused", {{"problem", resources.error().message}});
  }
}

// ---- what it has --------------------------------------------------------------------------------

Task& restore_task_record(State& state, Framework& framework, Durable::Task& record) {
  auto made = std::make_unique<Task>();
  Task& task = *made;
  task.framework = &framework;
  task.number = record.task.number;
  task.arrived_at = record.task.arrived_at;
  task.launch = std::move(record.task.launch);
  task.role = std::move(record.task.role);
  task.recorded = true;
  DurableUpdates& updates = record.updates;
  task.state = updates.state;
  task.healthy = updates.healthy;
  task.ending = updates.ending;
  task.kill_asked = updates.kill_asked;
  task.kill_policy = updates.kill_policy;
  task.update_last = updates.update_last;
  task.updates.assign(std::make_move_iterator(updates.pending.begin()),
                      std::make_move_iterator(updates.pending.end()));
  if (!is_terminal(task.state)) {
    ++state.tasks_live;
    task.group = record.task.group;
    if (task.group != 0) framework.groups[task.group].insert(task.launch.id);
  }
  state.task_last = std::max(state.task_last, task.number);
  state.group_last = std::max(state.group_last, record.task.group);
  return *framework.tasks.emplace(task.launch.id, std::move(made)).first->second;
}

// Fails with why nothing of it can run.
Status restore_run(State& state, Task& task, const DurableTask& record) {
  if (!task.is_command()) {
    Executor* executor = find_executor(*task.framework, task.launch.executor_id);
    if (executor == nullptr || executor->container->context.id != record.container) {
      return failure("its executor was not found again when the agent was restarted");
    }
    restore_task(state, *executor, task, task.state != TaskState::staging);
    return {};
  }
  if (record.container.empty())
    return failure("the agent was restarted before it could be launched");
  auto info = open_command_task(task);
  if (!info) return tl::unexpected(info.error());
  furnish_command_task(
      state, task, *info,
      restore_container(state, {nullptr, &task}, record.container, record.sandbox));
  task.launch.detail = Bytes();
  return {};
}

struct Lost {
  Task* task = nullptr;
  std::string why;
};

void restore_framework(State& state, const FrameworkId& id, Durable::Framework& record,
                       std::vector<Lost>& lost) {
  Framework& framework = ensure_framework(state, id);
  framework.info = std::move(record.framework.info);
  framework.gone = record.framework.gone;
  framework.recorded = true;
  for (const auto& [executor_id, executor] : record.executors) {
    restore_executor(state, framework, executor);
  }
  std::vector<Durable::Task*> tasks;
  for (auto& [task_id, task] : record.tasks) tasks.push_back(&task);
  std::sort(tasks.begin(), tasks.end(),
            [](const auto* a, const auto* b) { return a->task.number < b->task.number; });
  for (Durable::Task* each : tasks) {
    Task& task = restore_task_record(state, framework, *each);
    if (is_terminal(task.state)) {
      if (each->task.container.empty()) continue;
      task.sandbox = std::make_shared<Sandbox>(
          Sandbox{each->task.container, each->task.sandbox, true, framework.info.principal});
    } else if (const Status restored = restore_run(state, task, each->task); !restored) {
      lost.push_back({&task, restored.error().message});
    }
  }
}

// ---- what goes on -------------------------------------------------------------------------------

void recover_containers(State& state) {
  RecoverContainers output;
  for (const auto& [id, container] : state.containers) output.known.push_back(container->context);
  std::sort(output.known.begin(), output.known.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  if (!output.known.empty()) watch_usage(state);
  emit(state, std::move(output));
}

void continue_shutdowns(State& state, Framework& framework, const Durable::Framework& record) {
  for (const auto& [id, executor] : record.executors) {
    if (!executor.tasks_end) continue;
    const DurableEnd& end = *executor.tasks_end;
    Executor& found = *find_executor(framework, id);
    shutdown_executor(state, found, shutdown_grace(state, found),
                      {end.state, end.reason, end.message});
  }
}

// What the earlier agent had begun to end, and ends that it could not say any more.
void continue_endings(State& state, Framework& framework) {
  if (framework.gone) return end_framework(state, framework);
  for (Task* task : in_order(framework)) {
    if (is_terminal(task->state) && task->updates.empty()) {
      forget_task(state, *task);  // acknowledged, and only half forgotten
    } else if (task->container != nullptr && task->ending != Ending::none) {
      terminate(state, *task->container, task->own_kill_policy.grace_period);
    }
  }
}

void end_lost(State& state, const Lost& lost) {
  note(state, Severity::warning, "task_not_recovered",
       {{"framework", lost.task->framework->info.id.value},
        {"task", lost.task->launch.id.value},
        {"reason", lost.why}});
  end_task(
      state, *lost.task,
      make_status(state, *lost.task, TaskState::failed, UpdateReason::agent_restarted, lost.why));
}

void take_up(State& state, Durable& durable) {
  std::vector<Lost> lost;
  for (auto& [id, record] : durable.frameworks) restore_framework(state, id, record, lost);
  recover_containers(state);
  // Each ends for a reason of its own, and none because another of its group did.
  for (const Lost& each : lost) {
    const auto group = each.task->framework->groups.find(each.task->group);
    if (group != each.task->framework->groups.end()) group->second.erase(each.task->launch.id);
  }
  for (const Lost& each : lost) end_lost(state, each);
  for (const auto& [id, record] : durable.frameworks) {
    if (Framework* framework = find_framework(state, id)) {
      continue_shutdowns(state, *framework, record);
    }
    if (Framework* framework = find_framework(state, id)) {
      continue_endings(state, *framework);
    }
    if (Framework* framework = find_framework(state, id)) {
      forget_framework_if_idle(state, *framework);
    }
  }
  if (!durable.agent) return;
  note(state, Severity::info, "agent_recovered",
       {{"agent", state.info.id.value},
        {"tasks", std::to_string(state.tasks_live)},
        {"executors", std::to_string(state.executors_live)}});
}

// Everything is to end, and this agent has nothing to do with it.
void disown(State& state, const Durable& durable) {
  discard_all(state);
  RecoverContainers output;
  for (const auto& [id, framework] : durable.frameworks) {
    for (const auto& [executor_id, executor] : framework.executors) {
      output.orphans.push_back(executor.container);
    }
    for (const auto& [task_id, task] : framework.tasks) {
      if (task.task.launch.executor_id.empty() && !task.task.container.empty()) {
        output.orphans.push_back(task.task.container);
      }
    }
  }
  emit(state, std::move(output));
}

}  // namespace

void recover(State& state, Durable durable, RecoveryMode mode) {
  if (mode == RecoveryMode::as_new) return disown(state, durable);
  if (durable.agent) restore_agent(state, std::move(*durable.agent));
  take_up(state, durable);
  if (mode == RecoveryMode::cleanup)
    begin_ending(state, "--recover=cleanup", Farewell::until_later);
}

}  // namespace mesolite::agent
