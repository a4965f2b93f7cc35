#include "kernel/agent/updates.hpp"

#include <algorithm>
#include <utility>

#include "kernel/agent/checkpoints.hpp"
#include "kernel/agent/executors.hpp"
#include "kernel/agent/master_link.hpp"
#include "kernel/agent/tasks.hpp"

namespace mesolite::agent {
namespace {

// Of one message: well below what a frame may hold.
constexpr std::size_t batch_updates_max = 2'000;
constexpr std::size_t batch_bytes_max = 1u << 20;
constexpr std::size_t update_overhead_bytes = 256;
// Of one stream. Beyond it the newest replaces the one before it, and the framework misses a step.
constexpr std::size_t stream_updates_max = 1'000;

std::size_t size_of(const TaskStatus& status) {
  return update_overhead_bytes + status.message.size() + status.data.size();
}

void gather(State& state, Task& task) {
  if (task.gathered != not_gathered) return;
  task.gathered = state.gathered_updates.size();
  state.gathered_updates.push_back(&task);
}

Duration retry_pause(const State& state, std::uint32_t attempts) {
  constexpr std::uint32_t doublings_max = 20;
  const auto factor = std::int64_t{1} << std::min(attempts, doublings_max);
  return std::min(state.configuration.update_retry_min * factor,
                  state.configuration.update_retry_max);
}

void send_first(State& state, Task& task) {
  if (task.updates.empty() || !is_registered(state)) return;
  task.in_flight = true;
  gather(state, task);
  state.deadlines.set(task.retry, after(state.now, retry_pause(state, task.attempts++)),
                      UpdateRetryDue{&task});
}

void acknowledged(State& state, const AgentAcknowledgement& acknowledgement) {
  Framework* framework = find_framework(state, acknowledgement.framework_id);
  Task* task = framework == nullptr ? nullptr : find_task(*framework, acknowledgement.task_id);
  // Anything but the first is the answer to one sent twice.
  if (task == nullptr || task->updates.empty() ||
      task->updates.front().update_id != acknowledgement.update_id) {
    return;
  }
  const bool over = is_terminal(task->updates.front().state);
  task->updates.pop_front();
  task->in_flight = false;
  task->attempts = 0;
  state.deadlines.cancel(task->retry);
  if (over) return forget_task(state, *task);
  stream_changed(state, *task);
  send_first(state, *task);
}

// Ids of one run of an executor grow, so one comparison tells what came before.
bool is_duplicate(const Task& task, const UpdateId& id) {
  return !id.empty() && task.update_last.incarnation == id.incarnation &&
         id.sequence <= task.update_last.sequence;
}

// What an executor must not say of itself.
bool is_state_of_executors(TaskState task_state) {
  switch (task_state) {
    case TaskState::starting:
    case TaskState::running:
    case TaskState::killing:
    case TaskState::finished:
    case TaskState::failed:
    case TaskState::killed:
    case TaskState::error:
    case TaskState::lost:
    case TaskState::dropped:
      return true;
    default:
      return false;
  }
}

void take_executor_update(State& state, Executor& executor, TaskStatus status) {
  Framework& framework = *executor.framework;
  executor.acknowledgements.push_back({state.info.id, status.task_id, status.update_id});
  Task* task = find_task(framework, status.task_id);
  if (task == nullptr || task->launch.executor_id != executor.info.id) return;  // over long ago
  if (is_duplicate(*task, status.update_id)) {
    ++state.updates_repeated;
    return;
  }
  if (!status.update_id.empty()) task->update_last = status.update_id;
  if (is_terminal(task->state)) return;
  if (!is_state_of_executors(status.state)) {
    note(state, Severity::warning, "update_refused",
         {{"framework", framework.info.id.value},
          {"task", status.task_id.value},
          {"state", std::string(to_text(status.state))}});
    return;
  }
  // Who it is follows from the connection, never from what it says.
  status.agent_id = state.info.id;
  status.executor_id = executor.info.id;
  status.source = UpdateSource::executor;
  if (status.timestamp == Time{}) status.timestamp = state.now;
  if (status.update_id.empty()) {
    status.update_id = {state.configuration.incarnation, ++state.update_last};
  }
  if (is_terminal(status.state)) {
    end_task(state, *task, std::move(status));
  } else {
    add_update(state, *task, std::move(status));
  }
}

}  // namespace

TaskStatus make_status(State& state, const Task& task, TaskState task_state, UpdateReason reason,
                       std::string message) {
  TaskStatus status;
  status.task_id = task.launch.id;
  status.state = task_state;
  status.agent_id = state.info.id;
  status.executor_id = task.launch.executor_id;
  status.message = std::move(message);
  status.source = UpdateSource::agent;
  status.reason = reason;
  status.update_id = {state.configuration.incarnation, ++state.update_last};
  status.timestamp = state.now;
  status.healthy = task.healthy;
  return status;
}

void add_update(State& state, Task& task, TaskStatus status) {
  task.state = status.state;
  if (status.healthy) task.healthy = status.healthy;
  if (task.framework->gone) return;
  if (task.updates.size() >= stream_updates_max) {
    note(state, Severity::warning, "update_replaced",
         {{"framework", task.framework->info.id.value}, {"task", task.launch.id.value}});
    task.updates.pop_back();
  }
  task.updates.push_back(std::move(status));
  stream_changed(state, task);
  if (!task.in_flight) send_first(state, task);
}

void send_unreliable(State& state, const FrameworkId& framework, const TaskId& task,
                     TaskState task_state, std::string message) {
  AgentUpdate update;
  update.framework_id = framework;
  update.status.task_id = task;
  update.status.state = task_state;
  update.status.agent_id = state.info.id;
  update.status.message = std::move(message);
  update.status.source = UpdateSource::agent;
  update.status.reason = UpdateReason::task_unknown;
  update.status.timestamp = state.now;
  AgentUpdates updates;
  updates.updates.push_back(std::move(update));
  send_to_master(state, std::move(updates));
}

void acknowledged(State& state, const AcknowledgeUpdates& request) {
  for (const auto& acknowledgement : request.updates) acknowledged(state, acknowledgement);
}

void take_executor_updates(State& state, Executor& executor, std::vector<TaskStatus> updates) {
  for (auto& status : updates) take_executor_update(state, executor, std::move(status));
  gather(state, executor);
}

void resend_updates(State& state) {
  for (const auto& [id, framework] : state.frameworks) resend_updates(state, *framework);
}

void resend_updates(State& state, const Framework& framework) {
  for (Task* task : in_order(framework)) {
    task->attempts = 0;
    send_first(state, *task);
  }
}

void update_retry_due(State& state, Task& task) {
  state.deadlines.cancel(task.retry);
  task.in_flight = false;
  send_first(state, task);  // nothing, while the master is away: then resend_updates() comes
}

void send_gathered_updates(State& state) {
  checkpoint_streams(state);
  AgentUpdates batch;
  std::size_t bytes = 0;
  const auto send = [&] {
    if (batch.updates.empty()) return;
    emit(state, SendToMaster{std::exchange(batch, {})});
    bytes = 0;
  };
  for (Task* task : state.gathered_updates) {
    if (task == nullptr) continue;
    task->gathered = not_gathered;
    // Without a master they wait for resend_updates().
    if (task->updates.empty() || !is_registered(state)) continue;
    AgentUpdate update;
    update.framework_id = task->framework->info.id;
    update.status = task->updates.front();
    if (task->updates.size() > 1) update.latest_state = task->state;
    bytes += size_of(update.status);
    batch.updates.push_back(std::move(update));
    if (batch.updates.size() >= batch_updates_max || bytes >= batch_bytes_max) send();
  }
  state.gathered_updates.clear();
  send();
}

void withdraw(State& state, Task& task) {
  state.deadlines.cancel(task.retry);
  task.in_flight = false;
  if (task.gathered == not_gathered) return;
  state.gathered_updates[task.gathered] = nullptr;
  task.gathered = not_gathered;
}

}  // namespace mesolite::agent
