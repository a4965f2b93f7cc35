// What master, agents and schedulers promise each other, with real processes dying.
#include <gtest/gtest.h>

#include "tests/integration/recording_scheduler.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

const std::vector<TaskState> ran_to_its_end{TaskState::running, TaskState::finished};

// Without the steps that only some agents report.
std::vector<TaskState> main_states(std::vector<TaskState> states) {
  std::erase(states, TaskState::starting);
  std::erase(states, TaskState::staging);
  return states;
}

TEST(Cluster, tasks_of_a_framework_run_to_their_end_and_free_all_they_used) {
  Cluster cluster({.agents = 2});
  std::vector<TaskInfo> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(shell_task("t" + std::to_string(i), "exit 0"));
  RecordingScheduler scheduler(tasks);
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "twenty"));
  ASSERT_TRUE(driver.start());
  for (const TaskInfo& task : tasks) {
    const std::string& id = task.id.value;
    EXPECT_TRUE(eventually([&] { return main_states(scheduler.states(id)) == ran_to_its_end; }))
        << id << ": " << to_text(scheduler.last(id).state) << ' ' << scheduler.last(id).message;
  }
  driver.stop(false);
  driver.join();
  EXPECT_TRUE(eventually([&] { return cluster.idle(); }));
}

TEST(Cluster, a_failing_command_is_reported_with_its_status_and_a_killed_one_as_killed) {
  Cluster cluster;
  RecordingScheduler scheduler({shell_task("fails", "exit 7"), shell_task("stays", "sleep 1000")});
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "ends"));
  ASSERT_TRUE(driver.start());
  EXPECT_TRUE(eventually([&] { return scheduler.last("fails").state == TaskState::failed; }));
  EXPECT_EQ(scheduler.last("fails").exit_status, 7 << 8);
  EXPECT_TRUE(eventually([&] { return scheduler.last("stays").state == TaskState::running; }));
  driver.kill_task(TaskId("stays"), std::nullopt);
  EXPECT_TRUE(eventually([&] { return scheduler.last("stays").state == TaskState::killed; }));
}

TEST(Cluster, a_lost_machine_is_noticed_within_a_second_and_its_tasks_are_reported_lost) {
  Cluster cluster({.agents = 2, .master_flags = {"--agent_reregister_timeout=300ms"}});
  RecordingScheduler scheduler({shell_task("a", "sleep 1000", "cpus:3;mem:32"),
                                shell_task("b", "sleep 1000", "cpus:3;mem:32")});
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "loses"));
  ASSERT_TRUE(driver.start());
  for (const char* id : {"a", "b"}) {
    ASSERT_TRUE(eventually([&] { return scheduler.last(id).state == TaskState::running; }));
  }
  const Stopwatch watch;
  cluster.lose_agent(0);
  EXPECT_TRUE(eventually([&] { return cluster.agents_in("active") == 1; }));
  EXPECT_LT(watch.elapsed(), 1s);
  EXPECT_TRUE(eventually([&] { return scheduler.agents_lost() == 1; }));
  EXPECT_TRUE(eventually([&] {
    return (scheduler.last("a").state == TaskState::lost) !=
           (scheduler.last("b").state == TaskState::lost);
  }));
  driver.stop(false);
  driver.join();
}

TEST(Cluster, an_agent_that_is_told_to_end_takes_its_tasks_along) {
  Cluster cluster;
  RecordingScheduler scheduler({shell_task("a", "sleep 1000")});
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "stays"));
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(eventually([&] { return scheduler.last("a").state == TaskState::running; }));
  cluster.agent_program(0).signal(SIGTERM);
  EXPECT_EQ(cluster.agent_program(0).wait(), 0);
  EXPECT_TRUE(eventually([&] { return is_terminal(scheduler.last("a").state); }));
  EXPECT_TRUE(eventually([&] { return cluster.agents_in("active") == 0; }));
}

TEST(Cluster, agents_and_schedulers_wait_for_a_master_that_is_not_there_yet) {
  Leftovers leftovers;
  Scratch directory;
  // A port that was free a moment ago, for a master that comes late.
  Program first({built("sbin/mesos-master"), "--port=0", "--registry=in_memory"});
  const std::string address = wait_ready(first);
  first.signal(SIGTERM);
  ASSERT_EQ(first.wait(), 0);

  Program agent({built("sbin/mesos-agent"), "--port=0", "--master=" + address,
                 "--work_dir=" + directory.path().string(), "--registration_backoff_factor=10ms"});
  RecordingScheduler scheduler({shell_task("a", "exit 0")});
  MesosSchedulerDriver driver(scheduler, scheduler_options(address, "early"));
  ASSERT_TRUE(driver.start());
  const std::string port = address.substr(address.find(':') + 1);
  Program master(
      {built("sbin/mesos-master"), "--port=" + port, "--bus_port=0", "--registry=in_memory"});
  EXPECT_TRUE(eventually([&] { return scheduler.last("a").state == TaskState::finished; }))
      << master.errors() << agent.errors();
  driver.stop(false);
  driver.join();
  for (Program* program : {&agent, &master}) {
    program->signal(SIGTERM);
    EXPECT_EQ(program->wait(), 0);
  }
}

}  // namespace
}  // namespace mesolite::harness
