// What the master knows of each noun: agents, frameworks, executors, tasks and offers. Plain
// records with the links between them; who may change them and how stands in agents.hpp,
// frameworks.hpp, tasks.hpp and offers.hpp.
//
// Ownership: agents and frameworks by their tables, a task by its framework (an orphan by its
// agent), an executor by its agent, an offer by the table of offers. All pointers here are links.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "kernel/master/durable.hpp"
#include "kernel/master/list.hpp"
#include "mesolite/module/allocator.hpp"
#include "mesolite/protocol/messages.hpp"

namespace mesolite::master {

struct Agent;
struct Framework;

// What the allocator has been told of an agent or framework. `listed`: something of it is to be
// told with the next call; `known`: it was told of it at some time.
struct Told {
  bool known = false;
  bool listed = false;

  bool current() const { return known && !listed; }
};

// One status update as it is remembered; a compact TaskStatus.
struct StatusRecord {
  TaskState state = TaskState::unknown;
  UpdateSource source = UpdateSource::unknown;
  UpdateReason reason = UpdateReason::none;
  std::optional<bool> healthy;
  Time timestamp{};
  std::string message;
};

struct Task {
  TaskId id;
  std::string name;
  ExecutorId executor_id;  // empty: the agent's command executor
  Framework* framework = nullptr;
  Agent* agent = nullptr;  // null only among the completed
  RoleHandle role;
  Resources resources;
  // The newest state that the master knows. Once terminal it stays, and the task holds nothing.
  TaskState state = TaskState::staging;
  // Of the last update that the agent sent for the framework; the task is forgotten when the
  // framework acknowledges a terminal one.
  TaskState update_state = TaskState::staging;
  UpdateId update_id;
  // Its framework was told that it is over, but it runs: it is being killed, its agent owns it, and
  // the framework hears no more of it.
  bool orphan = false;
  bool end_told = false;               // how it ended: older updates are not for its framework
  bool kill_deferred = false;          // stands in its agent's kills_deferred
  std::vector<StatusRecord> statuses;  // oldest first, at most statuses_max
  std::unique_ptr<const Bytes> notes;  // as in TaskLaunch; null: there are none
  ListHook<Task> in_framework;
  ListHook<Task> in_agent;
};

inline constexpr std::size_t statuses_max = 16;

// A task of the framework that ended; kept for people.
struct CompletedTask {
  std::unique_ptr<Task> task;
  AgentId agent_id;
};

// A task on an agent that is out of reach; the framework knows that it may come back.
struct UnreachableTask {
  std::string name;
  AgentId agent_id;
  ExecutorId executor_id;
  RoleHandle role;
  Resources resources;
};

struct TaskHash {
  using is_transparent = void;
  std::size_t operator()(const TaskId& id) const { return std::hash<TaskId>{}(id); }
  std::size_t operator()(const std::unique_ptr<Task>& task) const { return (*this)(task->id); }
};

struct TaskEqual {
  using is_transparent = void;
  static const TaskId& id(const TaskId& id) { return id; }
  static const TaskId& id(const std::unique_ptr<Task>& task) { return task->id; }
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return id(a) == id(b);
  }
};

// For look-ups only; whoever walks tasks walks a List.
using TaskTable = std::unordered_set<std::unique_ptr<Task>, TaskHash, TaskEqual>;

// Charged once per agent, however many tasks it runs.
struct Executor {
  RoleHandle role;
  Resources resources;
};
using ExecutorKey = std::pair<FrameworkHandle, ExecutorId>;

struct OfferRecord {
  OfferId id;
  Framework* framework = nullptr;
  Agent* agent = nullptr;
  RoleHandle role;
  Resources resources;
  Time made_at{};
  ListHook<OfferRecord> in_all;
  ListHook<OfferRecord> in_framework;
  ListHook<OfferRecord> in_agent;
};

//   connected <─> disconnected ─ agent_reregister_timeout ─> lost (no record; remembered as
//       └───────────── pings missed ────────────────────────> unreachable, may come back)
//
// With a limit on removals a lost agent first waits, disconnected, for its turn (Removals).
struct Agent {
  AgentHandle handle;
  AgentInfo info;
  PeerId peer;            // empty: disconnected
  std::string principal;  // that it has proved to be; "": nothing, or not to this master
  Time registered_at{};
  Time reregistered_at{};    // zero: never
  Time deadline{};           // while disconnected: when it is given up
  std::string given_up;      // why, while it waits for its removal; empty = not given up
  bool recovered = false;    // known from an earlier master alone: what it runs, it has yet to tell
  bool deactivated = false;  // an operator wants nothing of it offered
  std::optional<Drain> drain;
  Time drain_check{};  // when its drain is to be looked at; zero: not by the clock
  // free = info.resources - offered - used, and never negative.
  Resources offered;                  // the sum over offers
  Resources used;                     // the sum over tasks that are not terminal, and executors
  List<Task, &Task::in_agent> tasks;  // orphans too
  List<OfferRecord, &OfferRecord::in_agent> offers;
  std::map<ExecutorKey, Executor> executors;
  std::unordered_multimap<TaskId, std::unique_ptr<Task>> orphans;  // each of another framework
  std::vector<KillAgentTask> kills_deferred;                       // until it is connected again
  Told told;

  bool connected() const { return !peer.empty(); }
  // Whether anything of it may be offered.
  bool offerable() const { return connected() && !deactivated && !drain; }
};

//   connected <─> disconnected ─ failover_timeout ─> completed (kept for people; its id is spent)
struct Framework {
  FrameworkHandle handle;
  FrameworkInfo info;
  PeerId peer;  // empty: disconnected
  Time registered_at{};
  Time reregistered_at{};  // zero: never
  Time unregistered_at{};  // zero: not completed
  Time deadline{};         // while disconnected: when it is torn down
  std::vector<RoleHandle> roles;
  std::vector<RoleHandle> suppressed_roles;  // a subset of roles
  TaskTable tasks;
  List<Task, &Task::in_framework> task_order;  // of `tasks`
  List<Task, &Task::in_framework> orphans;
  std::map<TaskId, UnreachableTask> unreachable_tasks;
  std::deque<CompletedTask> completed_tasks;
  List<OfferRecord, &OfferRecord::in_framework> offers;
  std::map<AgentHandle, std::size_t> executor_agents;  // number of executors on each agent
  Told told;

  bool connected() const { return !peer.empty(); }
  bool partition_aware() const { return info.has(FrameworkCapability::partition_aware); }
};

}  // namespace mesolite::master
