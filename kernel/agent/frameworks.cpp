#include "kernel/agent/frameworks.hpp"

#include <utility>

#include "kernel/agent/checkpoints.hpp"
#include "kernel/agent/executors.hpp"
#include "kernel/agent/groups.hpp"
#include "kernel/agent/tasks.hpp"
#include "kernel/agent/updates.hpp"

namespace mesolite::agent {
namespace {

Framework& take_in_framework(State& state, FrameworkInfo info) {
  Framework& framework = ensure_framework(state, info.id);
  if (framework.info == info) return framework;
  framework.info = std::move(info);
  if (framework.recorded) checkpoint_framework(state, framework);
  return framework;
}

void scheduler_is_back(State& state, FrameworkInfo info) {
  const Framework* known = find_framework(state, info.id);
  if (known == nullptr || known->gone) return;
  resend_updates(state, take_in_framework(state, std::move(info)));
}

}  // namespace

void run_tasks(State& state, RunTasks request) {
  if (request.tasks.empty()) return scheduler_is_back(state, std::move(request.framework));
  if (!valid_id(request.framework.id.value)) {
    return note(state, Severity::warning, "framework_ignored",
                {{"framework", request.framework.id.value}});
  }
  Framework& framework = take_in_framework(state, std::move(request.framework));
  if (framework.gone) return;  // sent before the master knew
  std::map<ExecutorId, const ExecutorLaunch*> executors;
  for (const auto& executor : request.executors) executors[executor.id] = &executor;
  std::vector<TaskId> ids;
  const std::uint64_t group = request.group ? ++state.group_last : 0;
  for (auto& launch : request.tasks) {
    if (request.group) ids.push_back(launch.id);
    const auto executor = executors.find(launch.executor_id);
    take_in_task(state, framework,
                 {request.role, executor == executors.end() ? nullptr : executor->second, group},
                 std::move(launch));
  }
  if (request.group) form_group(state, framework, group, ids);
  forget_framework_if_idle(state, framework);
}

void shutdown_framework(State& state, const ShutdownFramework& request) {
  Framework* framework = find_framework(state, request.framework_id);
  if (framework == nullptr || framework->gone) return;
  note(state, Severity::info, "framework_shut_down", {{"framework", request.framework_id.value}});
  framework->gone = true;
  if (framework->recorded) checkpoint_framework(state, *framework);
  end_framework(state, *framework);
}

void end_framework(State& state, Framework& framework) {
  for (const auto& [id, executor] : framework.executors) {
    shutdown_executor(
        state, *executor, shutdown_grace(state, *executor),
        {TaskState::killed, UpdateReason::framework_removed, "its framework was removed"});
  }
  // The last one takes the framework along.
  for (Task* task : in_order(framework)) {
    withdraw(state, *task);
    task->updates.clear();
    if (is_terminal(task->state)) {
      forget_task(state, *task);
    } else if (task->is_command()) {
      stop_task(state, *task, Ending::framework_gone, std::nullopt);
    }
  }
}

void shutdown_framework_executor(State& state, const ShutdownFrameworkExecutor& request) {
  Framework* framework = find_framework(state, request.framework_id);
  Executor* executor =
      framework == nullptr ? nullptr : find_executor(*framework, request.executor_id);
  if (executor == nullptr) return;
  shutdown_executor(state, *executor, shutdown_grace(state, *executor),
                    {TaskState::killed, UpdateReason::executor_terminated,
                     "executor '" + request.executor_id.value + "' was shut down on request"});
}

void deliver(State& state, ExecutorMessage message) {
  Framework* framework = find_framework(state, message.framework_id);
  Executor* executor =
      framework == nullptr ? nullptr : find_executor(*framework, message.executor_id);
  if (executor == nullptr || executor->peer.empty()) {
    return note(
        state, Severity::debug, "message_dropped",
        {{"framework", message.framework_id.value}, {"executor", message.executor_id.value}});
  }
  emit(state, SendToPeer{executor->peer, ExecutorData{std::move(message.data)}});
}

void forget_framework_if_idle(State& state, Framework& framework) {
  if (framework.tasks.empty() && framework.executors.empty()) {
    discard_framework(state, framework);
    state.frameworks.erase(FrameworkId(framework.info.id));
  }
}

}  // namespace mesolite::agent
