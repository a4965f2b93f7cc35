// Tasks as they travel: the few fields on which the master decides in the open, all else packed as
// bytes that only the agent (or a person who asks) unpacks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mesolite/protocol/types.hpp"

namespace mesolite {

struct TaskLaunch {
  TaskId id;
  AgentId agent_id;
  ExecutorId executor_id;  // empty: the agent's own command executor
  Resources resources;
  std::string name;
  Bytes detail;  // the TaskInfo without what stands above and without its executor
  Bytes notes;   // TaskNotes, encoded; empty: there are none
  MESOLITE_FIELDS(id, agent_id, executor_id, resources, name, detail, notes);
};

// What a task says of itself to whoever looks at the cluster. It stands in the detail too.
struct TaskNotes {
  std::vector<Label> labels;
  std::optional<Discovery> discovery;
  MESOLITE_FIELDS(labels, discovery);
};

struct ExecutorLaunch {
  ExecutorId id;
  Resources resources;
  Bytes detail;  // the ExecutorInfo without what stands above
  MESOLITE_FIELDS(id, resources, detail);
};

// Splits a task; its executor, if any, is packed apart since many tasks share one.
TaskLaunch pack(TaskInfo task);
ExecutorLaunch pack(ExecutorInfo executor);
// Puts it together again, `executor` left empty.
Result<TaskInfo> unpack(const TaskLaunch& launch);
Result<ExecutorInfo> unpack(const ExecutorLaunch& launch);

// One operation as it travels in Accept.
struct PackedOperation {
  OperationKind kind = OperationKind::unknown;
  std::vector<TaskLaunch> tasks;
  Resources resources;
  MESOLITE_FIELDS(kind, tasks, resources);
};

}  // namespace mesolite
