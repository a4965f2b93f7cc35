#include "kernel/agent/checks.hpp"

#include <utility>

#include "kernel/agent/tasks.hpp"
#include "kernel/agent/updates.hpp"

namespace mesolite::agent {
namespace {

Status check_check(const char* field, const std::optional<Check>& check) {
  if (!check) return {};
  const std::string where = std::string(field) + ": ";
  switch (check->kind) {
    case CheckKind::unknown:
      return failure(where + "kind: is none of command, http and tcp");
    case CheckKind::command:
      if (check->command.value.empty()) return failure(where + "command: is empty");
      break;
    case CheckKind::http:
    case CheckKind::tcp:
      if (check->port == 0) return failure(where + "port: is 0");
      break;
  }
  if (check->kind == CheckKind::http && !check->path.empty() && !check->path.starts_with('/')) {
    return failure(where + "path: '" + check->path + "' does not begin with a slash");
  }
  if (check->timeout <= Duration(0)) return failure(where + "timeout: is no time at all");
  if (check->interval <= Duration(0)) return failure(where + "interval: is no time at all");
  return {};
}

void set_due(State& state, Task& task, RunningCheck& running, CheckRole role, Duration wait) {
  state.deadlines.set(running.due, after(state.now, wait), CheckDue{&task, role});
}

void tell(State& state, Task& task, std::string message) {
  add_update(
      state, task,
      make_status(state, task, task.state, UpdateReason::check_status_updated, std::move(message)));
}

void health_found(State& state, Task& task, RunningCheck& running, const Checked& outcome) {
  const std::string message = "health check: " + outcome.message;
  if (outcome.passed) {
    running.failures = 0;
    if (task.healthy == true) return;
    task.healthy = true;
    return tell(state, task, message);
  }
  const Check& check = running.check;
  if (!task.healthy && state.now < after(running.since, check.grace_period)) return;
  ++running.failures;
  if (task.healthy != false) {
    task.healthy = false;
    tell(state, task, message);
  }
  if (running.failures < check.consecutive_failures) return;
  task.checks->why = "its health check failed " + std::to_string(running.failures) +
                     " times in a row, the last time: " + outcome.message;
  stop_task(state, task, Ending::health_check_failed, std::nullopt);
}

void state_found(State& state, Task& task, RunningCheck& running, const Checked& outcome) {
  if (running.said == outcome.message) return;
  running.said = outcome.message;
  tell(state, task, "check: " + outcome.message);
}

Task* find_task_in(State& state, const ContainerId& container) {
  const auto found = state.containers.find(container);
  return found == state.containers.end() ? nullptr : found->second->task;
}

}  // namespace

Status check_checks(const TaskInfo& info) {
  if (Status status = check_check("check", info.check); !status) return status;
  return check_check("health_check", info.health_check);
}

void prepare_checks(Task& task, const TaskInfo& info) {
  if (!info.check && !info.health_check) return;
  task.checks = std::make_unique<TaskChecks>();
  if (info.check) task.checks->of[CheckRole::state].check = *info.check;
  if (info.health_check) task.checks->of[CheckRole::health].check = *info.health_check;
}

void begin_checks(State& state, Task& task) {
  if (!task.checks) return;
  for (auto& [role, running] : task.checks->of) {
    running.since = state.now;
    set_due(state, task, running, role, running.check.delay);
  }
}

void check_due(State& state, Task& task, CheckRole role) {
  RunningCheck& running = task.checks->of.at(role);
  state.deadlines.cancel(running.due);
  running.number = ++state.check_last;
  emit(state, RunCheck{task.container->context.id, running.number, running.check});
}

void checked(State& state, const Checked& outcome) {
  Task* task = find_task_in(state, outcome.container);
  if (task == nullptr || !task->checks || task->ending != Ending::none) return;
  for (auto& [role, running] : task->checks->of) {
    if (running.number != outcome.number) continue;
    set_due(state, *task, running, role, running.check.interval);
    // What follows may end the task, and with it the checks.
    return role == CheckRole::health ? health_found(state, *task, running, outcome)
                                     : state_found(state, *task, running, outcome);
  }
}

void drop_checks(State& state, Task& task) {
  if (!task.checks) return;
  for (auto& [role, running] : task.checks->of) state.deadlines.cancel(running.due);
}

}  // namespace mesolite::agent
