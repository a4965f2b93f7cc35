#include "tests/simulation/simulation.hpp"

#include <utility>

#include "kernel/master/state.hpp"

namespace mesolite::simulation {

Simulation::Simulation(const Scenario& scenario)
    : scenario_(scenario),
      random_(scenario.seed),
      network_(timeline_, scenario_.torments, random_.next()),
      around_{timeline_, network_, witness_, scenario_.torments, random_},
      torments_end_(simulation_start + scenario.torment_time),
      master_(std::make_unique<MasterNode>(around_, epoch_, random_.next())) {
  agents_.resize(scenario_.agents);
  for (std::size_t i = 0; i < scenario_.agents; ++i) start_agent(i);
  for (std::size_t i = 0; i < scenario_.schedulers; ++i) {
    schedulers_.push_back(std::make_unique<SchedulerNode>(around_, "scheduler" + std::to_string(i),
                                                          SchedulerMemory{}));
  }
}

void Simulation::start_agent(std::size_t index) {
  agents_[index] =
      std::make_unique<AgentNode>(around_, "agent" + std::to_string(index), ++incarnations_);
}

// ---- a run
// ---------------------------------------------------------------------------------------

bool Simulation::run_until(Time end) {
  while (witness_.problem().empty()) {
    if (!timeline_.step(end)) return true;
  }
  return false;
}

Outcome Simulation::run() {
  plan_torments();
  run_until(torments_end_);
  calm_down();
  // In steps: a run ends as soon as all is well.
  for (Duration waited{0}; waited < scenario_.converge_time; waited += 10s) {
    if (!run_until(timeline_.now() + 10s) || unsettled().empty()) break;
  }
  Outcome outcome;
  outcome.problem = witness_.problem();
  if (outcome.problem.empty() && !unsettled().empty()) {
    outcome.problem = "not settled after " + to_text(scenario_.converge_time) + ": " + unsettled();
  }
  outcome.trace_hash = network_.trace_hash();
  outcome.last_draw = random_.next();
  outcome.frames = network_.frames();
  outcome.tasks = witness_.tasks_started();
  outcome.offers = witness_.offers();
  return outcome;
}

void Simulation::calm_down() {
  around_.calm = true;
  network_.calm();
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    if (!agents_[i]) start_agent(i);
  }
  for (auto& scheduler : schedulers_) scheduler->retire();
}

// ---- torments
// ------------------------------------------------------------------------------------

void Simulation::plan_torments() {
  const Torments& torments = scenario_.torments;
  plan(torments.agent_crashes, &Simulation::crash_agent);
  plan(torments.executor_crashes, &Simulation::crash_executor);
  plan(torments.scheduler_crashes, &Simulation::crash_scheduler);
  plan(torments.master_crashes, &Simulation::crash_master);
  for (Time when = timeline_.now(); torments.link_breaks > 0s && when < torments_end_;) {
    when += around_.between(0s, 2 * torments.link_breaks);
    timeline_.at(when, [this] { network_.break_some_link(); });
  }
  for (Time when = timeline_.now(); torments.link_cuts > 0s && when < torments_end_;) {
    when += around_.between(0s, 2 * torments.link_cuts);
    timeline_.at(when, [this] { network_.cut_some_link(); });
  }
}

void Simulation::plan(Duration gap, void (Simulation::*torment)()) {
  if (gap == Duration(0)) return;
  for (Time when = timeline_.now() + gap / 2; when < torments_end_;) {
    timeline_.at(when, [this, torment] { (this->*torment)(); });
    when += around_.between(1ms, 2 * gap);
  }
}

void Simulation::crash_agent() {
  const std::size_t index = random_.below(agents_.size());
  if (!agents_[index]) return;
  agents_[index].reset();
  timeline_.in(around_.between(100ms, 20s), [this, index] {
    if (!agents_[index]) start_agent(index);
  });
}

void Simulation::crash_executor() {
  AgentNode* agent = agents_[random_.below(agents_.size())].get();
  if (agent != nullptr) agent->crash_some_executor();
}

void Simulation::crash_scheduler() {
  const std::size_t index = random_.below(schedulers_.size());
  const std::string name = schedulers_[index]->name();
  const bool forgets =
      schedulers_[index]->ended() || random_.chance(scenario_.torments.scheduler_forgets);
  SchedulerMemory memory = forgets ? SchedulerMemory{} : schedulers_[index]->memory();
  schedulers_[index].reset();
  schedulers_[index] = std::make_unique<SchedulerNode>(around_, name, std::move(memory));
}

void Simulation::crash_master() {
  network_.remove(*master_);
  master_ = std::make_unique<MasterNode>(around_, ++epoch_, random_.next());
}

// ---- when all is well
// ----------------------------------------------------------------------------

std::string Simulation::unsettled_tasks() const {
  for (const auto& scheduler : schedulers_) {
    if (scheduler->ended()) continue;  // its framework was torn down
    if (!scheduler->subscribed()) return scheduler->name() + " is not subscribed";
    for (const auto& [task, known] : scheduler->memory().tasks) {
      if (is_terminal(known.state)) continue;
      return scheduler->name() + " waits for the end of " + task.value + " on " +
             known.agent.value + ", which is " + std::string(to_text(known.state));
    }
  }
  if (!witness_.running().empty()) {
    return "a task still runs: " + witness_.running().begin()->first.second.value;
  }
  return "";
}

std::string Simulation::unsettled() const {
  const std::string tasks = unsettled_tasks();
  if (!tasks.empty()) return tasks;
  const ClusterSnapshot cluster = master_->machine().snapshot(timeline_.now());
  std::size_t active = 0;
  for (const AgentSnapshot& agent : cluster.agents) {
    active += agent.condition == AgentCondition::active ? 1 : 0;
  }
  if (active != agents_.size()) return std::to_string(active) + " agents are registered";
  if (cluster.agents.size() != active) return "dead agents are remembered";
  if (!cluster.tasks.empty()) {
    const TaskSnapshot& task = cluster.tasks.front();
    return "the master has not forgotten " + task.id.value + " of " + task.framework_id.value +
           ", which is " + std::string(to_text(task.state));
  }
  if (!cluster.offers.empty()) return "an offer is out";
  for (const auto& agent : agents_) {
    const AgentStateSnapshot state = agent->machine().snapshot(timeline_.now());
    if (!state.registered) return agent->name() + " does not know that it is registered";
    if (!state.tasks.empty()) {
      return agent->name() + " has not forgotten " + state.tasks.front().id.value + ", which is " +
             std::string(to_text(state.tasks.front().state));
    }
  }
  return "";
}

}  // namespace mesolite::simulation
