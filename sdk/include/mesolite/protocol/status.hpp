// How it goes: the states of a task and the updates that tell of them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "mesolite/protocol/codec.hpp"

namespace mesolite {

//   staging ─> starting ─> running ─> killing ─> finished | failed | killed | error
//   any non-terminal <─> unreachable;  lost, dropped, gone, gone_by_operator: the kernel's words
MESOLITE_ENUM(TaskState, unknown, staging, starting, running, killing, finished, failed, killed,
              error, lost, dropped, unreachable, gone, gone_by_operator)

// Whether a task in this state will never run again and holds no resources.
bool is_terminal(TaskState state);
// "TASK_RUNNING": the name at the operational edge.
std::string task_state_name(TaskState state);

MESOLITE_ENUM(UpdateSource, unknown, master, agent, executor)

MESOLITE_ENUM(UpdateReason, unknown, none, command_executor_failed, container_launch_failed,
              container_limitation, container_limitation_memory, container_limitation_disk,
              executor_registration_timeout, executor_terminated, framework_removed, agent_removed,
              agent_disconnected, agent_restarted, agent_unknown, agent_draining, invalid_offers,
              task_invalid, task_unauthorized, task_kill_requested, task_killed_during_launch,
              task_unknown, task_group_failed, max_completion_time_reached, health_check_failed,
              check_status_updated, reconciliation, resources_unknown, io_failure,
              master_disconnected)

// Names one reliable status update: unique over all runs of all agents. Empty: the update came from
// the master and is neither acknowledged nor repeated.
struct UpdateId {
  std::uint64_t incarnation = 0;  // random, of the agent's run that made it
  std::uint64_t sequence = 0;
  MESOLITE_FIELDS(incarnation, sequence);

  bool empty() const { return incarnation == 0 && sequence == 0; }
  friend auto operator<=>(const UpdateId& a, const UpdateId& b) {
    const auto order = a.incarnation <=> b.incarnation;
    return order != 0 ? order : a.sequence <=> b.sequence;
  }
};

struct TaskStatus {
  TaskId task_id;
  TaskState state = TaskState::unknown;
  AgentId agent_id;
  ExecutorId executor_id;  // empty: the agent's own command executor
  std::string message;
  UpdateSource source = UpdateSource::unknown;
  UpdateReason reason = UpdateReason::none;
  UpdateId update_id;
  Time timestamp{};
  Bytes data;
  std::optional<bool> healthy;
  std::optional<std::int32_t> exit_status;  // as waitpid(2) gives it, of a command task that ended
  MESOLITE_FIELDS(task_id, state, agent_id, executor_id, message, source, reason, update_id,
                  timestamp, data, healthy, exit_status);
};

// A task that somebody asks about.
struct TaskReference {
  TaskId task_id;
  AgentId agent_id;  // empty = not known
  MESOLITE_FIELDS(task_id, agent_id);
};

// That an update has arrived and need not be sent again.
struct Acknowledgement {
  AgentId agent_id;
  TaskId task_id;
  UpdateId update_id;
  MESOLITE_FIELDS(agent_id, task_id, update_id);
};

}  // namespace mesolite
