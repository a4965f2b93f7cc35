#include "mesolite/protocol/types.hpp"

#include <algorithm>
#include <cctype>

namespace mesolite {

bool FrameworkInfo::has(FrameworkCapability capability) const {
  return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
}

bool is_terminal(TaskState state) {
  switch (state) {
    case TaskState::finished:
    case TaskState::failed:
    case TaskState::killed:
    case TaskState::error:
    case TaskState::lost:
    case TaskState::dropped:
    case TaskState::gone:
    case TaskState::gone_by_operator:
      return true;
    default:
      return false;
  }
}

std::string task_state_name(TaskState state) {
  std::string name = "TASK_";
  for (const char c : to_text(state)) {
    name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

Operation Operation::launch(std::vector<TaskInfo> tasks) {
  Operation operation;
  operation.kind = OperationKind::launch;
  operation.tasks = std::move(tasks);
  return operation;
}

}  // namespace mesolite
