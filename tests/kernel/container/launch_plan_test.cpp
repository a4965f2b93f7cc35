#include "kernel/container/launch_plan.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

namespace mesolite::container {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

LaunchRequest shell(const std::string& line) {
  LaunchRequest request;
  request.command.value = line;
  return request;
}

LaunchRequest program(const std::string& name, std::vector<std::string> arguments) {
  LaunchRequest request;
  request.command.shell = false;
  request.command.value = name;
  request.command.arguments = std::move(arguments);
  return request;
}

TEST(LaunchPlan, a_shell_line_goes_to_the_shell_as_one_argument) {
  const auto spec = make_launch_spec(shell("echo a; echo b"), {});
  ASSERT_TRUE(spec);
  EXPECT_THAT(spec->paths, ElementsAre("/bin/sh"));
  EXPECT_THAT(spec->arguments, ElementsAre("sh", "-c", "echo a; echo b"));
}

TEST(LaunchPlan, a_path_is_taken_as_it_is) {
  const auto spec = make_launch_spec(program("./run", {"run", "-x"}), {});
  ASSERT_TRUE(spec);
  EXPECT_THAT(spec->paths, ElementsAre("./run"));
  EXPECT_THAT(spec->arguments, ElementsAre("run", "-x"));
}

TEST(LaunchPlan, a_name_is_looked_for_along_the_path_of_the_task) {
  auto request = program("true", {});
  request.environment["PATH"] = "/base";
  request.command.environment["PATH"] = "/a:/b";
  const auto spec = make_launch_spec(request, {});
  ASSERT_TRUE(spec);
  EXPECT_THAT(spec->paths, ElementsAre("/a/true", "/b/true"));
  EXPECT_THAT(spec->arguments, ElementsAre("true"));
}

TEST(LaunchPlan, the_command_wins_over_the_base_and_isolators_unless_they_override) {
  auto request = shell("true");
  request.environment = {{"A", "base"}, {"B", "base"}, {"C", "base"}, {"D", "base"}};
  request.command.environment = {{"C", "command"}, {"D", "command"}};
  Contribution contribution;
  contribution.environment["B"] = {"isolator", false, false};
  contribution.environment["C"] = {"isolator", false, false};
  contribution.environment["D"] = {"isolator", false, true};
  const auto spec = make_launch_spec(request, contribution);
  ASSERT_TRUE(spec);
  EXPECT_THAT(spec->environment, ElementsAre("A=base", "B=isolator", "C=command", "D=isolator"));
}

TEST(LaunchPlan, rlimits_go_by_name) {
  Contribution contribution;
  contribution.rlimits = {{"nofile", 10, 20}};
  const auto spec = make_launch_spec(shell("true"), contribution);
  ASSERT_TRUE(spec);
  ASSERT_EQ(spec->bounds.size(), 1u);
  EXPECT_EQ(spec->bounds[0].resource, RLIMIT_NOFILE);
  EXPECT_EQ(spec->bounds[0].soft, 10u);
}

TEST(LaunchPlan, what_cannot_be_run_is_refused_with_a_sentence) {
  Contribution unknown;
  unknown.rlimits = {{"speed", 1, 1}};
  auto bad_name = shell("true");
  bad_name.environment["A=B"] = "x";
  const std::string nul("a\0b", 3);

  EXPECT_EQ(make_launch_spec(shell(""), {}).error().message, "the command is empty");
  EXPECT_EQ(make_launch_spec(shell(nul), {}).error().message, "the command holds a NUL byte");
  EXPECT_EQ(make_launch_spec(program("a", {nul}), {}).error().message,
            "the command holds a NUL byte");
  EXPECT_THAT(make_launch_spec(bad_name, {}).error().message, HasSubstr("'A=B'"));
  EXPECT_EQ(make_launch_spec(shell("true"), unknown).error().message, "there is no rlimit 'speed'");
}

}  // namespace
}  // namespace mesolite::container
