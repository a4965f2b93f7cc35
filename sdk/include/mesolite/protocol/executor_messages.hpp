// What executors, and readers of sandboxes, say to an agent on its own bus, and what it answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/protocol/launch.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite {

// ---- executor <-> agent ----

struct RegisterExecutor {
  FrameworkId framework_id;
  ExecutorId executor_id;
  std::string token;                // one-time, from its environment
  std::vector<TaskLaunch> tasks;    // not yet terminal and acknowledged (the agent came back)
  std::vector<TaskStatus> updates;  // not yet acknowledged
  MESOLITE_FIELDS(framework_id, executor_id, token, tasks, updates);
};

struct ExecutorRegistered {
  ExecutorInfo executor;
  FrameworkInfo framework;
  AgentInfo agent;
  bool returning = false;
  MESOLITE_FIELDS(executor, framework, agent, returning);
};

struct LaunchTasks {
  std::vector<TaskLaunch> tasks;
  MESOLITE_FIELDS(tasks);
};

struct KillExecutorTask {
  TaskId task_id;
  std::optional<KillPolicy> policy;
  MESOLITE_FIELDS(task_id, policy);
};

// Executor -> agent: Updates and MessageFromExecutor-like data; agent -> executor: the same back.
struct ExecutorUpdates {
  std::vector<TaskStatus> updates;
  MESOLITE_FIELDS(updates);
};

struct ExecutorAcknowledgements {
  std::vector<Acknowledgement> updates;
  MESOLITE_FIELDS(updates);
};

struct ExecutorData {
  Bytes data;
  MESOLITE_FIELDS(data);
};

struct ExecutorShutdown {
  Duration grace_period{0};
  MESOLITE_FIELDS(grace_period);
};

// ---- anyone -> agent: reading a sandbox ----

struct ReadSandbox {
  std::uint64_t request = 0;  // comes back with the answer
  FrameworkId framework_id;
  TaskId task_id;
  std::string file;  // name in the task's sandbox: "stdout", "stderr", …
  std::uint64_t offset = 0;
  std::uint32_t length_max = 64u << 10;
  MESOLITE_FIELDS(request, framework_id, task_id, file, offset, length_max);
};

struct SandboxData {
  std::uint64_t request = 0;
  Bytes data;
  bool end = false;   // the task has ended and this reaches the end of the file
  std::string error;  // "" = none
  MESOLITE_FIELDS(request, data, end, error);
};

}  // namespace mesolite
