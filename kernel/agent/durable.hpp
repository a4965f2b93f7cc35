// What of the agent's state must survive it: the records that leave as Checkpoint outputs and come
// back when the next agent starts, each with the key under which the store keeps it.
//
// A record is one message struct under the wire's rules (fields are only appended), so what an
// older agent has left behind stays readable. A key is a path; removing it removes all below it:
//
//   agent                            who the agent is, and what was made of its resources
//   frameworks/F                     the framework
//   frameworks/F/executors/E         an executor, from before its launch until it is gone
//   frameworks/F/tasks/T             a task, from before its launch until its end is acknowledged
//   frameworks/F/tasks/T/updates     how it goes
//
// Of frameworks that do not ask for checkpoints nothing is kept.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/protocol/messages.hpp"

namespace mesolite::agent {

struct DurableAgent {
  AgentInfo info;     // resources with all that was made at run time
  MasterInfo master;  // the last that it was registered with
  MESOLITE_FIELDS(info, master);
};

struct DurableFramework {
  FrameworkInfo info;
  bool gone = false;  // torn down: what it has here is being ended
  MESOLITE_FIELDS(info, gone);
};

// How tasks end that an executor leaves behind.
struct DurableEnd {
  TaskState state = TaskState::unknown;
  UpdateReason reason = UpdateReason::none;
  std::string message;
  MESOLITE_FIELDS(state, reason, message);
};

struct DurableExecutor {
  ExecutorInfo info;
  std::string role;
  ContainerId container;
  std::string sandbox;
  std::string token;                    // by which it proves that it is the one
  std::optional<DurableEnd> tasks_end;  // set: it is being shut down
  MESOLITE_FIELDS(info, role, container, sandbox, token, tasks_end);
};

struct DurableTask {
  std::uint64_t number = 0;  // in the order of arrival
  TaskLaunch launch;         // with detail
  std::string role;
  ContainerId container;  // its own, or its executor's; empty: it was never to be in one
  std::string sandbox;    // likewise
  Time arrived_at{};
  std::uint64_t group = 0;
  MESOLITE_FIELDS(number, launch, role, container, sandbox, arrived_at, group);
};

// Why a task is being ended; the first reason counts.
MESOLITE_ENUM(Ending, unknown, none, kill_requested, completion_time_reached, group_failed,
              framework_gone, agent_ending, health_check_failed)

struct DurableUpdates {
  TaskState state = TaskState::staging;  // newest
  std::optional<bool> healthy;
  Ending ending = Ending::none;
  bool kill_asked = false;  // of its executor, with this policy
  std::optional<KillPolicy> kill_policy;
  UpdateId update_last;             // newest that its executor sent
  std::vector<TaskStatus> pending;  // not acknowledged, oldest first
  MESOLITE_FIELDS(state, healthy, ending, kill_asked, kill_policy, update_last, pending);
};

inline constexpr std::string_view agent_key = "agent";
std::string framework_key(const FrameworkId& framework);
std::string executor_key(const FrameworkId& framework, const ExecutorId& executor);
std::string task_key(const FrameworkId& framework, const TaskId& task);
std::string updates_key(const FrameworkId& framework, const TaskId& task);

// All that an earlier agent has left behind.
struct Durable {
  struct Task {
    DurableTask task;
    DurableUpdates updates;
  };
  struct Framework {
    DurableFramework framework;
    std::map<ExecutorId, DurableExecutor> executors;
    std::map<TaskId, Task> tasks;
  };

  std::optional<DurableAgent> agent;
  std::map<FrameworkId, Framework> frameworks;

  // Takes in one record; one of a kind that this release does not know is passed over. Fails on one
  // that cannot be read, or is not of what its key says, with the key and the field.
  Status add(std::string_view key, std::string_view value);
  // Drops what has nothing to belong to: the record of it could not be read. A sentence each.
  std::vector<std::string> drop_strays();
};

// Whether an agent that was started with these facts may go on as the one that left `before`
// behind: resources and attributes may be added to, nothing else may change. Fails with the flag
// and both values.
Status check_compatible(const AgentInfo& before, const AgentInfo& now);

}  // namespace mesolite::agent
