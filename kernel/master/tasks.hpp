// Tasks: what runs where, the status updates on their way to frameworks, and the ends of tasks.
//
// The agent is the source of truth of a task's state. A task's resources go free exactly once: when
// its newest known state becomes terminal, or when its agent or framework is taken off the books.
#pragma once

#include <string>
#include <string_view>

#include "kernel/master/records.hpp"
#include "mesolite/protocol/messages.hpp"

namespace mesolite::master {

class State;
struct UnreachableAgent;

// What becomes of the tasks of an agent that is taken off the books.
enum class AgentEnding : std::uint8_t {
  unreachable,  // they may still run: TASK_UNREACHABLE, or TASK_LOST for who does not know that
  gone,         // they do not: TASK_GONE, or TASK_LOST
  gone_by_operator,  // as somebody says: TASK_GONE_BY_OPERATOR, or TASK_LOST
};

// Puts a task on the books and charges its resources, unless `task_state` is terminal.
Task& add_task(Framework& framework, Agent& agent, TaskLaunch launch, RoleHandle role,
               TaskState task_state);
// The same for a task that its framework believes to be over: it is on the agent's books until the
// agent says that it has ended.
Task& add_orphan(State& state, Framework& framework, Agent& agent, TaskLaunch launch,
                 RoleHandle role);
// Of one that has ended: its framework knows, and what came before is not told it any more.
void end_was_told(Task& task);
Task* find_task(const Framework& framework, const TaskId& id);
// Of any task of the agent, orphans too; null if there is none.
Task* find_task_on(const Agent& agent, const Framework& framework, const TaskId& id);

void end_task_with_agent(State& state, Task& task, AgentEnding ending, const std::string& words);
// An unreachable agent is there again, or another in its place, or it is declared gone: what is
// still out of reach is so too.
void end_unreachable_tasks(State& state, const AgentId& agent, const UnreachableAgent& lost,
                           AgentEnding ending);
void end_task_with_framework(State& state, Task& task);
// The agent came back with it, in this state.
void task_reported(State& state, Task& task, TaskState task_state);
// The agent came back without it.
void end_task_not_reported(State& state, Task& task);
// It could not be told to the agent.
void end_task_not_sent(State& state, Task& task, const std::string& reason);

void agent_updates(State& state, Agent& agent, AgentUpdates request);
void acknowledge_updates(State& state, Framework& framework, Acknowledge request);
void kill_task(State& state, Framework& framework, const KillTask& request);
void reconcile(State& state, Framework& framework, const Reconcile& request);

// ---- updates that the master makes itself: neither acknowledged nor repeated
// ---------------------

struct StatusWords {
  TaskState state = TaskState::unknown;
  UpdateReason reason = UpdateReason::none;
  std::string message;
};

TaskStatus master_status(const State& state, TaskId task, AgentId agent, StatusWords words);
void send_status(State& state, const Framework& framework, TaskStatus status);
// The state as a framework may hear it: one that is not partition-aware knows only TASK_LOST.
TaskState for_framework(const Framework& framework, TaskState state);

}  // namespace mesolite::master
