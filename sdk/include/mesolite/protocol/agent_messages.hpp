// What agents and the master say to each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/protocol/launch.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite {

// ---- agent -> master ----

// A task or executor that an agent has when it registers.
struct RunningTask {
  FrameworkId framework_id;
  TaskLaunch launch;  // detail may be empty
  std::string role;   // to which its resources are charged
  TaskState state = TaskState::staging;
  std::optional<bool> healthy;
  MESOLITE_FIELDS(framework_id, launch, role, state, healthy);
};

struct RunningExecutor {
  FrameworkId framework_id;
  ExecutorLaunch launch;  // detail may be empty
  std::string role;
  MESOLITE_FIELDS(framework_id, launch, role);
};

struct RegisterAgent {
  AgentInfo agent;  // with an id: the agent comes back
  std::vector<RunningTask> tasks;
  std::vector<RunningExecutor> executors;
  std::vector<FrameworkInfo> frameworks;  // of those tasks and executors
  bool more = false;  // the next RegisterAgent goes on with the lists: both are one
  MESOLITE_FIELDS(agent, tasks, executors, frameworks, more);
};

// The agent ends on purpose and its tasks with it.
struct UnregisterAgent {
  MESOLITE_FIELDS();
};

struct AgentUpdate {
  FrameworkId framework_id;
  TaskStatus status;
  // The task's newest state, if the update is not its newest: resources go free at once.
  TaskState latest_state = TaskState::unknown;
  MESOLITE_FIELDS(framework_id, status, latest_state);
};

struct AgentUpdates {
  std::vector<AgentUpdate> updates;
  MESOLITE_FIELDS(updates);
};

struct ExecutorMessage {
  FrameworkId framework_id;
  ExecutorId executor_id;
  Bytes data;
  MESOLITE_FIELDS(framework_id, executor_id, data);
};

struct ExecutorExited {
  FrameworkId framework_id;
  ExecutorId executor_id;
  std::int32_t exit_status = 0;
  std::string reason;
  MESOLITE_FIELDS(framework_id, executor_id, exit_status, reason);
};

// ---- master -> agent ----

struct AgentRegistered {
  AgentId agent_id;
  MasterInfo master;
  Duration ping_timeout{0};  // no ping for this long: register anew
  MESOLITE_FIELDS(agent_id, master, ping_timeout);
};

struct RunTasks {
  FrameworkInfo framework;
  std::string role;  // to which the tasks are charged
  std::vector<TaskLaunch> tasks;
  std::vector<ExecutorLaunch> executors;
  bool group = false;  // live and die together
  MESOLITE_FIELDS(framework, role, tasks, executors, group);
};

struct KillAgentTask {
  FrameworkId framework_id;
  TaskId task_id;
  std::optional<KillPolicy> policy;
  MESOLITE_FIELDS(framework_id, task_id, policy);
};

struct AgentAcknowledgement {
  FrameworkId framework_id;
  TaskId task_id;
  UpdateId update_id;
  MESOLITE_FIELDS(framework_id, task_id, update_id);
};

struct AcknowledgeUpdates {
  std::vector<AgentAcknowledgement> updates;
  MESOLITE_FIELDS(updates);
};

struct ShutdownFramework {
  FrameworkId framework_id;
  MESOLITE_FIELDS(framework_id);
};

struct ShutdownFrameworkExecutor {
  FrameworkId framework_id;
  ExecutorId executor_id;
  MESOLITE_FIELDS(framework_id, executor_id);
};

// The agent is not wanted any more: it kills its tasks and ends.
struct ShutdownAgent {
  std::string reason;
  MESOLITE_FIELDS(reason);
};

// What of the agent's resources was made at run time, all of it: dynamic reservations and volumes.
// The agent keeps it over its own restarts, and registers with resources that have it.
struct CheckpointResources {
  Resources resources;
  MESOLITE_FIELDS(resources);
};

// Master -> agent: ExecutorMessage, towards the executor.

}  // namespace mesolite
