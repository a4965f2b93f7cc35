// Defends the torment files: what is misspelt is named, never passed over.
#include "tests/simulation/scenario.hpp"

#include <gtest/gtest.h>

namespace mesolite::simulation {
namespace {

std::string problem_of(std::string_view toml) {
  const Result<Scenario> scenario = parse_scenario(toml, "t.toml");
  return scenario ? "" : scenario.error().message;
}

TEST(Scenario, what_the_file_says_is_read_and_the_rest_keeps_its_default) {
  const Result<Scenario> scenario = parse_scenario(
      "[cluster]\nagents = [3, 7]\nschedulers = 2\n[network]\ncuts = \"4s\"\n"
      "delays = 0.25\n[work]\noperators = false\n",
      "t.toml");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->cluster.agents.least, 3u);
  EXPECT_EQ(scenario->cluster.agents.most, 7u);
  EXPECT_EQ(scenario->cluster.schedulers.least, 2u);
  EXPECT_EQ(scenario->cluster.schedulers.most, 2u);
  EXPECT_EQ(scenario->network.cuts, Duration(4s));
  EXPECT_EQ(scenario->network.delays, 0.25);
  EXPECT_FALSE(scenario->work.operators);
  EXPECT_EQ(scenario->crashes.masters, Duration(0));
}

TEST(Scenario, every_wrong_line_is_named) {
  EXPECT_EQ(problem_of("[network]\ncutz = \"4s\"\n"), "t.toml:2: unknown key 'network.cutz'");
  EXPECT_EQ(problem_of("[storms]\n"), "t.toml:1: unknown key 'storms'");
  EXPECT_EQ(problem_of("[network]\ncuts = 4\n"),
            "t.toml:2: network.cuts: expected a duration such as \"5s\", got an integer");
  EXPECT_EQ(problem_of("[network]\ndelays = 1.5\n"),
            "t.toml:2: network.delays: expected a number from 0 to 1, got a number");
  EXPECT_EQ(problem_of("[cluster]\nagents = [8, 2]\n"),
            "t.toml:2: cluster.agents: expected a number, or a range such as [2, 8], got a list");
  EXPECT_EQ(problem_of("[cluster]\nallocators = [\"best\"]\n"),
            "t.toml:1: cluster.allocators: there is no allocator 'best'");
  EXPECT_EQ(problem_of("network = 3\n"), "t.toml:1: network: expected a table, got an integer");
}

}  // namespace
}  // namespace mesolite::simulation
