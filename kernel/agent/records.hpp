// What the agent knows of each noun: plain records with the links between them. Who may change them
// and how stands in the header of the noun.
//
// Ownership: frameworks by the state, tasks and executors by their framework, containers by the
// state. All pointers here are links.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "kernel/agent/deadlines.hpp"
#include "kernel/agent/durable.hpp"
#include "kernel/agent/io.hpp"

namespace mesolite::agent {

struct Framework;
struct Executor;
struct Task;
struct Container;

// ---- deadlines ----------------------------------------------------------------------------------

struct LinkDue {};
struct UsageDue {};
struct EndingDue {};
struct UpdateRetryDue {
  Task* task;
};
struct CompletionDue {
  Task* task;
};
struct DestroyDue {
  Container* container;
};
struct RegistrationDue {
  Executor* executor;
};
struct ShrinkDue {
  Executor* executor;
};
enum class CheckRole : std::uint8_t { state, health };
struct CheckDue {
  Task* task;
  CheckRole role;
};
using Due = std::variant<LinkDue, UsageDue, EndingDue, UpdateRetryDue, CompletionDue, DestroyDue,
                         RegistrationDue, ShrinkDue, CheckDue>;
using DeadlineHandle = Deadlines<Due>::Handle;

// ---- containers ---------------------------------------------------------------------------------

//   launching ──Launched──> running ──> terminating ──grace is over──> destroying ──Exited──> gone
//       └─ Launched failed ─> gone
//   recovering ──ContainerRecovered──> running
//       Of an earlier agent's: what became of it since is not known yet.
enum class ContainerState : std::uint8_t {
  launching,
  recovering,
  running,
  terminating,
  destroying
};

// Where the files of a container lie; outlives it for those who still read them.
struct Sandbox {
  ContainerId container;
  std::string path;
  bool launched = false;       // the files of its output exist
  std::string principal = {};  // of the framework
};

struct Container {
  ContainerContext context;
  ContainerState state = ContainerState::launching;
  bool doomed = false;           // to be destroyed as soon as it is launched
  bool fetches = false;          // its launch takes long: files are fetched for it
  Executor* executor = nullptr;  // whose process it holds, or
  Task* task = nullptr;          // the command task that it runs
  std::shared_ptr<Sandbox> sandbox;
  DeadlineHandle destroy_at;
  std::map<std::string, double> statistics;
};

// ---- tasks --------------------------------------------------------------------------------------

// One check of a running task.
struct RunningCheck {
  Check check;
  Time since{};                // when the task began to run
  DeadlineHandle due;          // not set: it is under way …
  std::uint64_t number = 0;    // … as this one
  std::uint32_t failures = 0;  // in a row, of a health check
  std::string said;            // what was told last, of the other
};

struct TaskChecks {
  std::map<CheckRole, RunningCheck> of;
  std::string why;  // the task is being ended for its health
};

inline constexpr std::size_t not_gathered = ~std::size_t{0};
inline constexpr std::size_t not_queued = ~std::size_t{0};

struct Task {
  Framework* framework = nullptr;
  std::uint64_t number = 0;  // in the order of arrival
  Time arrived_at{};
  TaskLaunch launch;  // without detail once that has been handed on
  std::string role;
  TaskState state = TaskState::staging;  // newest; a terminal one stays
  std::optional<bool> healthy;
  Ending ending = Ending::none;
  std::uint64_t group = 0;   // one that lives and dies together; 0: none
  bool recorded = false;     // a checkpoint tells of it
  bool handed_over = false;  // to its executor
  bool kill_asked = false;   // of its executor, with this policy
  std::optional<KillPolicy> kill_policy;
  Executor* executor = nullptr;     // while it is not terminal
  std::size_t queued = not_queued;  // where it stands in its executor's `queued`
  Container* container = nullptr;   // of a command task, while there is one
  std::shared_ptr<Sandbox> sandbox;
  // Of a command task.
  KillPolicy own_kill_policy;
  std::unique_ptr<TaskChecks> checks;  // null: there are none
  DeadlineHandle completion;

  // The stream: what the framework has not acknowledged yet, oldest first. Only the first is ever
  // under way.
  std::list<TaskStatus> updates;
  UpdateId update_last;    // newest that its executor sent
  bool in_flight = false;  // the first was sent on this connection
  std::uint32_t attempts = 0;
  DeadlineHandle retry;
  std::size_t gathered = not_gathered;  // where it stands in State::gathered_updates
  std::size_t changed = not_gathered;   // where it stands in State::changed_streams

  bool is_command() const { return launch.executor_id.empty(); }
};

// ---- executors ----------------------------------------------------------------------------------

//   starting ──RegisterExecutor──> running ──shutdown──> terminating ──Exited──> gone
enum class ExecutorState : std::uint8_t { starting, running, terminating };

// How a task ends for a reason outside of it.
struct TaskEnd {
  TaskState state = TaskState::failed;
  UpdateReason reason = UpdateReason::executor_terminated;
  std::string message;
};

struct Executor {
  Framework* framework = nullptr;
  ExecutorInfo info;
  std::string role;
  ExecutorState state = ExecutorState::starting;
  Container* container = nullptr;
  std::string token;
  PeerId peer;  // empty: not connected
  bool registered_before = false;
  bool returning = false;  // of an earlier agent's, and not back yet: it may have been handed any
                           // of the tasks that are queued
  std::optional<TaskEnd> tasks_end;  // of those it leaves behind, if it is being ended
  DeadlineHandle registration;

  std::map<std::uint64_t, Task*> tasks;  // that are not terminal, by number
  std::vector<Task*> queued;  // of those, the ones not handed over; null: it has ended since
  Resources tasks_resources;  // of those that are not terminal

  // Gathered in this turn.
  std::size_t gathered = not_gathered;  // where it stands in State::gathered_executors
  std::vector<Acknowledgement> acknowledgements;
  bool resources_changed = false;
  DeadlineHandle shrink;  // its container has more than it needs
};

// ---- frameworks ---------------------------------------------------------------------------------

struct Framework {
  FrameworkInfo info;
  bool gone = false;      // torn down: what it has here is ended, and nobody hears of it
  bool recorded = false;  // a checkpoint tells of it
  std::unordered_map<TaskId, std::unique_ptr<Task>> tasks;
  std::map<ExecutorId, std::unique_ptr<Executor>> executors;
  std::map<std::uint64_t, std::set<TaskId>> groups;  // of tasks that are not terminal
};

// ---- peers --------------------------------------------------------------------------------------

//   authenticating <─> challenged        any ─ refused ─> (no record)
//         └─ accepted ─> welcome
enum class PeerPhase : std::uint8_t { authenticating, challenged, welcome };

struct Peer {
  PeerRole role = PeerRole::unknown;
  PeerPhase phase = PeerPhase::authenticating;
  std::string principal;         // claimed until it is welcome, then proved; "" = nothing to prove
  Executor* executor = nullptr;  // that registered over it
  bool registered_before = false;  // an executor did at some time
};

}  // namespace mesolite::agent
