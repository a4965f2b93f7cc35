#include <algorithm>
#include <string>

#include "kernel/agent/agent.hpp"
#include "kernel/agent/master_link.hpp"
#include "kernel/agent/state.hpp"

namespace mesolite::agent {
namespace {

std::string_view name_of(ContainerState container_state) {
  switch (container_state) {
    case ContainerState::launching:
      return "launching";
    case ContainerState::recovering:
      return "recovering";
    case ContainerState::running:
      return "running";
    case ContainerState::terminating:
      return "terminating";
    case ContainerState::destroying:
      return "destroying";
  }
  return "unknown";
}

TaskSnapshot snapshot_of(const State& state, const Task& task) {
  TaskSnapshot snapshot;
  snapshot.id = task.launch.id;
  snapshot.name = task.launch.name;
  snapshot.framework_id = task.framework->info.id;
  snapshot.agent_id = state.info.id;
  snapshot.executor_id = task.launch.executor_id;
  snapshot.role = task.role;
  snapshot.resources = task.launch.resources;
  snapshot.state = task.state;
  snapshot.notes = task.launch.notes;
  snapshot.statuses.assign(task.updates.begin(), task.updates.end());
  return snapshot;
}

ContainerSnapshot snapshot_of(const Container& container) {
  const ContainerContext& context = container.context;
  ContainerSnapshot snapshot;
  snapshot.id = context.id;
  snapshot.framework_id = context.framework_id;
  snapshot.executor_id = context.executor_id;
  snapshot.task_id = context.task_id;
  snapshot.sandbox = context.sandbox;
  snapshot.state = std::string(name_of(container.state));
  snapshot.resources = context.requests;
  snapshot.statistics = container.statistics;
  return snapshot;
}

// What all containers use together: "slave/containers/mem_rss_bytes". (Each alone: /containers.)
void add_usage(const State& state, std::map<std::string, double>& metrics) {
  for (const auto& [id, container] : state.containers) {
    for (const auto& [name, value] : container->statistics) {
      // Sums of shares of time say nothing.
      if (!name.ends_with("_avg10")) metrics["slave/containers/" + name] += value;
    }
  }
}

// Under the names of Mesos.
std::map<std::string, double> metrics_of(const State& state, Time now) {
  std::map<std::string, double> metrics;
  const auto set = [&](const std::string& name, auto value) {
    metrics["slave/" + name] = static_cast<double>(value);
  };
  std::array<std::size_t, enum_count<TaskState>()> live{};
  for (const auto& [id, framework] : state.frameworks) {
    for (const auto& [task_id, task] : framework->tasks) {
      ++live[static_cast<std::size_t>(task->state)];
    }
  }
  for (std::size_t i = 1; i < live.size(); ++i) {
    const auto task_state = static_cast<TaskState>(i);
    const bool over = is_terminal(task_state);
    set("tasks_" + std::string(to_text(task_state)), over ? state.tasks_ended[i] : live[i]);
  }
  set("registered", is_registered(state) ? 1 : 0);
  set("uptime_secs", to_seconds(now - state.started_at));
  set("frameworks_active", state.frameworks.size());
  set("executors_running", state.executors_live);
  set("containers", state.containers.size());
  set("container_launch_errors", state.container_launch_failures);
  set("updates_repeated", state.updates_repeated);
  add_usage(state, metrics);
  return metrics;
}

void add_framework(const State& state, const Framework& framework, AgentStateSnapshot& snapshot) {
  snapshot.frameworks.push_back(framework.info);
  for (const Task* task : in_order(framework)) {
    snapshot.tasks.push_back(snapshot_of(state, *task));
  }
  for (const auto& [id, executor] : framework.executors) {
    ExecutorSnapshot entry;
    entry.id = id;
    entry.framework_id = framework.info.id;
    entry.agent_id = state.info.id;
    entry.resources = executor->info.resources;
    snapshot.executors.push_back(std::move(entry));
  }
}

}  // namespace

AgentStateSnapshot Agent::snapshot(Time now) const {
  AgentStateSnapshot snapshot;
  snapshot.info = state_->info;
  snapshot.master = state_->link.master;
  snapshot.registered = is_registered(*state_);
  snapshot.taken_at = now;
  snapshot.started_at = state_->started_at;
  snapshot.flags = state_->configuration.flags;
  for (const auto& [id, framework] : state_->frameworks) {
    add_framework(*state_, *framework, snapshot);
  }
  for (const auto& [id, container] : state_->containers) {
    snapshot.containers.push_back(snapshot_of(*container));
  }
  std::sort(snapshot.containers.begin(), snapshot.containers.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  snapshot.metrics = metrics_of(*state_, now);
  return snapshot;
}

}  // namespace mesolite::agent
