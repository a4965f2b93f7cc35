// What goes wrong in a run, and when.
#include <utility>

#include "tests/simulation/simulation.hpp"

namespace mesolite::simulation {

void Simulation::plan_torments() {
  const NetworkTorments& network = scenario_.network;
  const CrashTorments& crashes = scenario_.crashes;
  plan(network.breaks, &Simulation::break_link);
  plan(network.cuts, &Simulation::cut_link);
  plan(network.partitions, &Simulation::partition);
  plan(crashes.hosts, &Simulation::crash_host);
  plan(crashes.agents, &Simulation::crash_agent);
  plan(crashes.agents_leave, &Simulation::let_agent_leave);
  plan(crashes.executors, &Simulation::crash_executor);
  plan(crashes.schedulers, &Simulation::crash_scheduler);
  plan(crashes.masters, &Simulation::crash_master);
}

void Simulation::plan(Duration gap, void (Simulation::*torment)()) {
  if (gap == Duration(0)) return;
  for (Time when = timeline_.now() + around_.between(0s, 2 * gap); when < torments_end_;) {
    timeline_.at(when, [this, torment] { (this->*torment)(); });
    when += around_.between(1ms, 2 * gap);
  }
}

void Simulation::partition() {
  const Duration span = around_.between(1s, scenario_.network.partition_max);
  for (const AgentHost& host : agents_) {
    if (!random_.chance(0.5)) continue;
    tell(host.name + " is cut off for " + to_text(span));
    network_.isolate(host.name, span);
  }
  const std::string& scheduler = schedulers_[random_.below(schedulers_.size())]->name();
  if (random_.chance(0.3)) network_.isolate(scheduler, span);
}

// ---- agents
// --------------------------------------------------------------------------------------

void Simulation::crash_host() {
  const std::size_t index = random_.below(agents_.size());
  AgentHost& host = agents_[index];
  if (!host.containers) return;
  tell(host.name + " crashes");
  host.node.reset();
  host.containers.reset();
  host.disk.crash(random_);
  if (random_.chance(scenario_.crashes.hosts_forget)) host.disk.wipe();
  timeline_.in(around_.between(100ms, 20s), [this, index] {
    if (!agents_[index].containers) start_host(index);
  });
}

// What it started runs on; it comes back to it.
void Simulation::crash_agent() {
  const std::size_t index = random_.below(agents_.size());
  AgentHost& host = agents_[index];
  if (!host.node) return;
  tell("the agent of " + host.name + " crashes");
  host.node.reset();
  host.disk.crash(random_);
  timeline_.in(around_.between(10ms, 10s), [this, index] {
    if (agents_[index].containers && !agents_[index].node) start_agent(index);
  });
}

void Simulation::let_agent_leave() {
  const std::size_t index = random_.below(agents_.size());
  if (!agents_[index].node) return;
  tell(agents_[index].name + " is asked to end");
  agents_[index].node->shut_down();
}

void Simulation::crash_executor() {
  AgentHost& host = agents_[random_.below(agents_.size())];
  if (host.containers) host.containers->crash_some_executor();
}

// ---- schedulers
// ----------------------------------------------------------------------------------

void Simulation::crash_scheduler() {
  const std::size_t index = random_.below(schedulers_.size());
  std::unique_ptr<SchedulerNode>& scheduler = schedulers_[index];
  const CrashTorments& crashes = scenario_.crashes;
  if (!scheduler->ended() && random_.chance(crashes.schedulers_end)) {
    tell(scheduler->name() + " tears its framework down");
    return scheduler->tear_down();
  }
  const bool forgets = scheduler->ended() || random_.chance(crashes.schedulers_forget);
  tell(scheduler->name() + (forgets ? " is replaced by a new one" : " fails over"));
  SchedulerMemory memory = forgets ? SchedulerMemory{} : scheduler->memory();
  if (!forgets && random_.chance(crashes.schedulers_overlap)) {
    Character character = scheduler->character();
    memory.shared = true;
    displaced_.push_back(std::move(scheduler));
    scheduler = std::make_unique<SchedulerNode>(around_, displaced_.back()->name(),
                                                std::move(character), std::move(memory));
    return;
  }
  start_scheduler(index, std::move(memory));
}

// ---- the master
// ----------------------------------------------------------------------------------

void Simulation::crash_master() {
  if (!master_) return;
  if (random_.chance(scenario_.crashes.masters_overlap)) return depose_master();
  tell("the master crashes");
  master_.reset();
  registry_.crash(random_);
  timeline_.in(around_.between(0s, 5s), [this] {
    if (!master_) start_master();
  });
}

void Simulation::depose_master() {
  tell("another master leads");
  master_->depose();
  registry_.crash(random_);
  deposed_.push_back(std::move(master_));
  start_master();
  timeline_.in(around_.between(0s, 10s), [this, node = deposed_.back().get()] {
    std::erase_if(deposed_, [&](const auto& master) { return master.get() == node; });
  });
}

}  // namespace mesolite::simulation
