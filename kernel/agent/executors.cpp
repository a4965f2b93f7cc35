#include "kernel/agent/executors.hpp"

#include <unordered_set>
#include <utility>

#include "kernel/agent/checkpoints.hpp"
#include "kernel/agent/containers.hpp"
#include "kernel/agent/environment.hpp"
#include "kernel/agent/exit_text.hpp"
#include "kernel/agent/frameworks.hpp"
#include "kernel/agent/master_link.hpp"
#include "kernel/agent/tasks.hpp"
#include "kernel/agent/updates.hpp"

namespace mesolite::agent {
namespace {

// Of one message: well below what a frame may hold.
constexpr std::size_t launch_tasks_max = 1'000;
constexpr std::size_t launch_bytes_max = 1u << 20;
constexpr std::size_t launch_overhead_bytes = 128;
constexpr Duration shrink_pause = 1s;
constexpr std::int32_t status_not_started = 127 << 8;  // what a shell says of it

std::string quoted(const ExecutorId& id) {
  return "executor '" + id.value + "'";
}

tl::unexpected<TaskEnd> refusal(TaskState task_state, UpdateReason reason, std::string message) {
  return tl::unexpected<TaskEnd>({task_state, reason, std::move(message)});
}

Result<ExecutorInfo> open_executor(const ExecutorLaunch& launch) {
  if (!valid_id(launch.id.value)) return failure(quoted(launch.id) + " has no valid id");
  auto info = unpack(launch);
  if (!info) return failure("cannot read " + quoted(launch.id), info.error());
  return info;
}

Resources needed_by(const Executor& executor) {
  return executor.info.resources + executor.tasks_resources;
}

void watch_registration(State& state, Executor& executor) {
  const Duration timeout = state.configuration.executor_registration_timeout;
  state.deadlines.set(executor.registration, after(state.now, timeout), RegistrationDue{&executor});
}

Executor& start_executor(State& state, Framework& framework, const std::string& role,
                         ExecutorInfo info) {
  auto made = std::make_unique<Executor>();
  Executor& executor = *made;
  executor.framework = &framework;
  executor.info = std::move(info);
  executor.role = role;
  framework.executors.emplace(executor.info.id, std::move(made));
  ++state.executors_live;

  executor.container = &add_container(state, {&executor, nullptr});
  ContainerContext& context = executor.container->context;
  executor.token = make_token(state.token_key, context.id.value);
  const CommandInfo& command = executor.info.command;
  context.user = command.user.empty() ? framework.info.user : command.user;
  checkpoint_executor(state, executor);
  launch(state, *executor.container, command, environment_of(state, executor));
  watch_registration(state, executor);
  return executor;
}

// ---- what it is told ----------------------------------------------------------------------------

void hand_over_queued(State& state, Executor& executor) {
  LaunchTasks batch;
  std::size_t bytes = 0;
  const auto send = [&] {
    if (!batch.tasks.empty()) emit(state, SendToPeer{executor.peer, std::exchange(batch, {})});
    bytes = 0;
  };
  for (Task* task : std::exchange(executor.queued, {})) {
    if (task == nullptr) continue;
    task->queued = not_queued;
    bytes += launch_overhead_bytes + task->launch.detail.size();
    Bytes detail = std::exchange(task->launch.detail, Bytes());
    batch.tasks.push_back(task->launch);
    batch.tasks.back().detail = std::move(detail);
    task->handed_over = true;
    if (batch.tasks.size() >= launch_tasks_max || bytes >= launch_bytes_max) send();
  }
  send();
}

void give_resources(State& state, Executor& executor, Resources needed) {
  Container& container = *executor.container;
  state.deadlines.cancel(executor.shrink);
  container.context.requests = std::move(needed);
  if (container.state == ContainerState::running) {
    emit(state, UpdateContainer{container.context});
  }
}

// A container grows at once and shrinks a moment later: tiny tasks come and go by the thousand, and
// each change costs as much as many of them.
void update_container(State& state, Executor& executor) {
  const Container& container = *executor.container;
  if (!executor.resources_changed || container.state == ContainerState::launching) return;
  executor.resources_changed = false;
  Resources needed = needed_by(executor);
  if (!container.context.requests.contains(needed)) {
    return give_resources(state, executor, std::move(needed));
  }
  if (container.context.requests == needed || executor.shrink.is_set()) return;
  state.deadlines.set(executor.shrink, after(state.now, shrink_pause), ShrinkDue{&executor});
}

void tell(State& state, Executor& executor) {
  update_container(state, executor);  // first: a task that arrives finds room
  if (!executor.peer.empty()) {
    if (!executor.acknowledgements.empty()) {
      ExecutorAcknowledgements message{std::exchange(executor.acknowledgements, {})};
      emit(state, SendToPeer{executor.peer, std::move(message)});
    }
    if (executor.state == ExecutorState::running) hand_over_queued(state, executor);
  }
}

void send_kill(State& state, const Task& task) {
  KillExecutorTask kill{task.launch.id, task.kill_policy};
  emit(state, SendToPeer{task.executor->peer, std::move(kill)});
}

// The executor has the task: it need not be handed over any more.
void leave_queue(Executor& executor, Task& task) {
  task.handed_over = true;
  task.launch.detail = Bytes();
  executor.queued[std::exchange(task.queued, not_queued)] = nullptr;
}

// ---- registration -------------------------------------------------------------------------------

// Tasks that were on their way when the connection broke: the executor does not know them.
void end_tasks_lost_on_the_way(State& state, Executor& executor, const RegisterExecutor& request) {
  std::unordered_set<TaskId> known;
  for (const auto& task : request.tasks) known.insert(task.id);
  for (const auto& update : request.updates) known.insert(update.task_id);
  std::vector<Task*> lost;
  for (const auto& [number, task] : executor.tasks) {
    const bool heard_of = known.contains(task->launch.id) || task->state != TaskState::staging;
    if (task->handed_over && !heard_of) lost.push_back(task);
  }
  for (Task* task : lost) {
    end_task(state, *task,
             make_status(state, *task, TaskState::dropped, UpdateReason::executor_terminated,
                         "the task was lost on its way to " + quoted(executor.info.id)));
  }
}

// It is back with an agent that does not know which tasks it was handed.
void meet_again(State& state, Executor& executor, const RegisterExecutor& request) {
  executor.returning = false;
  for (const auto& launch : request.tasks) {
    Task* task = find_task(*executor.framework, launch.id);
    if (task != nullptr && task->executor == &executor && task->queued != not_queued) {
      leave_queue(executor, *task);
    }
  }
  // One that ends leaves its place empty, and takes its group along.
  for (std::size_t i = 0; i < executor.queued.size(); ++i) {
    Task* task = executor.queued[i];
    if (task == nullptr || !task->kill_asked) continue;
    stop_task(state, *task, Ending::kill_requested, std::nullopt);
  }
}

void take_up_again(State& state, Executor& executor, RegisterExecutor request) {
  if (executor.returning) meet_again(state, executor, request);
  end_tasks_lost_on_the_way(state, executor, request);
  take_executor_updates(state, executor, std::move(request.updates));
  for (const auto& [number, task] : executor.tasks) {
    if (task->kill_asked) send_kill(state, *task);
  }
}

// ---- the end ------------------------------------------------------------------------------------

void remove_executor(State& state, Executor& executor, const TaskEnd& tasks_end,
                     std::int32_t exit_status) {
  Framework& framework = *executor.framework;
  const FrameworkId framework_id = framework.info.id;
  const ExecutorId id = executor.info.id;
  // The framework stays until the executor is off its books, even if it is gone for the master.
  while (!executor.tasks.empty()) {
    Task& task = *executor.tasks.begin()->second;
    end_task(state, task,
             make_status(state, task, tasks_end.state, tasks_end.reason, tasks_end.message));
  }
  if (!executor.peer.empty()) {
    state.peers.at(executor.peer).executor = nullptr;
    emit(state, DisconnectPeer{executor.peer});
  }
  if (!framework.gone) {
    send_to_master(state, ExecutorExited{framework_id, id, exit_status, tasks_end.message});
  }
  note(state, Severity::info, "executor_gone",
       {{"framework", framework_id.value}, {"executor", id.value}, {"reason", tasks_end.message}});
  state.deadlines.cancel(executor.registration);
  state.deadlines.cancel(executor.shrink);
  if (executor.gathered != not_gathered) state.gathered_executors[executor.gathered] = nullptr;
  --state.executors_live;
  checkpoint_streams(state);
  discard_executor(state, executor);
  framework.executors.erase(id);
  forget_framework_if_idle(state, framework);
}

}  // namespace

tl::expected<Executor*, TaskEnd> ensure_executor(State& state, Framework& framework,
                                                 const std::string& role, const ExecutorId& id,
                                                 const ExecutorLaunch* launch) {
  if (Executor* executor = find_executor(framework, id)) {
    if (executor->state != ExecutorState::terminating) return executor;
    return refusal(TaskState::dropped, UpdateReason::executor_terminated,
                   quoted(id) + " is being shut down");
  }
  if (launch == nullptr) {
    // The master took it to be running: it ended while the task was on its way.
    return refusal(TaskState::dropped, UpdateReason::executor_terminated,
                   quoted(id) + " does not run here any more");
  }
  if (state.executors_live >= state.configuration.executors_max) {
    return refusal(TaskState::dropped, UpdateReason::task_invalid,
                   "the agent runs " + std::to_string(state.configuration.executors_max) +
                       " executors already (executors_max)");
  }
  auto info = open_executor(*launch);
  if (!info) {
    return refusal(TaskState::error, UpdateReason::task_invalid, info.error().message);
  }
  return &start_executor(state, framework, role, std::move(*info));
}

void queue_task(State& state, Executor& executor, Task& task) {
  task.executor = &executor;
  task.sandbox = executor.container->sandbox;
  executor.tasks.emplace_hint(executor.tasks.end(), task.number, &task);
  task.queued = executor.queued.size();
  executor.queued.push_back(&task);
  executor.tasks_resources += task.launch.resources;
  executor.resources_changed = true;
  checkpoint_task(state, task);
  gather(state, executor);
}

void leave_executor(State& state, Task& task) {
  Executor& executor = *std::exchange(task.executor, nullptr);
  executor.tasks.erase(task.number);
  if (task.queued != not_queued) executor.queued[std::exchange(task.queued, not_queued)] = nullptr;
  executor.tasks_resources -= task.launch.resources;
  executor.resources_changed = true;
  gather(state, executor);
}

void forward_kill(State& state, Task& task, const std::optional<KillPolicy>& policy) {
  task.kill_asked = true;
  task.kill_policy = policy;
  stream_changed(state, task);
  // Else it is told when it is back.
  if (!task.executor->peer.empty()) send_kill(state, task);
}

Executor& restore_executor(State& state, Framework& framework, const DurableExecutor& record) {
  auto made = std::make_unique<Executor>();
  Executor& executor = *made;
  executor.framework = &framework;
  executor.info = record.info;
  executor.role = record.role;
  executor.token = record.token;
  executor.registered_before = true;
  executor.returning = true;
  framework.executors.emplace(executor.info.id, std::move(made));
  ++state.executors_live;
  executor.container =
      &restore_container(state, {&executor, nullptr}, record.container, record.sandbox);
  const CommandInfo& command = executor.info.command;
  executor.container->context.user = command.user.empty() ? framework.info.user : command.user;
  watch_registration(state, executor);
  return executor;
}

void restore_task(State& state, Executor& executor, Task& task, bool executor_has_it) {
  task.executor = &executor;
  task.sandbox = executor.container->sandbox;
  executor.tasks.emplace_hint(executor.tasks.end(), task.number, &task);
  task.queued = executor.queued.size();
  executor.queued.push_back(&task);
  if (executor_has_it) leave_queue(executor, task);
  executor.tasks_resources += task.launch.resources;
  executor.container->context.requests = needed_by(executor);
  executor.resources_changed = true;
  gather(state, executor);
}

Duration shutdown_grace(const State& state, const Executor& executor) {
  return executor.info.shutdown_grace_period.value_or(
      state.configuration.executor_shutdown_grace_period);
}

void shutdown_executor(State& state, Executor& executor, Duration grace, TaskEnd tasks_end) {
  if (executor.state == ExecutorState::terminating) {
    return expect_end(state, *executor.container, grace);
  }
  executor.state = ExecutorState::terminating;
  executor.tasks_end = std::move(tasks_end);
  checkpoint_executor(state, executor);
  state.deadlines.cancel(executor.registration);
  if (executor.peer.empty()) return terminate(state, *executor.container, grace);
  emit(state, SendToPeer{executor.peer, ExecutorShutdown{grace}});
  expect_end(state, *executor.container, grace);
}

Status register_executor(State& state, PeerId peer, RegisterExecutor request) {
  Framework* framework = find_framework(state, request.framework_id);
  Executor* executor =
      framework == nullptr ? nullptr : find_executor(*framework, request.executor_id);
  // One sentence for both: a stranger is not told which executors there are.
  if (executor == nullptr || !equal_tokens(executor->token, request.token)) {
    return failure("no executor of this framework, name and token is expected");
  }
  if (!executor->peer.empty()) return failure(quoted(executor->info.id) + " is connected already");
  if (executor->state == ExecutorState::terminating) {
    return failure(quoted(executor->info.id) + " is being shut down");
  }
  executor->peer = peer;
  executor->state = ExecutorState::running;
  state.peers.at(peer).executor = executor;
  state.deadlines.cancel(executor->registration);
  const bool returning = std::exchange(executor->registered_before, true);
  note(state, Severity::info, "executor_registered",
       {{"framework", framework->info.id.value}, {"executor", executor->info.id.value}});
  emit(state, SendToPeer{peer, ExecutorRegistered{executor->info, framework->info, state.info,
                                                  returning}});
  take_up_again(state, *executor, std::move(request));
  gather(state, *executor);
  return {};
}

void executor_disconnected(State& state, Executor& executor) {
  executor.peer = PeerId();
  executor.acknowledgements.clear();  // it sends those updates again
  note(state, Severity::warning, "executor_disconnected",
       {{"framework", executor.framework->info.id.value}, {"executor", executor.info.id.value}});
  if (executor.state == ExecutorState::running) watch_registration(state, executor);
}

void registration_due(State& state, Executor& executor) {
  state.deadlines.cancel(executor.registration);
  const std::string within =
      " within " + to_text(state.configuration.executor_registration_timeout);
  executor.state = ExecutorState::terminating;
  executor.tasks_end = TaskEnd{
      TaskState::failed, UpdateReason::executor_registration_timeout,
      quoted(executor.info.id) + (executor.registered_before
                                      ? " lost its connection and did not come back" + within
                                      : " did not register" + within)};
  checkpoint_executor(state, executor);
  destroy(state, *executor.container);
}

void shrink_due(State& state, Executor& executor) {
  give_resources(state, executor, needed_by(executor));
}

void executor_launch_failed(State& state, Executor& executor, const std::string& message) {
  const TaskEnd tasks_end{TaskState::failed, UpdateReason::container_launch_failed,
                          quoted(executor.info.id) + " could not be started: " + message};
  remove_executor(state, executor, executor.tasks_end.value_or(tasks_end), status_not_started);
}

void executor_exited(State& state, Executor& executor, const Exited& exit) {
  TaskEnd tasks_end;
  tasks_end.message = quoted(executor.info.id) + " " + exit_text(exit.exit_status);
  if (executor.tasks_end) tasks_end = *executor.tasks_end;
  if (exit.limitation) {
    tasks_end = {TaskState::failed, exit.limitation->reason, exit.limitation->message};
  }
  remove_executor(state, executor, tasks_end, exit.exit_status);
}

void gather(State& state, Executor& executor) {
  if (executor.gathered != not_gathered) return;
  executor.gathered = state.gathered_executors.size();
  state.gathered_executors.push_back(&executor);
}

void send_gathered_to_executors(State& state) {
  checkpoint_streams(state);
  for (Executor* executor : state.gathered_executors) {
    if (executor == nullptr) continue;
    executor->gathered = not_gathered;
    tell(state, *executor);
  }
  state.gathered_executors.clear();
}

}  // namespace mesolite::agent
