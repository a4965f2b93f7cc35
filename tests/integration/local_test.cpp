// What `mesolite local` promises: a cluster within two seconds, and nothing of it afterwards.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

class MesoliteLocal : public ::testing::Test {
 protected:
  // With a temporary directory of its own, so that we see what stays there.
  Program start(int agents, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{built("bin/mesolite"), "local", "--port", "0", "--agents",
                                       std::to_string(agents)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Program(std::move(arguments), {"TMPDIR=" + directory_.path().string()});
  }

  void expect_nothing_left() {
    EXPECT_TRUE(eventually([] { return descendants().empty(); }, 10s));
    EXPECT_TRUE(eventually([&] { return std::filesystem::is_empty(directory_.path()); }, 10s));
  }

  Leftovers leftovers_;
  Scratch directory_;
};

// The process that runs the cluster, below the one that the user sees.
pid_t child_of(Program& program) {
  const std::string pid = std::to_string(program.process().pid());
  return std::stoi("0" + read_file("/proc/" + pid + "/task/" + pid + "/children"));
}

TEST_F(MesoliteLocal, is_ready_within_two_seconds_and_runs_commands) {
  const Stopwatch watch;
  Program local = start(3);
  const std::string address = wait_ready(local);
  EXPECT_LT(watch.elapsed(), 2s);
  const Ended ran = run({built("bin/mesolite"), "run", "--master", address, "--", "echo", "hi"});
  EXPECT_EQ(ran.output, "hi\n") << ran.errors;
  const Ended agents = run({built("bin/mesolite"), "agents", "--master", address});
  EXPECT_EQ(std::count(agents.output.begin(), agents.output.end(), '\n'), 4) << agents.output;
  local.signal(SIGINT);
  EXPECT_EQ(local.wait(), 0) << local.errors();
  expect_nothing_left();
}

TEST_F(MesoliteLocal, takes_running_tasks_along_when_it_ends) {
  Program local = start(1);
  const std::string address = wait_ready(local);
  Program task({built("bin/mesolite"), "run", "--master", address, "--", "sh", "-c",
                "echo started; setsid sleep 1000 & sleep 1000"});
  ASSERT_TRUE(task.says("started")) << task.errors();
  local.signal(SIGTERM);
  EXPECT_EQ(local.wait(), 0) << local.errors();
  task.signal(SIGKILL);
  EXPECT_TRUE(task.wait());
  expect_nothing_left();
}

TEST_F(MesoliteLocal, leaves_nothing_when_interrupted_at_any_moment_of_its_start) {
  for (const Duration moment : {1ms, 5ms, 20ms, 60ms, 150ms, 400ms}) {
    Program local = start(2);
    EXPECT_FALSE(local.wait(moment));
    local.signal(SIGINT);
    EXPECT_TRUE(local.wait());
    expect_nothing_left();
  }
}

TEST_F(MesoliteLocal, leaves_nothing_when_it_is_killed) {
  Program local = start(2);
  ASSERT_NE(wait_ready(local), "");
  local.signal(SIGKILL);
  EXPECT_EQ(local.wait(), 128 + SIGKILL);
  expect_nothing_left();
}

TEST_F(MesoliteLocal, leaves_nothing_when_the_process_behind_it_is_killed) {
  Program local = start(2);
  ASSERT_NE(wait_ready(local), "");
  ::kill(child_of(local), SIGKILL);
  EXPECT_EQ(local.wait(), 128 + SIGKILL);
  expect_nothing_left();
}

TEST_F(MesoliteLocal, a_second_cluster_on_the_same_port_says_so_and_leaves_the_first_alone) {
  Program first = start(0);
  const std::string address = wait_ready(first);
  const std::string port = address.substr(address.find(':') + 1);
  Program second({built("bin/mesolite"), "local", "--agents", "0", "--port", port},
                 {"TMPDIR=" + directory_.path().string(), "MESOS_bus_port=1"});
  EXPECT_EQ(second.wait(), 1);
  EXPECT_NE(second.errors().find("cannot listen"), std::string::npos) << second.errors();
  first.signal(SIGINT);
  EXPECT_EQ(first.wait(), 0);
  expect_nothing_left();
}

TEST_F(MesoliteLocal, keeps_a_directory_that_was_asked_for) {
  const Scratch kept;
  Program local = start(1, {"--work-dir", kept.path().string()});
  ASSERT_NE(wait_ready(local), "");
  local.signal(SIGINT);
  EXPECT_EQ(local.wait(), 0);
  EXPECT_TRUE(std::filesystem::exists(kept / "master"));
  EXPECT_TRUE(std::filesystem::exists(kept / "agent-1"));
  expect_nothing_left();
}

}  // namespace
}  // namespace mesolite::harness
