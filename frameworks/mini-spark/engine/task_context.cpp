#include "frameworks/mini-spark/engine/task_context.hpp"

#include <utility>

namespace mesolite::spark {
namespace {

// A user's function has no argument that says which task it runs in.
thread_local TaskContext* current_task = nullptr;

}  // namespace

TaskContext::TaskContext(Environment& environment, const TaskPlace& place, std::stop_token stop)
    : environment_(environment),
      place_(place),
      memory_(environment.memory_of_task()),
      stop_(std::move(stop)),
      outer_(std::exchange(current_task, this)) {}

TaskContext::~TaskContext() {
  current_task = outer_;
}

TaskContext* TaskContext::current() {
  return current_task;
}

std::map<std::uint64_t, std::string> TaskContext::packed_parts() const {
  std::map<std::uint64_t, std::string> packed;
  for (const auto& [accumulator, part] : parts_) packed[accumulator] = part->packed();
  return packed;
}

}  // namespace mesolite::spark
