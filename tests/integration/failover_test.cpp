// What a cluster goes through when its master dies, with real processes.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/integration/recording_scheduler.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// As users have it: with the pauses that keep ten thousand agents from coming back at once.
ClusterOptions durable_cluster(int agents) {
  return {.agents = agents,
          .agent_flags = {"--registration_backoff_factor=1secs"},
          .registry = "sqlite"};
}

TEST(Failover, a_killed_master_that_is_started_again_has_all_back_by_themselves) {
  Cluster cluster(durable_cluster(3));
  Scratch files;
  const std::string go = (files / "go").string();
  std::vector<TaskInfo> tasks;
  for (int i = 0; i < 9; ++i) {
    tasks.push_back(shell_task("stays" + std::to_string(i), "sleep 1000"));
  }
  tasks.push_back(shell_task("ends", "until [ -e " + go + " ]; do sleep 0.05; done; exit 3"));
  RecordingScheduler scheduler(tasks);
  SchedulerOptions options = scheduler_options(cluster.master(), "survives");
  options.framework.failover_timeout = 1h;
  MesosSchedulerDriver driver(scheduler, options);
  ASSERT_TRUE(driver.start());
  for (const TaskInfo& task : tasks) {
    ASSERT_TRUE(
        eventually([&] { return scheduler.last(task.id.value).state == TaskState::running; }));
  }

  cluster.kill_master();
  write_file(go, "");  // what ends while there is no master is told of later
  const Stopwatch watch;
  cluster.start_master();
  EXPECT_TRUE(eventually([&] { return scheduler.reregistrations() == 1; }));
  const Duration scheduler_back = watch.elapsed();
  EXPECT_TRUE(eventually([&] { return cluster.agents_in("active") == 3; }));
  const Duration all_back = watch.elapsed();
  std::printf("[ figures  ] scheduler back after %.0f ms, 3 agents after %.0f ms\n",
              to_milliseconds(scheduler_back), to_milliseconds(all_back));
  RecordProperty("all_back_ms", static_cast<int>(to_milliseconds(all_back)));
  EXPECT_LT(all_back, 10s);  // 2 s on a machine that does nothing else

  EXPECT_TRUE(eventually([&] { return scheduler.last("ends").state == TaskState::failed; }));
  EXPECT_EQ(scheduler.last("ends").exit_status, 3 << 8);
  for (int i = 0; i < 9; ++i) {
    const std::string id = "stays" + std::to_string(i);
    EXPECT_EQ(scheduler.last(id).state, TaskState::running) << id;
  }
  EXPECT_EQ(scheduler.agents_lost(), 0u);
  driver.stop(false);
  driver.join();
  EXPECT_TRUE(eventually([&] { return cluster.idle(); }));
}

TEST(Failover, what_was_written_down_can_be_shown_and_checked) {
  Scratch directory;
  {
    Leftovers leftovers;
    Program master(
        {built("sbin/mesos-master"), "--port=0", "--work_dir=" + directory.path().string()});
    Program agent({built("sbin/mesos-agent"), "--port=0", "--master=" + wait_ready(master),
                   "--work_dir=" + (directory / "agent").string(), "--hostname=somewhere",
                   "--registration_backoff_factor=10ms"});
    EXPECT_TRUE(
        eventually([&] { return master.errors().find("agent_registered") != std::string::npos; }));
    const Ended held =
        run({built("bin/mesolite"), "registry", "show", "--work-dir", directory.path().string()});
    EXPECT_NE(held.status, 0);
    EXPECT_NE(held.errors.find("is held by another master"), std::string::npos) << held.errors;
    agent.signal(SIGKILL);
    EXPECT_TRUE(agent.wait());
    master.signal(SIGTERM);
    EXPECT_EQ(master.wait(), 0);
  }
  const std::string work_dir = "--work-dir=" + directory.path().string();
  const Ended shown = run({built("bin/mesolite"), "registry", "show", work_dir});
  EXPECT_EQ(shown.status, 0) << shown.errors;
  EXPECT_NE(shown.output.find("cluster/epoch  1\n"), std::string::npos) << shown.output;
  EXPECT_NE(shown.output.find("hostname=somewhere"), std::string::npos) << shown.output;
  const Ended checked = run({built("bin/mesolite"), "registry", "check", work_dir});
  EXPECT_EQ(checked.status, 0) << checked.errors;
  EXPECT_NE(checked.output.find("records, 0 unreadable"), std::string::npos) << checked.output;
}

TEST(Failover, a_damaged_registry_is_one_sentence) {
  Scratch directory;
  write_file((directory / "registry.db").string(), std::string(5'000, 'x'));
  const Ended master =
      run({built("sbin/mesos-master"), "--port=0", "--work_dir=" + directory.path().string()});
  EXPECT_NE(master.status, 0);
  EXPECT_NE(master.errors.find("is not a registry"), std::string::npos) << master.errors;
}

}  // namespace
}  // namespace mesolite::harness
