#include "kernel/agent/sandboxes.hpp"

#include <algorithm>
#include <utility>

namespace mesolite::agent {
namespace {

constexpr std::uint32_t read_bytes_max = 1u << 20;
constexpr std::size_t file_name_bytes_max = 255;

std::string key_of(const FrameworkId& framework, const TaskId& task) {
  return framework.value + '/' + task.value;  // neither id holds a slash
}

// The name of an entry of the sandbox itself; nothing that leads elsewhere.
bool is_plain_file_name(std::string_view name) {
  return !name.empty() && name.size() <= file_name_bytes_max && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

struct Found {
  std::shared_ptr<const Sandbox> sandbox;  // null: there never was one
  bool ended = false;
};

std::optional<Found> find_sandbox(State& state, const FrameworkId& framework_id,
                                  const TaskId& task_id) {
  if (Framework* framework = find_framework(state, framework_id)) {
    if (const Task* task = find_task(*framework, task_id)) {
      return Found{task->sandbox, is_terminal(task->state)};
    }
  }
  const auto completed = state.completed.sandboxes.find(key_of(framework_id, task_id));
  if (completed == state.completed.sandboxes.end()) return std::nullopt;
  return Found{completed->second, true};
}

void answer(State& state, PeerId peer, const ReadSandbox& request, bool end, std::string error) {
  SandboxData data;
  data.request = request.request;
  data.end = end;
  data.error = std::move(error);
  emit(state, SendToPeer{peer, std::move(data)});
}

}  // namespace

void read_sandbox(State& state, PeerId peer, const std::string& principal,
                  const ReadSandbox& request) {
  if (!is_plain_file_name(request.file)) {
    return answer(state, peer, request, false, "'" + request.file + "' is no file of a sandbox");
  }
  const auto found = find_sandbox(state, request.framework_id, request.task_id);
  const std::string owner = found && found->sandbox ? found->sandbox->principal : "";
  auto decision =
      state.configuration.acls.decide(principal, authorization::Action::read_sandbox, owner);
  if (!decision.denial.empty()) {
    answer(state, peer, request, false, decision.denial);
    return emit(state, std::move(decision));
  }
  if (!found) {
    return answer(state, peer, request, false,
                  "the agent does not know task '" + request.task_id.value + "' of framework '" +
                      request.framework_id.value + "'");
  }
  // Nothing was written yet, or ever will be.
  if (!found->sandbox || !found->sandbox->launched) {
    return answer(state, peer, request, found->ended, "");
  }
  ReadSandboxFile read;
  read.peer = peer;
  read.request = request.request;
  read.sandbox = found->sandbox->path;
  read.file = request.file;
  read.offset = request.offset;
  read.length_max = std::min(request.length_max, read_bytes_max);
  read.ended = found->ended;
  emit(state, std::move(read));
}

void remember_sandbox(State& state, const Task& task) {
  CompletedTasks& completed = state.completed;
  std::string key = key_of(task.framework->info.id, task.launch.id);
  const auto [entry, added] = completed.sandboxes.insert_or_assign(key, task.sandbox);
  if (added) completed.order.push_back(std::move(key));
  while (completed.order.size() > state.configuration.completed_containers_max) {
    completed.sandboxes.erase(completed.order.front());
    completed.order.pop_front();
  }
}

}  // namespace mesolite::agent
