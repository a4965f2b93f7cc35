// When all is well: what must be true some time after the torments.
#include "kernel/master/state.hpp"
#include "tests/simulation/simulation.hpp"

namespace mesolite::simulation {

std::string Simulation::unsettled() const {
  for (const auto& scheduler : schedulers_) {
    if (scheduler->ended()) continue;  // its framework is over
    const std::string problem = unsettled_tasks(*scheduler);
    if (!problem.empty()) return problem;
  }
  if (!witness_.running().empty()) {
    return "a task still runs: " + witness_.running().begin()->first.second.value;
  }
  const std::string problem = unsettled_master();
  return problem.empty() ? unsettled_agents() : problem;
}

std::string Simulation::unsettled_tasks(const SchedulerNode& scheduler) const {
  if (!scheduler.subscribed()) return scheduler.name() + " is not subscribed";
  // A successor of the master knows less than it did; who can be told LOST may be told it for all.
  const bool exact = scheduler.character().partition_aware && !scheduler.memory().shared &&
                     scenario_.crashes.masters == Duration(0);
  for (const auto& [task, known] : scheduler.memory().tasks) {
    const std::string words =
        task.value + " on " + known.agent.value + ", which is " + std::string(to_text(known.state));
    if (!is_terminal(known.state)) return scheduler.name() + " waits for the end of " + words;
    const Witness::End* end = witness_.end_of({scheduler.memory().framework_id, task});
    if (exact && end != nullptr && end->state != known.state) {
      return scheduler.name() + " does not know the end of " + words + "; " + end->place +
             " says it is " + std::string(to_text(end->state));
    }
  }
  return "";
}

std::string Simulation::unsettled_master() const {
  const ClusterSnapshot cluster = master_->machine().snapshot(master_->now());
  std::size_t there = 0;
  for (const AgentSnapshot& agent : cluster.agents) {
    if (agent.condition == AgentCondition::disconnected) {
      return agent.info.id.value + " is awaited";
    }
    const bool away =
        agent.condition == AgentCondition::unreachable || agent.condition == AgentCondition::gone;
    there += away ? 0 : 1;
  }
  if (there != agents_.size()) return std::to_string(there) + " agents are registered";
  if (!cluster.offers.empty()) return "an offer is out";
  if (cluster.tasks.empty()) return "";
  const TaskSnapshot& task = cluster.tasks.front();
  return "the master has not forgotten " + task.id.value + " of " + task.framework_id.value +
         ", which is " + std::string(to_text(task.state));
}

std::string Simulation::unsettled_agents() const {
  for (const AgentHost& host : agents_) {
    if (!host.node || host.node->finished()) return host.name + " is not there";
    const AgentStateSnapshot state = host.node->machine().snapshot(host.node->now());
    if (!state.registered) return host.name + " does not know that it is registered";
    if (state.tasks.empty()) continue;
    return host.name + " has not forgotten " + state.tasks.front().id.value + ", which is " +
           std::string(to_text(state.tasks.front().state));
  }
  return "";
}

}  // namespace mesolite::simulation
