#include "kernel/agent/containers.hpp"

#include <utility>

#include "kernel/agent/checkpoints.hpp"
#include "kernel/agent/checks.hpp"
#include "kernel/agent/executors.hpp"
#include "kernel/agent/tasks.hpp"

namespace mesolite::agent {
namespace {

// Unique over all runs of all agents, as far as incarnations are.
ContainerId new_container_id(State& state) {
  return ContainerId(hex_text(state.configuration.incarnation) + "-" +
                     std::to_string(++state.container_last));
}

std::string sandbox_path(const State& state, const Container& container,
                         const std::string& executor) {
  return state.configuration.work_dir + "/agents/" + state.info.id.value + "/frameworks/" +
         container.context.framework_id.value + "/executors/" + executor + "/runs/" +
         container.context.id.value;
}

Container* find_container(State& state, const ContainerId& id) {
  const auto found = state.containers.find(id);
  return found == state.containers.end() ? nullptr : found->second.get();
}

// Nothing of it runs, or ever did.
void remove_container(State& state, Container& container) {
  state.deadlines.cancel(container.destroy_at);
  checkpoint_streams(state);  // its end is not asked for again
  emit(state, RetireSandbox{container.context.id, container.sandbox->path});
  state.containers.erase(ContainerId(container.context.id));
}

// It is not launched yet: it is destroyed when it is, unless it can be kept from that.
void doom(State& state, Container& container) {
  const bool begun = std::exchange(container.doomed, true);
  if (!begun && container.fetches) emit(state, Destroy{container.context.id});
}

void launch_failed(State& state, Container& container, const std::string& message) {
  ++state.container_launch_failures;
  note(state, Severity::warning, "container_launch_failed",
       {{"container", container.context.id.value}, {"reason", message}});
  if (container.executor != nullptr) {
    executor_launch_failed(state, *container.executor, message);
  } else {
    task_launch_failed(state, *container.task, message);
  }
  remove_container(state, container);
}

Container& add_container(State& state, ContainerOwner owner, const ContainerId& id) {
  auto container = std::make_unique<Container>();
  container->executor = owner.executor;
  container->task = owner.task;
  ContainerContext& context = container->context;
  context.id = id;
  std::string directory;
  if (owner.executor != nullptr) {
    context.framework_id = owner.executor->framework->info.id;
    context.executor_id = owner.executor->info.id;
    context.requests = owner.executor->info.resources;
    directory = context.executor_id.value;
  } else {
    context.framework_id = owner.task->framework->info.id;
    context.task_id = owner.task->launch.id;
    context.requests = owner.task->launch.resources;
    directory = context.task_id.value;
  }
  context.sandbox = sandbox_path(state, *container, directory);
  context.runtime_dir = state.configuration.runtime_dir + "/containers/" + context.id.value;
  const Framework& framework =
      owner.executor != nullptr ? *owner.executor->framework : *owner.task->framework;
  container->sandbox = std::make_shared<Sandbox>(
      Sandbox{context.id, context.sandbox, false, framework.info.principal});
  return *state.containers.emplace(context.id, std::move(container)).first->second;
}

}  // namespace

Container& add_container(State& state, ContainerOwner owner) {
  return add_container(state, owner, new_container_id(state));
}

Container& restore_container(State& state, ContainerOwner owner, const ContainerId& id,
                             const std::string& sandbox) {
  Container& container = add_container(state, owner, id);
  container.state = ContainerState::recovering;
  container.context.sandbox = sandbox;
  *container.sandbox = {id, sandbox, true};
  return container;
}

void launch(State& state, Container& container, CommandInfo command,
            std::map<std::string, std::string> environment,
            std::map<std::string, std::string> secret_files) {
  container.fetches = !command.uris.empty();
  Launch output;
  output.context = container.context;
  output.command = std::move(command);
  output.environment = std::move(environment);
  output.secret_files = std::move(secret_files);
  emit(state, std::move(output));
  watch_usage(state);
}

void terminate(State& state, Container& container, Duration grace) {
  if (container.state == ContainerState::launching) {
    return doom(state, container);
  }
  if (container.state == ContainerState::running || container.state == ContainerState::recovering) {
    emit(state, Terminate{container.context.id});
  }
  expect_end(state, container, grace);
}

void expect_end(State& state, Container& container, Duration grace) {
  if (container.state == ContainerState::launching) doom(state, container);
  if (container.state == ContainerState::launching ||
      container.state == ContainerState::destroying) {
    return;
  }
  container.state = ContainerState::terminating;
  const Time when = after(state.now, grace);
  if (container.destroy_at.is_set() && container.destroy_at.when() <= when) return;
  state.deadlines.set(container.destroy_at, when, DestroyDue{&container});
}

void destroy(State& state, Container& container) {
  if (container.state == ContainerState::launching) {
    return doom(state, container);
  }
  if (container.state == ContainerState::destroying) return;
  container.state = ContainerState::destroying;
  state.deadlines.cancel(container.destroy_at);
  emit(state, Destroy{container.context.id});
}

void destroy_due(State& state, Container& container) {
  note(state, Severity::info, "container_grace_over", {{"container", container.context.id.value}});
  destroy(state, container);
}

void launched(State& state, const Launched& answer) {
  Container* container = find_container(state, answer.container);
  if (container == nullptr || container->state != ContainerState::launching) return;
  if (!answer.pid) return launch_failed(state, *container, answer.pid.error().message);
  container->state = ContainerState::running;
  container->context.pid = *answer.pid;
  container->sandbox->launched = true;
  if (container->doomed) return destroy(state, *container);
  if (container->task != nullptr) {
    task_launched(state, *container->task);
  } else {
    gather(state, *container->executor);  // tasks came while it was being launched
  }
}

void container_recovered(State& state, const ContainerRecovered& answer) {
  Container* container = find_container(state, answer.container);
  if (container == nullptr || !answer.pid) return;  // its Exited follows
  container->context.pid = *answer.pid;
  if (container->state != ContainerState::recovering) return;  // it is being ended already
  container->state = ContainerState::running;
  if (container->executor != nullptr) {
    gather(state, *container->executor);
  } else if (container->task->state == TaskState::staging) {
    task_launched(state, *container->task);
  } else {
    begin_checks(state, *container->task);
  }
}

void exited(State& state, const Exited& exit) {
  Container* container = find_container(state, exit.container);
  if (container == nullptr || container->state == ContainerState::launching) return;
  if (container->executor != nullptr) {
    executor_exited(state, *container->executor, exit);
  } else {
    task_exited(state, *container->task, exit);
  }
  remove_container(state, *container);
}

void watch_usage(State& state) {
  if (state.usage.is_set()) return;
  state.deadlines.set(state.usage, after(state.now, state.configuration.usage_interval),
                      UsageDue{});
}

void usage_due(State& state) {
  state.deadlines.cancel(state.usage);
  if (state.containers.empty()) return;  // set again with the next launch
  watch_usage(state);
  if (!std::exchange(state.usage_asked, true)) emit(state, MeasureUsage{});
}

void usage_measured(State& state, UsageMeasured& measured) {
  state.usage_asked = false;
  for (auto& [id, statistics] : measured.statistics) {
    Container* container = find_container(state, id);
    if (container != nullptr) container->statistics = std::move(statistics);
  }
}

}  // namespace mesolite::agent
