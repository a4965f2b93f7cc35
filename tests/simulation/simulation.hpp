// Simulation: one run of a whole cluster, all of it decided by its scenario and its seed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/agent_node.hpp"
#include "tests/simulation/master_node.hpp"
#include "tests/simulation/operator_node.hpp"
#include "tests/simulation/scheduler_node.hpp"

namespace mesolite::simulation {

struct Outcome {
  std::string problem;  // "" = all held
  std::uint64_t trace_hash = 0;
  std::uint64_t last_draw = 0;  // one random number more: equal only if all draws before were
  std::uint64_t frames = 0;
  std::uint64_t tasks = 0;
  std::uint64_t offers = 0;
  Witness::Names events;  // that the machines noted at least once
};

class Simulation {
 public:
  // All outlive it.
  Simulation(const Scenario& scenario, std::uint64_t seed, Trace& trace);

  Outcome run();

 private:
  // A host of an agent, whether that runs or not; in the order in which they rest on one another.
  struct AgentHost {
    std::string name;
    Disk disk;
    Clock clock;
    std::unique_ptr<Containers> containers;  // null: the host is down
    std::unique_ptr<AgentNode> node;         // null: its agent is down
  };

  void start_master();
  void start_host(std::size_t index);
  void start_agent(std::size_t index);
  void start_scheduler(std::size_t index, SchedulerMemory memory);
  bool run_until(Time end);
  void converge();
  void calm_down();

  // ---- torments.cpp
  // ---------------------------------------------------------------------------------
  void plan_torments();
  // Does `torment` now and then, a mean of `gap` apart, until the torments end.
  void plan(Duration gap, void (Simulation::*torment)());
  void break_link() { network_.break_some_link(); }
  void cut_link() { network_.cut_some_link(); }
  void partition();
  void crash_host();
  void crash_agent();
  void let_agent_leave();
  void crash_executor();
  void crash_scheduler();
  void crash_master();
  // It goes on for a while; some still talk to it.
  void depose_master();
  void tell(const std::string& torment) { trace_.torment(timeline_.now(), torment); }

  // ---- settled.cpp: why not all is well yet, or ""
  // -----------------------------------------------------------------
  std::string unsettled() const;
  std::string unsettled_tasks(const SchedulerNode& scheduler) const;
  std::string unsettled_master() const;
  std::string unsettled_agents() const;

  const Scenario& scenario_;
  Trace& trace_;
  Timeline timeline_;
  Random random_;
  Network network_;
  Witness witness_;
  Surroundings around_;
  const Time torments_end_;
  std::uint64_t epoch_ = 0;
  std::uint64_t incarnations_ = 0;
  Disk registry_;
  std::unique_ptr<MasterNode> master_;                // null: down
  std::vector<std::unique_ptr<MasterNode>> deposed_;  // that do not know it yet
  std::vector<AgentHost> agents_;
  std::vector<std::unique_ptr<SchedulerNode>> schedulers_;
  std::unique_ptr<OperatorNode> operator_;                 // null: there is none
  std::vector<std::unique_ptr<SchedulerNode>> displaced_;  // that do not know it yet
};

}  // namespace mesolite::simulation
