// Defends the cluster as a whole: whatever goes wrong, the books stay in order while it does, and
// all is well again soon after.
#include "tests/simulation/simulation.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace mesolite::simulation {
namespace {

std::string first_line(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string commit() {
  const std::string git = std::string(MESOLITE_SOURCE_DIR) + "/.git/";
  const std::string head = first_line(git + "HEAD");
  const std::string reference = "ref: ";
  const std::string found =
      head.starts_with(reference) ? first_line(git + head.substr(reference.size())) : head;
  return found.empty() ? "unknown" : found.substr(0, 12);
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

Outcome run(const Scenario& scenario) {
  std::printf("seed %llu, commit %s\n", static_cast<unsigned long long>(scenario.seed),
              commit().c_str());
  std::fflush(stdout);
  const Outcome outcome = Simulation(scenario).run();
  std::printf("  %llu tasks, %llu offers, %llu frames, trace %016llx\n",
              static_cast<unsigned long long>(outcome.tasks),
              static_cast<unsigned long long>(outcome.offers),
              static_cast<unsigned long long>(outcome.frames),
              static_cast<unsigned long long>(outcome.trace_hash));
  return outcome;
}

// Each seed of a test, or the one that MESOLITE_SEED names.
void run_seeds(Scenario scenario, std::uint64_t count) {
  const std::uint64_t only = from_environment("MESOLITE_SEED", 0);
  const std::uint64_t seeds = only != 0 ? 1 : from_environment("MESOLITE_SEEDS", count);
  for (std::uint64_t i = 1; i <= seeds; ++i) {
    scenario.seed = only != 0 ? only : i;
    const Outcome outcome = run(scenario);
    ASSERT_EQ(outcome.problem, "") << "seed " << scenario.seed;
    EXPECT_GT(outcome.tasks, 0u);
  }
}

Torments network_torments() {
  Torments torments;
  torments.link_breaks = 2s;
  torments.link_cuts = 4s;
  torments.delays = 0.05;
  torments.duplicates = 0.05;
  torments.slow_allocations = 0.2;
  return torments;
}

Torments all_torments() {
  Torments torments = network_torments();
  torments.agent_crashes = 5s;
  torments.executor_crashes = 3s;
  torments.scheduler_crashes = 8s;
  torments.scheduler_forgets = 0.3;
  torments.launch_fails = 0.03;
  torments.terminations_ignored = 0.2;
  return torments;
}

TEST(Simulation, a_cluster_in_peace_finishes_its_tasks) {
  run_seeds({}, 1);
}

TEST(Simulation, a_bad_network_loses_nothing) {
  Scenario scenario;
  scenario.torments = network_torments();
  run_seeds(scenario, 1);
}

TEST(Simulation, crashes_of_agents_executors_and_schedulers_end_well) {
  Scenario scenario;
  scenario.torments = all_torments();
  run_seeds(scenario, 2);
}

TEST(Simulation, a_master_that_is_started_anew_learns_all_from_the_others) {
  Scenario scenario;
  scenario.torments = all_torments();
  scenario.torments.master_crashes = 30s;
  run_seeds(scenario, 2);
}

TEST(Simulation, equal_seeds_give_equal_runs) {
  Scenario scenario;
  scenario.seed = from_environment("MESOLITE_SEED", 7);
  scenario.torment_time = 1min;
  scenario.torments = all_torments();
  const Outcome first = run(scenario);
  const Outcome second = run(scenario);
  EXPECT_EQ(first.trace_hash, second.trace_hash);
  EXPECT_EQ(first.last_draw, second.last_draw);
  scenario.seed += 1;
  EXPECT_NE(run(scenario).trace_hash, first.trace_hash);
}

}  // namespace
}  // namespace mesolite::simulation
