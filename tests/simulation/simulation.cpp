#include "tests/simulation/simulation.hpp"

#include <utility>

namespace mesolite::simulation {

Simulation::Simulation(const Scenario& scenario, std::uint64_t seed, Trace& trace)
    : scenario_(scenario),
      trace_(trace),
      random_(seed),
      network_(timeline_, trace_, scenario_.network, random_.next()),
      around_{timeline_, network_, witness_, trace_, scenario_, random_},
      torments_end_(simulation_start + scenario.cluster.torment_time) {
  start_master();
  agents_.resize(scenario_.cluster.agents.draw(random_));
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    agents_[i].name = "agent" + std::to_string(i);
    start_host(i);
  }
  schedulers_.resize(scenario_.cluster.schedulers.draw(random_));
  for (std::size_t i = 0; i < schedulers_.size(); ++i) start_scheduler(i, {});
  if (scenario_.work.operators) operator_ = std::make_unique<OperatorNode>(around_);
}

void Simulation::start_master() {
  MasterNode::Settings settings;
  settings.epoch = ++epoch_;
  settings.seed = random_.next();
  settings.allocators = scenario_.cluster.allocators;
  master_ = std::make_unique<MasterNode>(around_, std::move(settings), registry_);
}

void Simulation::start_host(std::size_t index) {
  AgentHost& host = agents_[index];
  host.clock = Clock(scenario_.hosts, random_);
  host.containers = std::make_unique<Containers>(around_, host.name, host.clock);
  start_agent(index);
}

void Simulation::start_agent(std::size_t index) {
  AgentHost& host = agents_[index];
  host.node.reset();  // one that has finished: a host serves one agent at a time
  const AgentNode::Host place{host.name, host.clock, host.disk, *host.containers};
  host.node = std::make_unique<AgentNode>(around_, place, ++incarnations_, [this, index] {
    timeline_.in(500ms, [this, index] {
      if (agents_[index].node && agents_[index].node->finished()) start_agent(index);
    });
  });
}

// The same framework, or a new one if it remembers nothing.
void Simulation::start_scheduler(std::size_t index, SchedulerMemory memory) {
  const bool known = schedulers_[index] != nullptr && !memory.framework_id.empty();
  Character character = known ? schedulers_[index]->character() : Character::draw(around_);
  schedulers_[index] = std::make_unique<SchedulerNode>(around_, "scheduler" + std::to_string(index),
                                                       std::move(character), std::move(memory));
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
  if (run_until(torments_end_)) converge();
  Outcome outcome;
  outcome.problem = witness_.problem();
  outcome.trace_hash = network_.trace_hash();
  outcome.last_draw = random_.next();
  outcome.frames = network_.frames();
  outcome.tasks = witness_.tasks_started();
  outcome.offers = witness_.offers();
  outcome.events = witness_.events();
  return outcome;
}

// All becomes well within its time, and nobody has anything left to say.
void Simulation::converge() {
  constexpr Duration quiet_time = 45s;  // longer than any pause between two attempts
  calm_down();
  const Time end = timeline_.now() + scenario_.cluster.converge_time;
  std::uint64_t words = 0;
  do {
    words = network_.words();
    if (!run_until(timeline_.now() + quiet_time)) return;
    if (network_.words() == words && unsettled().empty()) return;
  } while (timeline_.now() < end);
  std::string problem = unsettled();
  if (problem.empty()) {
    problem = "all is well, and yet " + std::to_string(network_.words() - words) +
              " messages were sent in the last " + to_text(quiet_time);
  }
  witness_.accuse("not settled after " + to_text(scenario_.cluster.converge_time) + ": " + problem);
}

void Simulation::calm_down() {
  tell("the torments are over");
  around_.calm = true;
  network_.calm();
  displaced_.clear();
  deposed_.clear();
  if (!master_) start_master();
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    if (!agents_[i].containers) {
      start_host(i);
    } else if (!agents_[i].node) {
      start_agent(i);
    }
  }
  for (auto& scheduler : schedulers_) scheduler->retire();
}

}  // namespace mesolite::simulation
