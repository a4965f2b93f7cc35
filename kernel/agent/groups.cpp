#include "kernel/agent/groups.hpp"

#include <utility>

#include "kernel/agent/tasks.hpp"

namespace mesolite::agent {
namespace {

void end_group(State& state, Framework& framework, std::uint64_t group) {
  // Taken out first: the end of each member comes back here.
  const auto members = framework.groups.extract(group);
  if (members.empty()) return;
  for (const auto& id : members.mapped()) {
    Task* task = find_task(framework, id);
    if (task != nullptr) stop_task(state, *task, Ending::group_failed, std::nullopt);
  }
}

}  // namespace

void form_group(State& state, Framework& framework, std::uint64_t group,
                const std::vector<TaskId>& ids) {
  bool failed = false;
  for (const auto& id : ids) {
    Task* task = find_task(framework, id);
    failed = failed || task == nullptr || is_terminal(task->state);
    if (task == nullptr || is_terminal(task->state) || task->group != group) continue;
    framework.groups[group].insert(id);
  }
  if (failed) end_group(state, framework, group);
}

void leave_group(State& state, Task& task) {
  Framework& framework = *task.framework;
  const auto group = framework.groups.find(std::exchange(task.group, 0));
  if (group == framework.groups.end()) return;
  group->second.erase(task.launch.id);
  if (task.state != TaskState::finished) return end_group(state, framework, group->first);
  if (group->second.empty()) framework.groups.erase(group);
}

}  // namespace mesolite::agent
