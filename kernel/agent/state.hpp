// State: all that the agent machine is. The functions of the nouns (tasks.hpp, executors.hpp, …)
// work on it; agent.cpp hands it to them for one input at a time.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kernel/agent/records.hpp"
#include "kernel/agent/token.hpp"
#include "mesolite/base/random.hpp"

namespace mesolite::agent {

//   disconnected ──connected──> greeting ──Welcome──> registering ──AgentRegistered──> registered
//        ^───────────────────── link lost, refused, master silent ──────────────────────────┘
enum class LinkState : std::uint8_t { disconnected, greeting, registering, registered };

struct MasterLink {
  LinkState state = LinkState::disconnected;
  MasterInfo master;         // the last that welcomed us
  Duration ping_timeout{0};  // zero: silence means nothing
  bool greeted = false;      // Hello was sent on this connection
  bool proved = false;       // the master has proved on it who it is, or needs not
  bool registered_before = false;
  std::uint32_t attempts = 0;  // since the last success
  // What it means follows from the state: reconnect, greeting takes too long, register (again),
  // the master is silent.
  DeadlineHandle deadline;
};

// The sandboxes of the tasks that ended last, for those who still read them.
struct CompletedTasks {
  std::deque<std::string> order;  // oldest first
  std::unordered_map<std::string, std::shared_ptr<const Sandbox>> sandboxes;
};

enum class Farewell : std::uint8_t {
  unregister,  // the master does not know yet
  dismissed,   // the master has told us to
  until_later  // the next agent takes up what cannot be told any more
};

struct AgentEnding {
  bool begun = false;
  bool finished = false;
  Farewell farewell = Farewell::unregister;
  std::string reason;
  DeadlineHandle deadline;
};

class State {
 public:
  State(Configuration given, Time moment);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const Configuration configuration;
  AgentInfo info;  // with the id that the master gave
  const Time started_at;

  // Of the step that is under way.
  Time now;
  Outbox* outbox = nullptr;

  Random random;
  TokenKey token_key{};
  Deadlines<Due> deadlines;
  MasterLink link;
  AgentEnding ending;

  std::map<FrameworkId, std::unique_ptr<Framework>> frameworks;
  std::unordered_map<ContainerId, std::unique_ptr<Container>> containers;
  std::unordered_map<PeerId, Peer> peers;
  CompletedTasks completed;

  std::uint64_t task_last = 0;
  std::uint64_t group_last = 0;
  std::uint64_t container_last = 0;
  std::uint64_t update_last = 0;
  std::uint64_t checkpoint_last = 0;
  std::uint64_t check_last = 0;
  std::size_t tasks_live = 0;  // not terminal
  std::size_t executors_live = 0;

  // Gathered in this turn, sent at its end: tasks whose first update is to be sent (null: the task
  // is gone since), and executors (null: likewise) that have something to be told or a container to
  // be updated.
  std::vector<Task*> gathered_updates;
  std::vector<Task*> changed_streams;  // to be written down; null: likewise
  std::vector<Executor*> gathered_executors;

  DeadlineHandle usage;
  bool usage_asked = false;  // MeasureUsage is under way

  std::array<std::uint64_t, enum_count<TaskState>()> tasks_ended{};  // by state
  std::uint64_t updates_repeated = 0;
  std::uint64_t container_launch_failures = 0;
};

// ---- for all nouns ------------------------------------------------------------------------------

void emit(State& state, Output output);
void note(State& state, Severity severity, std::string_view name,
          std::vector<std::pair<std::string_view, std::string>> fields = {});

// The tasks of a framework in the order of their arrival: the same in every run.
std::vector<Task*> in_order(const Framework& framework);

// Of this id, made if it is not known.
Framework& ensure_framework(State& state, const FrameworkId& id);
Framework* find_framework(State& state, const FrameworkId& id);
Executor* find_executor(Framework& framework, const ExecutorId& id);
Task* find_task(Framework& framework, const TaskId& id);

}  // namespace mesolite::agent
