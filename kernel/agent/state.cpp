#include "kernel/agent/state.hpp"

#include <algorithm>

namespace mesolite::agent {

State::State(Configuration given, Time moment)
    : configuration(std::move(given)),
      info(configuration.info),
      started_at(moment),
      now(moment),
      random(configuration.seed) {
  // Never shown to anybody, unlike the incarnation and what is drawn for pauses.
  token_key = {random.next(), random.next()};
}

void emit(State& state, Output output) {
  state.outbox->push_back(std::move(output));
}

void note(State& state, Severity severity, std::string_view name,
          std::vector<std::pair<std::string_view, std::string>> fields) {
  emit(state, Event{severity, name, std::move(fields)});
}

std::vector<Task*> in_order(const Framework& framework) {
  std::vector<Task*> tasks;
  tasks.reserve(framework.tasks.size());
  for (const auto& [id, task] : framework.tasks) tasks.push_back(task.get());
  std::sort(tasks.begin(), tasks.end(),
            [](const Task* a, const Task* b) { return a->number < b->number; });
  return tasks;
}

Framework& ensure_framework(State& state, const FrameworkId& id) {
  auto& framework = state.frameworks[id];
  if (!framework) {
    framework = std::make_unique<Framework>();
    framework->info.id = id;
  }
  return *framework;
}

Framework* find_framework(State& state, const FrameworkId& id) {
  const auto found = state.frameworks.find(id);
  return found == state.frameworks.end() ? nullptr : found->second.get();
}

Executor* find_executor(Framework& framework, const ExecutorId& id) {
  const auto found = framework.executors.find(id);
  return found == framework.executors.end() ? nullptr : found->second.get();
}

Task* find_task(Framework& framework, const TaskId& id) {
  const auto found = framework.tasks.find(id);
  return found == framework.tasks.end() ? nullptr : found->second.get();
}

}  // namespace mesolite::agent
