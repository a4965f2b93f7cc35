// What `mesolite run` promises: all of the output, and the command's own status.
#include <gtest/gtest.h>

#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

class MesoliteRun : public ::testing::Test {
 protected:
  std::vector<std::string> command(std::vector<std::string> words) const {
    std::vector<std::string> arguments{built("bin/mesolite"), "run", "--master", cluster_.master(),
                                       "--"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return arguments;
  }

  Cluster cluster_;
};

TEST_F(MesoliteRun, shows_what_the_command_prints_and_ends_with_its_status) {
  const Ended ended = run(command({"sh", "-c", "echo hello; echo oops >&2; exit 3"}));
  EXPECT_EQ(ended.status, 3) << ended.errors;
  EXPECT_EQ(ended.output, "hello\n");
  EXPECT_EQ(ended.errors, "oops\n");
}

TEST_F(MesoliteRun, never_loses_the_end_of_a_large_output) {
  const Ended ended = run(command(
      {"sh", "-c",
       "head -c 300000 /dev/zero | tr '\\0' x; head -c 100000 /dev/zero | tr '\\0' y >&2"}));
  EXPECT_EQ(ended.status, 0) << ended.errors.substr(0, 200);
  EXPECT_EQ(ended.output, std::string(300'000, 'x'));
  EXPECT_EQ(ended.errors, std::string(100'000, 'y'));
}

TEST_F(MesoliteRun, shows_output_while_the_command_still_runs) {
  Program running(command({"sh", "-c", "echo first; exec sleep 1000"}));
  EXPECT_TRUE(running.says("first\n"));
  EXPECT_FALSE(running.process().exit_status());
  running.signal(SIGINT);
  EXPECT_EQ(running.wait(), 128 + SIGTERM);
  EXPECT_TRUE(eventually([&] { return cluster_.idle(); }));
}

TEST_F(MesoliteRun, passes_arguments_and_variables_as_they_are) {
  std::vector<std::string> arguments{built("bin/mesolite"),
                                     "run",
                                     "--master",
                                     cluster_.master(),
                                     "--env",
                                     "GREETING=good day",
                                     "--",
                                     "sh",
                                     "-c",
                                     "echo \"$GREETING, $1\"",
                                     "sh",
                                     "a  b; exit 9"};
  const Ended ended = run(std::move(arguments));
  EXPECT_EQ(ended.output, "good day, a  b; exit 9\n") << ended.errors;
  EXPECT_EQ(ended.status, 0);
}

TEST_F(MesoliteRun, a_command_that_dies_of_a_signal_is_reported_as_a_shell_does) {
  EXPECT_EQ(run(command({"sh", "-c", "kill -KILL $$"})).status, 128 + SIGKILL);
}

TEST_F(MesoliteRun, a_command_that_cannot_be_executed_is_named) {
  const Ended ended = run(command({"/nonexistent/program"}));
  EXPECT_NE(ended.status, 0);
  EXPECT_NE(ended.errors.find("/nonexistent/program"), std::string::npos) << ended.errors;
}

TEST_F(MesoliteRun, nothing_stays_behind_when_it_is_killed) {
  Program running(command({"sh", "-c", "echo started; exec sleep 1000"}));
  ASSERT_TRUE(running.says("started"));
  EXPECT_TRUE(eventually([&] { return !cluster_.idle(); }));
  running.signal(SIGKILL);
  EXPECT_EQ(running.wait(), 128 + SIGKILL);
  EXPECT_TRUE(eventually([&] { return cluster_.idle(); }, 5s));
}

TEST_F(MesoliteRun, a_reader_that_goes_away_ends_the_command) {
  const std::string line = built("bin/mesolite") + " run --master " + cluster_.master() +
                           " -- sh -c 'while :; do echo y; done' | head -1";
  const Ended ended = run({"/bin/sh", "-c", line});
  EXPECT_EQ(ended.output, "y\n");
  EXPECT_TRUE(eventually([&] { return cluster_.idle(); }));
}

}  // namespace
}  // namespace mesolite::harness
