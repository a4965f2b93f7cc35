#include "kernel/master/snapshot.hpp"

#include "kernel/master/state.hpp"

namespace mesolite::master {

namespace {

TaskStatus status_of(const Task& task, const StatusRecord& record, const AgentId& agent) {
  TaskStatus status;
  status.task_id = task.id;
  status.agent_id = agent;
  status.executor_id = task.executor_id;
  status.state = record.state;
  status.source = record.source;
  status.reason = record.reason;
  status.healthy = record.healthy;
  status.timestamp = record.timestamp;
  status.message = record.message;
  return status;
}

TaskSnapshot task_snapshot(const State& state, const Task& task, const FrameworkId& framework,
                           const AgentId& agent) {
  TaskSnapshot snapshot;
  snapshot.id = task.id;
  snapshot.name = task.name;
  snapshot.framework_id = framework;
  snapshot.agent_id = agent;
  snapshot.executor_id = task.executor_id;
  snapshot.role = state.roles[task.role].name;
  snapshot.resources = task.resources;
  snapshot.state = task.state;
  if (task.notes) snapshot.notes = *task.notes;
  for (const StatusRecord& record : task.statuses) {
    snapshot.statuses.push_back(status_of(task, record, agent));
  }
  return snapshot;
}

TaskSnapshot unreachable_snapshot(const State& state, const TaskId& id, const UnreachableTask& task,
                                  const FrameworkId& framework) {
  TaskSnapshot snapshot;
  snapshot.id = id;
  snapshot.name = task.name;
  snapshot.framework_id = framework;
  snapshot.agent_id = task.agent_id;
  snapshot.executor_id = task.executor_id;
  snapshot.role = state.roles[task.role].name;
  snapshot.resources = task.resources;
  snapshot.state = TaskState::unreachable;
  return snapshot;
}

FrameworkSnapshot framework_snapshot(const State& state, const Framework& framework) {
  FrameworkSnapshot snapshot;
  snapshot.info = framework.info;
  snapshot.active = framework.connected();
  snapshot.connected = framework.connected();
  snapshot.registered_at = framework.registered_at;
  snapshot.reregistered_at = framework.reregistered_at;
  snapshot.unregistered_at = framework.unregistered_at;
  for (const OfferRecord& offer : framework.offers) snapshot.offered += offer.resources;
  for (const Task& task : framework.task_order) {
    if (!is_terminal(task.state)) snapshot.used += task.resources;
  }
  for (const auto& [handle, count] : framework.executor_agents) {
    const Agent& agent = *state.agents.find(handle);
    auto entry = agent.executors.lower_bound(ExecutorKey(framework.handle, ExecutorId{}));
    for (; entry != agent.executors.end() && entry->first.first == framework.handle; ++entry) {
      snapshot.used += entry->second.resources;
      snapshot.executors.push_back(
          {entry->first.second, framework.info.id, agent.info.id, entry->second.resources});
    }
  }
  for (const CompletedTask& completed : framework.completed_tasks) {
    snapshot.completed_tasks.push_back(
        task_snapshot(state, *completed.task, framework.info.id, completed.agent_id));
  }
  return snapshot;
}

AgentCondition condition_of(const Agent& agent) {
  if (!agent.connected()) return AgentCondition::disconnected;
  if (agent.drain) {
    const bool drained = agent.drain->drained_at != Time{};
    return drained ? AgentCondition::drained : AgentCondition::draining;
  }
  return agent.deactivated ? AgentCondition::inactive : AgentCondition::active;
}

std::optional<DrainSnapshot> drain_snapshot(const Agent& agent) {
  if (!agent.drain) return std::nullopt;
  DrainSnapshot snapshot;
  snapshot.started_at = agent.drain->started_at;
  snapshot.deadline = agent.drain->deadline;
  snapshot.drained_at = agent.drain->drained_at;
  snapshot.mark_gone = agent.drain->mark_gone;
  snapshot.tasks_left = agent.tasks.size();
  snapshot.executors_left = agent.executors.size();
  return snapshot;
}

void add_agents(const State& state, ClusterSnapshot& snapshot) {
  state.agents.for_each([&](const Agent& agent) {
    AgentSnapshot& copy = snapshot.agents.emplace_back();
    copy.info = agent.info;
    copy.condition = condition_of(agent);
    copy.registered_at = agent.registered_at;
    copy.reregistered_at = agent.reregistered_at;
    copy.used = agent.used;
    copy.offered = agent.offered;
    copy.drain = drain_snapshot(agent);
  });
}

void add_frameworks(const State& state, ClusterSnapshot& snapshot) {
  state.frameworks.for_each([&](const Framework& framework) {
    snapshot.frameworks.push_back(framework_snapshot(state, framework));
    for (const Task& task : framework.task_order) {
      snapshot.tasks.push_back(task_snapshot(state, task, framework.info.id, task.agent->info.id));
    }
    for (const auto& [id, task] : framework.unreachable_tasks) {
      snapshot.tasks.push_back(unreachable_snapshot(state, id, task, framework.info.id));
    }
  });
  for (const auto& framework : state.frameworks.completed()) {
    snapshot.completed_frameworks.push_back(framework_snapshot(state, *framework));
  }
}

void add_offers(const State& state, ClusterSnapshot& snapshot) {
  for (const OfferRecord& offer : state.offers.in_order()) {
    snapshot.offers.push_back({offer.id, offer.framework->info.id, offer.agent->info.id,
                               state.roles[offer.role].name, offer.resources, offer.made_at});
  }
}

void add_roles(const State& state, ClusterSnapshot& snapshot) {
  for (const Role& role : state.roles.all()) {
    snapshot.roles.push_back({role.name, role.weight, role.guarantee, role.limit});
  }
}

// ---- metrics: their names are those that dashboards for Mesos ask for
// ----------------------------

class Metrics {
 public:
  explicit Metrics(ClusterSnapshot& snapshot) : snapshot_(snapshot) {}

  void set(std::string_view name, double value) {
    snapshot_.metrics["master/" + std::string(name)] = value;
  }
  void set(std::string_view name, std::uint64_t value) { set(name, static_cast<double>(value)); }

  void add_counters(const Counters& counters) {
    set("slave_registrations", counters.agent_registrations);
    set("slave_reregistrations", counters.agent_reregistrations);
    set("slave_removals", counters.agent_removals);
    set("slave_unreachable_scheduled", counters.agents_given_up);
    set("slave_unreachable_completed", counters.agents_lost);
    set("frameworks_removed", counters.frameworks_removed);
    set("offers_made", counters.offers_made);
    set("offers_accepted", counters.offers_accepted);
    set("offers_declined", counters.offers_declined);
    set("offers_rescinded", counters.offers_rescinded);
    set("tasks_launched", counters.tasks_launched);
    set("allocation_runs", counters.allocations);
    set("allocations_refused", counters.allocations_refused);
    set("dropped_messages", counters.requests_refused + counters.peers_refused);
    set("messages_delayed", counters.messages_delayed);
    set("capacity_exceeded", counters.capacity_exceeded);
    for (std::size_t i = 0; i < counters.tasks_ended.size(); ++i) {
      const auto ended = static_cast<TaskState>(i);
      if (is_terminal(ended)) set("tasks_" + std::string(to_text(ended)), counters.tasks_ended[i]);
    }
  }

  void add_agents() {
    Scalars total{};
    Scalars used{};
    std::uint64_t connected = 0;
    std::uint64_t active = 0;
    for (const AgentSnapshot& agent : snapshot_.agents) {
      connected += agent.condition != AgentCondition::disconnected ? 1 : 0;
      active += agent.condition == AgentCondition::active ? 1 : 0;
      for (std::size_t i = 0; i < scalar_count; ++i) {
        total[i] += agent.info.resources.plain()[i];
        used[i] += agent.used.plain()[i];
      }
    }
    set("slaves_active", active);
    set("slaves_connected", connected);
    set("slaves_inactive", connected - active);
    set("slaves_disconnected", snapshot_.agents.size() - connected);
    for (std::size_t i = 0; i < scalar_count; ++i) {
      const std::string name(scalar_names[i]);
      const auto part = static_cast<double>(used[i]);
      const auto whole = static_cast<double>(total[i]);
      set(name + "_total", whole / 1000);
      set(name + "_used", part / 1000);
      set(name + "_percent", total[i] == 0 ? 0.0 : part / whole);
    }
  }

  void add_tasks() {
    std::array<std::uint64_t, enum_count<TaskState>()> counts{};
    for (const TaskSnapshot& task : snapshot_.tasks) ++counts[static_cast<std::size_t>(task.state)];
    for (const TaskState live : {TaskState::staging, TaskState::starting, TaskState::running,
                                 TaskState::killing, TaskState::unreachable}) {
      set("tasks_" + std::string(to_text(live)), counts[static_cast<std::size_t>(live)]);
    }
  }

  void add_frameworks() {
    std::uint64_t connected = 0;
    for (const FrameworkSnapshot& framework : snapshot_.frameworks) {
      connected += framework.connected ? 1 : 0;
    }
    set("frameworks_active", connected);
    set("frameworks_connected", connected);
    set("frameworks_disconnected", snapshot_.frameworks.size() - connected);
    set("frameworks_completed", snapshot_.completed_frameworks.size());
  }

 private:
  ClusterSnapshot& snapshot_;
};

}  // namespace

ClusterSnapshot take_snapshot(const State& state, Time now) {
  const Configuration& settings = state.configuration;
  ClusterSnapshot snapshot;
  snapshot.master = settings.info;
  snapshot.leader = settings.info;
  snapshot.cluster_name = settings.cluster_name;
  snapshot.taken_at = now;
  snapshot.started_at = state.started_at;
  snapshot.elected_at = state.started_at;
  snapshot.flags = settings.flags;
  add_agents(state, snapshot);
  add_frameworks(state, snapshot);
  add_offers(state, snapshot);
  add_roles(state, snapshot);
  Metrics metrics(snapshot);
  metrics.add_counters(state.counters);
  metrics.add_agents();
  metrics.add_frameworks();
  metrics.add_tasks();
  metrics.set("slaves_unreachable", state.agents.unreachable_count());
  metrics.set("slaves_gone", state.agents.gone_count());
  metrics.set("slaves_recovered", state.agents.recovered_count());  // and not yet back
  metrics.set("outstanding_offers", state.offers.size());
  metrics.set("elected", 1.0);
  metrics.set("uptime_secs", to_seconds(now - state.started_at));
  return snapshot;
}

}  // namespace mesolite::master
