#include "kernel/agent/agent.hpp"
#include "kernel/agent/state.hpp"
#include "mesolite/base/check.hpp"

namespace mesolite::agent {
namespace {

void check_task(const State& state, const Framework& framework, const Task& task) {
  MESOLITE_CHECK(task.framework == &framework, "a task knows its framework");
  const bool over = is_terminal(task.state);
  MESOLITE_CHECK(!over || (task.executor == nullptr && task.container == nullptr),
                 "what has ended is in no container");
  MESOLITE_CHECK(over || task.is_command() == (task.container != nullptr),
                 "a live command task has a container of its own");
  MESOLITE_CHECK(over || task.is_command() == (task.executor == nullptr),
                 "a live task of an executor is on its books");
  MESOLITE_CHECK(!over || framework.gone || !task.updates.empty(),
                 "the end of a task is kept until it is acknowledged");
  MESOLITE_CHECK(task.updates.empty() || task.updates.back().state == task.state,
                 "the newest update tells the state");
  MESOLITE_CHECK(!task.retry.is_set() || !task.updates.empty(), "nothing is not sent again");
  MESOLITE_CHECK(!task.in_flight || !task.updates.empty(), "nothing is not under way");
  if (task.gathered != not_gathered) {
    MESOLITE_CHECK(state.gathered_updates.at(task.gathered) == &task, "a task knows its place");
  }
}

void check_executor(const State& state, const Framework& framework, const Executor& executor) {
  MESOLITE_CHECK(executor.framework == &framework, "an executor knows its framework");
  MESOLITE_CHECK(executor.container != nullptr && executor.container->executor == &executor,
                 "an executor has a container");
  Resources sum;
  for (const auto& [number, task] : executor.tasks) {
    MESOLITE_CHECK(
        task->number == number && task->executor == &executor && !is_terminal(task->state),
        "an executor holds its live tasks");
    const bool queued = task->queued != not_queued;
    MESOLITE_CHECK(task->handed_over != queued, "a task is queued or handed over");
    MESOLITE_CHECK(!queued || executor.queued.at(task->queued) == task, "it stands where it says");
    sum += task->launch.resources;
  }
  MESOLITE_CHECK(sum == executor.tasks_resources, "resources of live tasks add up");
  if (!executor.peer.empty()) {
    MESOLITE_CHECK(state.peers.at(executor.peer).executor == &executor,
                   "an executor and its peer know each other");
  }
}

std::size_t check_framework(const State& state, const Framework& framework) {
  MESOLITE_CHECK(!framework.tasks.empty() || !framework.executors.empty(),
                 "an idle framework is forgotten");
  for (const auto& [group, members] : framework.groups) {
    MESOLITE_CHECK(!members.empty(), "an empty group is forgotten");
    for (const auto& id : members) {
      MESOLITE_CHECK(framework.tasks.at(id)->group == group, "a group and its tasks agree");
    }
  }
  std::size_t live = 0;
  for (const auto& [id, task] : framework.tasks) {
    MESOLITE_CHECK(task->launch.id == id, "a task stands under its id");
    check_task(state, framework, *task);
    live += is_terminal(task->state) ? 0 : 1;
  }
  for (const auto& [id, executor] : framework.executors) {
    MESOLITE_CHECK(executor->info.id == id, "an executor stands under its id");
    check_executor(state, framework, *executor);
  }
  return live;
}

void check_container(const Container& container) {
  MESOLITE_CHECK((container.executor == nullptr) != (container.task == nullptr),
                 "a container is for an executor or for a task");
  const bool mutual = container.executor != nullptr ? container.executor->container == &container
                                                    : container.task->container == &container;
  MESOLITE_CHECK(mutual, "a container and its owner know each other");
  MESOLITE_CHECK(container.destroy_at.is_set() == (container.state == ContainerState::terminating),
                 "a container that was asked to end is ended when its grace is over");
}

}  // namespace

void Agent::check_invariants() const {
  const State& state = *state_;
  std::size_t live = 0;
  std::size_t executors = 0;
  for (const auto& [id, framework] : state.frameworks) {
    MESOLITE_CHECK(framework->info.id == id, "a framework stands under its id");
    live += check_framework(state, *framework);
    executors += framework->executors.size();
  }
  MESOLITE_CHECK(live == state.tasks_live, "live tasks are counted");
  MESOLITE_CHECK(executors == state.executors_live, "executors are counted");
  for (const auto& [id, container] : state.containers) {
    MESOLITE_CHECK(container->context.id == id, "a container stands under its id");
    check_container(*container);
  }
  MESOLITE_CHECK(state.completed.order.size() == state.completed.sandboxes.size(),
                 "completed tasks are remembered once");
  MESOLITE_CHECK(state.completed.order.size() <= state.configuration.completed_containers_max,
                 "completed tasks are limited");
  MESOLITE_CHECK(state.peers.size() <= state.configuration.peers_max, "peers are limited");
}

}  // namespace mesolite::agent
