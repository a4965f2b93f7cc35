#include "kernel/master/invariants.hpp"

#include "kernel/master/state.hpp"
#include "kernel/master/tasks.hpp"

namespace mesolite::master {

namespace {

void check_task(const Agent& agent, const Task& task) {
  MESOLITE_CHECK(task.agent == &agent, "a task on an agent's list points to the agent");
  MESOLITE_CHECK(task.framework != nullptr, "a task belongs to a framework");
  if (!task.orphan) {
    MESOLITE_CHECK(find_task(*task.framework, task.id) == &task,
                   "a task is found by its id, and so runs on one agent only");
  }
}

void check_executors(const State& state, const Agent& agent, Resources& used) {
  for (const auto& [key, executor] : agent.executors) {
    used += executor.resources;
    const Framework* framework = state.frameworks.find(key.first);
    MESOLITE_CHECK(framework != nullptr, "an executor belongs to a framework");
    MESOLITE_CHECK(framework->executor_agents.contains(agent.handle),
                   "a framework knows the agents of its executors");
  }
}

void check_connection(const State& state, const Agent& agent) {
  if (agent.connected()) {
    const Peer* peer = state.peers.find(agent.peer);
    MESOLITE_CHECK(peer != nullptr && peer->agent == &agent,
                   "a connected agent and its peer point to each other");
  } else {
    MESOLITE_CHECK(agent.offers.empty(), "nothing of a disconnected agent is offered");
    MESOLITE_CHECK(agent.deadline != Time{}, "a disconnected agent is given up at some time");
  }
}

void check_framework(const State& state, const Framework& framework) {
  if (framework.connected()) {
    const Peer* peer = state.peers.find(framework.peer);
    MESOLITE_CHECK(peer != nullptr && peer->framework == &framework,
                   "a connected framework and its peer point to each other");
  } else {
    MESOLITE_CHECK(framework.offers.empty(), "a disconnected framework has no offers");
    MESOLITE_CHECK(framework.deadline != Time{},
                   "a disconnected framework is torn down at some time");
  }
  MESOLITE_CHECK(framework.tasks.size() == framework.task_order.size(),
                 "a framework's tasks are in its table and its list");
  for (const Task& task : framework.task_order) {
    MESOLITE_CHECK(task.framework == &framework && !task.orphan,
                   "a task on a framework's list belongs to it");
    MESOLITE_CHECK(!framework.unreachable_tasks.contains(task.id),
                   "a task that is on an agent is not out of reach");
  }
  for (const auto& [handle, count] : framework.executor_agents) {
    MESOLITE_CHECK(count > 0 && state.agents.find(handle) != nullptr,
                   "a framework's executors run on agents that are there");
  }
}

}  // namespace

void check_invariants(const State& state, const Agent& agent) {
  Resources used;
  std::size_t orphans = 0;
  for (const Task& task : agent.tasks) {
    check_task(agent, task);
    orphans += task.orphan ? 1 : 0;
    if (!is_terminal(task.state)) used += task.resources;
  }
  MESOLITE_CHECK(orphans == agent.orphans.size(), "an agent owns its orphans and no other task");
  check_executors(state, agent, used);
  Resources offered;
  for (const OfferRecord& offer : agent.offers) {
    offered += offer.resources;
    MESOLITE_CHECK(offer.agent == &agent, "an offer on an agent's list is of the agent");
    MESOLITE_CHECK(offer.framework->connected(), "offers are in the hands of connected frameworks");
  }
  MESOLITE_CHECK(used == agent.used, "what is used is the sum of tasks and executors");
  MESOLITE_CHECK(offered == agent.offered, "what is offered is the sum of offers");
  MESOLITE_CHECK(agent.info.resources.contains(used + offered),
                 "an agent's resources are free, offered or used, and never two of these");
  check_connection(state, agent);
}

void check_invariants(const State& state) {
  std::size_t offers = 0;
  std::size_t tasks = 0;
  state.agents.for_each([&](const Agent& agent) {
    check_invariants(state, agent);
    MESOLITE_CHECK(state.agents.find(agent.info.id) == &agent, "an agent is found by its id");
    offers += agent.offers.size();
    tasks += agent.tasks.size() - agent.orphans.size();
  });
  std::size_t offers_held = 0;
  std::size_t tasks_held = 0;
  state.frameworks.for_each([&](const Framework& framework) {
    check_framework(state, framework);
    MESOLITE_CHECK(state.frameworks.find(framework.info.id) == &framework,
                   "a framework is found by its id");
    offers_held += framework.offers.size();
    tasks_held += framework.task_order.size();
  });
  MESOLITE_CHECK(offers == state.offers.size() && offers_held == state.offers.size(),
                 "each offer is on one agent and in the hands of one framework");
  MESOLITE_CHECK(tasks == tasks_held, "each task is on one agent and of one framework");
}

}  // namespace mesolite::master
