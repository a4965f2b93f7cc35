#include "kernel/daemon/process.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "tests/support/program.hpp"

namespace mesolite::daemon {
namespace {

Result<Process> shell(const std::string& line, const std::vector<std::string>& environment = {}) {
  ProcessOptions options;
  options.arguments = {"/bin/sh", "-c", line};
  options.environment = environment;
  return Process::start(options);
}

TEST(Process, tells_how_it_ended) {
  EXPECT_EQ(shell_status(*shell("exit 3").value().wait(10s)), 3);
  EXPECT_EQ(shell_status(*shell("kill -TERM $$").value().wait(10s)), 128 + SIGTERM);
  EXPECT_EQ(exit_text(3 << 8), "exited with status 3");
  EXPECT_EQ(exit_text(SIGKILL), "was killed by signal 9 (Killed)");
}

TEST(Process, sees_added_variables_instead_of_inherited_ones) {
  ::setenv("PROCESS_TEST", "ours", 1);
  EXPECT_EQ(
      shell_status(
          *shell("test \"$PROCESS_TEST\" = theirs", {"PROCESS_TEST=theirs"}).value().wait(10s)),
      0);
  ::unsetenv("PROCESS_TEST");
}

TEST(Process, a_program_that_is_not_there_is_named) {
  ProcessOptions options;
  options.arguments = {"/nonexistent/program"};
  const auto refused = Process::start(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "cannot start '/nonexistent/program': No such file or directory");
}

TEST(Process, is_killed_by_its_destructor) {
  pid_t pid = 0;
  {
    auto process = shell("exec sleep 1000");
    pid = process.value().pid();
    EXPECT_FALSE(process->exit_status());
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(Process, descendants_are_killed_even_if_they_hide_in_sessions_of_their_own) {
  become_subreaper();
  {
    auto parent = shell("setsid sh -c 'setsid sleep 1000 & setsid sleep 1000 & wait' & sleep 1000");
    ASSERT_TRUE(parent);
    EXPECT_TRUE(harness::eventually([] { return harness::descendants().size() >= 5; }));
  }
  kill_descendants();
  EXPECT_TRUE(harness::descendants().empty());
}

}  // namespace
}  // namespace mesolite::daemon
