// Defends the cluster as a whole: whatever goes wrong, the books stay in order while it does, and
// all is well again soon after.
#include "tests/simulation/simulation.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace mesolite::simulation {
namespace {

std::string file(const std::string& name) {
  return std::string(MESOLITE_SOURCE_DIR) + "/tests/simulation/torments/" + name + ".toml";
}

// In a process of its own: a seed on which a machine breaks off is named too.
bool all_hold(const std::string& name, int seeds, const std::string& how = "") {
  const std::string command = std::string(MESOLITE_BUILD_DIR) + "/tests/simulate --torments " +
                              file(name) + " --seeds " + std::to_string(seeds) + " " + how;
  return std::system(command.c_str()) == 0;
}

TEST(Simulation, a_cluster_in_peace_finishes_its_tasks) {
  EXPECT_TRUE(all_hold("peace", 1));
}

TEST(Simulation, a_bad_network_loses_nothing) {
  EXPECT_TRUE(all_hold("network", 5));
}

TEST(Simulation, three_hundred_short_seeds_hold_and_repeat_themselves) {
  EXPECT_TRUE(all_hold("short", 300, "--twice"));
}

TEST(Simulation, successors_of_crashed_masters_learn_all_from_the_others) {
  EXPECT_TRUE(all_hold("masters", 100));
}

TEST(Simulation, all_torments_at_once_end_well) {
  EXPECT_TRUE(all_hold("full", 10));
}

TEST(Simulation, other_seeds_give_other_runs) {
  const Result<Scenario> scenario = read_scenario(file("short"));
  ASSERT_TRUE(scenario) << scenario.error().message;
  Trace silent(0);
  const Outcome first = Simulation(*scenario, 1, silent).run();
  const Outcome second = Simulation(*scenario, 2, silent).run();
  EXPECT_NE(first.trace_hash, second.trace_hash);
}

// A torment that never bites proves nothing.
TEST(Simulation, what_is_to_be_survived_does_happen) {
  const Result<Scenario> scenario = read_scenario(file("full"));
  ASSERT_TRUE(scenario) << scenario.error().message;
  Trace silent(0);
  Witness::Names seen;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Outcome outcome = Simulation(*scenario, seed, silent).run();
    seen.insert(outcome.events.begin(), outcome.events.end());
  }
  for (const std::string_view event :
       {"agent_disconnected", "agent_lost", "agent_recovered", "agent_registered", "agent_replaced",
        "agent_reregistered", "agent_unregistered", "allocation_refused", "allocator_failed",
        "container_launch_failed", "framework_disconnected", "framework_failed_over",
        "framework_removed", "framework_resubscribed", "framework_shut_down", "request_refused",
        "subscription_refused", "task_orphaned"}) {
    EXPECT_TRUE(seen.contains(event)) << event;
  }
}

}  // namespace
}  // namespace mesolite::simulation
