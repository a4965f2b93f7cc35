// Simulation: one run of a whole cluster, all of it decided by its seed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/agent_node.hpp"
#include "tests/simulation/master_node.hpp"
#include "tests/simulation/scheduler_node.hpp"

namespace mesolite::simulation {

struct Scenario {
  std::uint64_t seed = 1;
  std::size_t agents = 50;
  std::size_t schedulers = 5;
  Duration torment_time = 2min;    // for so long things go wrong
  Duration converge_time = 10min;  // and in so long all must be well again
  Torments torments;
};

struct Outcome {
  std::string problem;  // "" = all held
  std::uint64_t trace_hash = 0;
  std::uint64_t last_draw = 0;  // one random number more: equal only if all draws before were
  std::uint64_t frames = 0;
  std::uint64_t tasks = 0;
  std::uint64_t offers = 0;
};

class Simulation {
 public:
  explicit Simulation(const Scenario& scenario);

  Outcome run();

 private:
  void plan_torments();
  // Does `torment` now and then, a mean of `gap` apart, until the torments end.
  void plan(Duration gap, void (Simulation::*torment)());
  void crash_agent();
  void crash_executor();
  void crash_scheduler();
  void crash_master();
  void start_agent(std::size_t index);
  void calm_down();
  bool run_until(Time end);
  // Why not all is well yet, or "".
  std::string unsettled() const;
  std::string unsettled_tasks() const;

  const Scenario scenario_;
  Timeline timeline_;
  Random random_;
  Network network_;
  Witness witness_;
  Surroundings around_;
  std::uint64_t epoch_ = 1;
  std::uint64_t incarnations_ = 0;
  Time torments_end_;
  std::unique_ptr<MasterNode> master_;
  std::vector<std::unique_ptr<AgentNode>> agents_;  // null: down
  std::vector<std::unique_ptr<SchedulerNode>> schedulers_;
};

}  // namespace mesolite::simulation
