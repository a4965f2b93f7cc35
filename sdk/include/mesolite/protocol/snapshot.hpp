// ClusterSnapshot: the master's state at one moment, as plain values for those who read it off the
// kernel thread (HTTP, tools, tests). Immutable once published.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/protocol/types.hpp"

namespace mesolite {

struct TaskSnapshot {
  TaskId id;
  std::string name;
  FrameworkId framework_id;
  AgentId agent_id;
  ExecutorId executor_id;
  std::string role;
  Resources resources;
  TaskState state = TaskState::unknown;
  std::vector<TaskStatus> statuses;  // oldest first
  Bytes notes;                       // TaskNotes, encoded; empty: there are none
  MESOLITE_FIELDS(id, name, framework_id, agent_id, executor_id, role, resources, state, statuses,
                  notes);
};

struct ExecutorSnapshot {
  ExecutorId id;
  FrameworkId framework_id;
  AgentId agent_id;
  Resources resources;
  MESOLITE_FIELDS(id, framework_id, agent_id, resources);
};

MESOLITE_ENUM(AgentCondition, unknown, active, inactive, disconnected, unreachable, draining,
              drained, gone)

// How far the draining of an agent has come.
struct DrainSnapshot {
  Time started_at{};
  std::optional<Time> deadline;
  Time drained_at{};  // zero: not yet
  bool mark_gone = false;
  std::uint64_t tasks_left = 0;  // that run, or whose end nobody has acknowledged
  std::uint64_t executors_left = 0;
  MESOLITE_FIELDS(started_at, deadline, drained_at, mark_gone, tasks_left, executors_left);
};

struct AgentSnapshot {
  AgentInfo info;
  AgentCondition condition = AgentCondition::unknown;
  Time registered_at{};
  Time reregistered_at{};  // zero: never
  Resources used;
  Resources offered;
  std::optional<DrainSnapshot> drain;
  MESOLITE_FIELDS(info, condition, registered_at, reregistered_at, used, offered, drain);
};

struct OfferSnapshot {
  OfferId id;
  FrameworkId framework_id;
  AgentId agent_id;
  std::string role;
  Resources resources;
  Time made_at{};
  MESOLITE_FIELDS(id, framework_id, agent_id, role, resources, made_at);
};

struct FrameworkSnapshot {
  FrameworkInfo info;
  bool active = false;
  bool connected = false;
  Time registered_at{};
  Time reregistered_at{};  // zero: never
  Time unregistered_at{};  // zero: not completed
  Resources used;
  Resources offered;
  std::vector<ExecutorSnapshot> executors;
  std::vector<TaskSnapshot> completed_tasks;
  MESOLITE_FIELDS(info, active, connected, registered_at, reregistered_at, unregistered_at, used,
                  offered, executors, completed_tasks);
};

// A role that somebody has named.
struct RoleSnapshot {
  std::string name;
  double weight = 1.0;
  Resources guarantee;
  std::optional<Resources> limit;
  MESOLITE_FIELDS(name, weight, guarantee, limit);
};

struct ClusterSnapshot {
  MasterInfo master;
  std::string cluster_name;
  bool leading = true;
  MasterInfo leader;
  Time taken_at{};
  Time started_at{};
  Time elected_at{};
  std::vector<AgentSnapshot> agents;
  std::vector<FrameworkSnapshot> frameworks;
  std::vector<FrameworkSnapshot> completed_frameworks;
  std::vector<TaskSnapshot> tasks;  // not terminal, or terminal and not yet acknowledged
  std::vector<OfferSnapshot> offers;
  std::map<std::string, double> metrics;     // "master/tasks_running" -> 3
  std::map<std::string, std::string> flags;  // as configured, secrets left out
  std::vector<RoleSnapshot> roles;
  MESOLITE_FIELDS(master, cluster_name, leading, leader, taken_at, started_at, elected_at, agents,
                  frameworks, completed_frameworks, tasks, offers, metrics, flags, roles);
};

// The same for one agent.
struct ContainerSnapshot {
  ContainerId id;
  FrameworkId framework_id;
  ExecutorId executor_id;
  TaskId task_id;  // of a command task
  std::string sandbox;
  std::string state;
  Resources resources;
  std::map<std::string, double> statistics;  // "cpus_user_time_secs" -> 0.5
  MESOLITE_FIELDS(id, framework_id, executor_id, task_id, sandbox, state, resources, statistics);
};

struct AgentStateSnapshot {
  AgentInfo info;
  MasterInfo master;
  bool registered = false;
  Time taken_at{};
  Time started_at{};
  std::vector<FrameworkInfo> frameworks;
  std::vector<TaskSnapshot> tasks;
  std::vector<ExecutorSnapshot> executors;
  std::vector<ContainerSnapshot> containers;
  std::map<std::string, double> metrics;
  std::map<std::string, std::string> flags;
  MESOLITE_FIELDS(info, master, registered, taken_at, started_at, frameworks, tasks, executors,
                  containers, metrics, flags);
};

}  // namespace mesolite
