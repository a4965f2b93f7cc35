#include "kernel/agent/tasks.hpp"

#include <algorithm>
#include <utility>

#include "kernel/agent/checkpoints.hpp"
#include "kernel/agent/checks.hpp"
#include "kernel/agent/containers.hpp"
#include "kernel/agent/environment.hpp"
#include "kernel/agent/executors.hpp"
#include "kernel/agent/exit_text.hpp"
#include "kernel/agent/frameworks.hpp"
#include "kernel/agent/groups.hpp"
#include "kernel/agent/sandboxes.hpp"
#include "kernel/agent/updates.hpp"

namespace mesolite::agent {
namespace {

Task& add_task(State& state, Framework& framework, const Arrival& arrival, TaskLaunch launch) {
  auto task = std::make_unique<Task>();
  task->framework = &framework;
  task->number = ++state.task_last;
  task->launch = std::move(launch);
  task->arrived_at = state.now;
  task->role = arrival.role;
  task->group = arrival.group;
  ++state.tasks_live;
  const TaskId id = task->launch.id;
  return *framework.tasks.emplace(id, std::move(task)).first->second;
}

TaskStatus status_of(State& state, const Task& task, const TaskEnd& how) {
  return make_status(state, task, how.state, how.reason, how.message);
}

void end(State& state, Task& task, const TaskEnd& how) {
  end_task(state, task, status_of(state, task, how));
}

// Why nothing more can be taken in, if so.
std::optional<TaskEnd> limit_reached(const State& state) {
  if (state.ending.begun) {
    return TaskEnd{TaskState::dropped, UpdateReason::agent_removed, "the agent is shutting down"};
  }
  const std::size_t tasks_max = state.configuration.tasks_max;
  if (state.tasks_live <= tasks_max) return std::nullopt;
  return TaskEnd{TaskState::dropped, UpdateReason::task_invalid,
                 "the agent runs " + std::to_string(tasks_max) + " tasks already (tasks_max)"};
}

void start_command_task(State& state, Task& task) {
  auto opened = open_command_task(task);
  if (!opened) {
    return end(state, task, {TaskState::error, UpdateReason::task_invalid, opened.error().message});
  }
  TaskInfo& info = *opened;
  furnish_command_task(state, task, info, add_container(state, {nullptr, &task}));
  checkpoint_task(state, task);
  task.launch.detail = Bytes();
  launch(state, *task.container, std::move(*info.command), environment_of(state, task),
         std::move(info.secret_files));
}

void start_executor_task(State& state, Task& task, const ExecutorLaunch* executor_launch) {
  auto executor =
      ensure_executor(state, *task.framework, task.role, task.launch.executor_id, executor_launch);
  if (!executor) return end(state, task, executor.error());
  queue_task(state, **executor, task);
}

// Why a task ends that is being ended.
TaskEnd forced_end(Ending ending) {
  switch (ending) {
    case Ending::completion_time_reached:
      return {TaskState::failed, UpdateReason::max_completion_time_reached,
              "its maximal completion time was reached"};
    case Ending::group_failed:
      return {TaskState::killed, UpdateReason::task_group_failed,
              "another task of its group has ended"};
    case Ending::health_check_failed:
      return {TaskState::failed, UpdateReason::health_check_failed, "its health check failed"};
    case Ending::agent_ending:
      return {TaskState::killed, UpdateReason::agent_removed, "the agent is shutting down"};
    default:
      return {TaskState::killed, UpdateReason::task_kill_requested, "killed on request"};
  }
}

// The same for one that had not begun to run.
TaskEnd end_before_start(Ending ending, std::string message) {
  if (ending != Ending::kill_requested) return forced_end(ending);
  return {TaskState::killed, UpdateReason::task_killed_during_launch, std::move(message)};
}

TaskEnd final_end(const Task& task, const Exited& exit) {
  const std::string how = exit_text(exit.exit_status);
  if (exit.limitation) {
    return {TaskState::failed, exit.limitation->reason, exit.limitation->message};
  }
  if (task.ending != Ending::none && task.state == TaskState::staging) {
    return end_before_start(task.ending, "killed while it was being launched");
  }
  if (task.ending != Ending::none) {
    TaskEnd forced = forced_end(task.ending);
    if (task.checks && !task.checks->why.empty()) forced.message = task.checks->why;
    forced.message += "; " + how;
    return forced;
  }
  if (exited_well(exit.exit_status)) return {TaskState::finished, UpdateReason::none, how};
  return {TaskState::failed, UpdateReason::command_executor_failed, how};
}

void say_killing(State& state, Task& task) {
  if (!task.framework->info.has(FrameworkCapability::task_killing_state)) return;
  if (task.state != TaskState::running) return;
  add_update(state, task,
             make_status(state, task, TaskState::killing, UpdateReason::task_kill_requested, ""));
}

}  // namespace

void take_in_task(State& state, Framework& framework, const Arrival& arrival, TaskLaunch launch) {
  if (find_task(framework, launch.id) != nullptr || !valid_id(launch.id.value)) {
    // The master checks both: it is confused, or the message came twice.
    return note(state, Severity::warning, "task_ignored",
                {{"framework", framework.info.id.value}, {"task", launch.id.value}});
  }
  Task& task = add_task(state, framework, arrival, std::move(launch));
  if (const auto reached = limit_reached(state)) return end(state, task, *reached);
  if (task.is_command()) {
    start_command_task(state, task);
  } else {
    start_executor_task(state, task, arrival.executor);
  }
}

void kill_task(State& state, const KillAgentTask& request) {
  Framework* framework = find_framework(state, request.framework_id);
  Task* task = framework == nullptr ? nullptr : find_task(*framework, request.task_id);
  if (task == nullptr) {
    return send_unreliable(state, request.framework_id, request.task_id, TaskState::dropped,
                           "the agent does not know this task");
  }
  if (is_terminal(task->state)) return;  // its end is on its way
  stop_task(state, *task, Ending::kill_requested, request.policy);
}

void stop_task(State& state, Task& task, Ending ending, const std::optional<KillPolicy>& policy) {
  if (task.executor != nullptr && (task.handed_over || task.executor->returning)) {
    return forward_kill(state, task, policy);
  }
  if (task.executor != nullptr) {
    return end(state, task, end_before_start(ending, "killed before its executor had registered"));
  }
  if (task.ending == Ending::none) {
    task.ending = ending;
    drop_checks(state, task);
    if (ending == Ending::kill_requested) say_killing(state, task);
    stream_changed(state, task);
    checkpoint_streams(state);  // how it ends is to be told from a failure
  }
  terminate(state, *task.container, policy.value_or(task.own_kill_policy).grace_period);
}

void end_task(State& state, Task& task, TaskStatus status) {
  MESOLITE_CHECK(!is_terminal(task.state) && is_terminal(status.state), "a task ends once");
  --state.tasks_live;
  ++state.tasks_ended[static_cast<std::size_t>(status.state)];
  state.deadlines.cancel(task.completion);
  drop_checks(state, task);
  task.launch.detail = Bytes();
  if (task.executor != nullptr) leave_executor(state, task);
  add_update(state, task, std::move(status));
  if (task.group != 0) leave_group(state, task);
  if (task.framework->gone) forget_task(state, task);
}

void forget_task(State& state, Task& task) {
  MESOLITE_CHECK(task.container == nullptr, "what still runs is not forgotten");
  Framework& framework = *task.framework;
  withdraw(state, task);
  discard_task(state, task);
  remember_sandbox(state, task);
  framework.tasks.erase(TaskId(task.launch.id));
  forget_framework_if_idle(state, framework);
}

Result<TaskInfo> open_command_task(const Task& task) {
  auto info = unpack(task.launch);
  if (!info) return failure("cannot read the task", info.error());
  if (!info->command) return failure("the task has neither a command nor an executor");
  if (auto sound = check_checks(*info); !sound) return tl::unexpected(sound.error());
  return info;
}

void furnish_command_task(State& state, Task& task, TaskInfo& info, Container& container) {
  task.own_kill_policy = info.kill_policy;
  prepare_checks(task, info);
  task.container = &container;
  task.sandbox = container.sandbox;
  ContainerContext& context = container.context;
  context.user = info.command->user.empty() ? task.framework->info.user : info.command->user;
  context.limits = info.limits;
  context.spec = std::move(info.container);
  if (info.max_completion_time) {
    state.deadlines.set(task.completion, after(task.arrived_at, *info.max_completion_time),
                        CompletionDue{&task});
  }
}

void task_launched(State& state, Task& task) {
  begin_checks(state, task);
  add_update(state, task, make_status(state, task, TaskState::running, UpdateReason::none, ""));
}

void task_launch_failed(State& state, Task& task, const std::string& message) {
  task.container = nullptr;
  if (task.ending != Ending::none) {
    return end(state, task, end_before_start(task.ending, "killed while it was being launched"));
  }
  end(state, task, {TaskState::failed, UpdateReason::container_launch_failed, message});
}

void task_exited(State& state, Task& task, const Exited& exit) {
  task.container = nullptr;
  TaskStatus status = status_of(state, task, final_end(task, exit));
  status.exit_status = exit.exit_status;
  end_task(state, task, std::move(status));
}

void completion_due(State& state, Task& task) {
  state.deadlines.cancel(task.completion);
  stop_task(state, task, Ending::completion_time_reached, std::nullopt);
}

}  // namespace mesolite::agent
