#include "kernel/agent/checkpoints.hpp"

#include <utility>

#include "kernel/agent/durable.hpp"

namespace mesolite::agent {
namespace {

void write(State& state, std::string key, Bytes value) {
  emit(state, Checkpoint{++state.checkpoint_last, std::move(key), std::move(value)});
}

template <class Record>
void write_record(State& state, std::string key, const Record& record) {
  write(state, std::move(key), Bytes(encode(record)));
}

void remove(State& state, std::string key) {
  write(state, std::move(key), Bytes());
}

DurableUpdates updates_of(const Task& task) {
  DurableUpdates record;
  record.state = task.state;
  record.healthy = task.healthy;
  record.ending = task.ending;
  record.kill_asked = task.kill_asked;
  record.kill_policy = task.kill_policy;
  record.update_last = task.update_last;
  record.pending.assign(task.updates.begin(), task.updates.end());
  return record;
}

// Of a command task without the content of its secret files: they are in its sandbox by the time
// that anybody reads this.
TaskLaunch without_secrets(const Task& task) {
  if (!task.is_command()) return task.launch;
  auto info = unpack(task.launch);
  if (!info || info->secret_files.empty()) return task.launch;
  info->secret_files.clear();
  return pack(std::move(*info));
}

// A framework is written down with the first that is kept of it.
void ensure_written(State& state, Framework& framework) {
  if (!framework.recorded) checkpoint_framework(state, framework);
}

}  // namespace

void checkpoint_agent(State& state) {
  write_record(state, std::string(agent_key), DurableAgent{state.info, state.link.master});
}

void checkpoint_framework(State& state, Framework& framework) {
  if (!framework.info.checkpoint) return;
  framework.recorded = true;
  write_record(state, framework_key(framework.info.id),
               DurableFramework{framework.info, framework.gone});
}

void checkpoint_executor(State& state, const Executor& executor) {
  if (!executor.framework->info.checkpoint) return;
  ensure_written(state, *executor.framework);
  DurableExecutor record;
  record.info = executor.info;
  record.role = executor.role;
  record.container = executor.container->context.id;
  record.sandbox = executor.container->context.sandbox;
  record.token = executor.token;
  if (executor.tasks_end) {
    const TaskEnd& end = *executor.tasks_end;
    record.tasks_end = DurableEnd{end.state, end.reason, end.message};
  }
  write_record(state, executor_key(executor.framework->info.id, executor.info.id), record);
}

void checkpoint_task(State& state, Task& task) {
  if (!task.framework->info.checkpoint) return;
  task.recorded = true;
  ensure_written(state, *task.framework);
  DurableTask record;
  record.number = task.number;
  record.launch = without_secrets(task);
  record.role = task.role;
  if (task.sandbox) {
    record.container = task.sandbox->container;
    record.sandbox = task.sandbox->path;
  }
  record.arrived_at = task.arrived_at;
  record.group = task.group;
  write_record(state, task_key(task.framework->info.id, task.launch.id), record);
}

void stream_changed(State& state, Task& task) {
  if (task.changed != not_gathered || !task.framework->info.checkpoint) return;
  task.changed = state.changed_streams.size();
  state.changed_streams.push_back(&task);
}

void checkpoint_streams(State& state) {
  for (Task* task : state.changed_streams) {
    if (task == nullptr) continue;
    task->changed = not_gathered;
    if (!task->recorded) checkpoint_task(state, *task);
    write_record(state, updates_key(task->framework->info.id, task->launch.id), updates_of(*task));
  }
  state.changed_streams.clear();
}

void discard_framework(State& state, const Framework& framework) {
  if (framework.recorded) remove(state, framework_key(framework.info.id));
}

void discard_executor(State& state, const Executor& executor) {
  if (!executor.framework->recorded) return;
  remove(state, executor_key(executor.framework->info.id, executor.info.id));
}

void discard_task(State& state, Task& task) {
  if (task.changed != not_gathered) {
    state.changed_streams[std::exchange(task.changed, not_gathered)] = nullptr;
  }
  if (task.framework->recorded) {
    remove(state, task_key(task.framework->info.id, task.launch.id));
  }
}

void discard_all(State& state) {
  checkpoint_streams(state);
  remove(state, "");
}

}  // namespace mesolite::agent
