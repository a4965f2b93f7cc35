// Defends rolling upgrades: a cluster goes from an older release to this one, part by part, and no
// task notices.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/integration/recording_scheduler.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

class Upgrade : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("MESOLITE_OLD_BUILD");
    if (folder == nullptr) GTEST_SKIP() << "needs an older build: scripts/test --long makes one";
    old_build_ = folder;
  }

  std::string old_program(const std::string& name) const { return old_build_ + "/" + name; }

  std::vector<std::string> master_line(const std::string& program, const std::string& port) const {
    return {program, "--port=" + port, "--work_dir=" + (directory_ / "master").string()};
  }
  std::vector<std::string> agent_line(const std::string& program, const std::string& name,
                                      const std::string& master) const {
    return {program,
            "--port=0",
            "--master=" + master,
            "--hostname=" + name,
            "--resources=cpus:1;mem:1024",
            "--registration_backoff_factor=10ms",
            "--work_dir=" + (directory_ / name).string()};
  }

  static void end(Program& program) {
    program.signal(SIGTERM);
    EXPECT_EQ(program.wait(), 0) << program.errors();
  }

  Leftovers leftovers_;
  Scratch directory_;
  std::string old_build_;
};

// Each takes up an agent of one cpu, so that both agents run something.
TaskInfo lasting(const std::string& id) {
  return shell_task(id, "sleep 1000", "cpus:0.6;mem:32");
}

bool runs(const RecordingScheduler& scheduler, const std::string& id) {
  return eventually([&] { return scheduler.last(id).state == TaskState::running; });
}

TEST_F(Upgrade, masters_agents_and_schedulers_of_both_releases_work_together) {
  Program old_master(master_line(old_program("sbin/mesos-master"), "0"));
  const std::string address = wait_ready(old_master);
  Program old_agent(agent_line(old_program("sbin/mesos-agent"), "old", address));
  Program new_agent(agent_line(built("sbin/mesos-agent"), "new", address));

  RecordingScheduler scheduler({lasting("first"), lasting("second")});
  SchedulerOptions options = scheduler_options(address, "upgraded");
  options.framework.failover_timeout = 1h;
  MesosSchedulerDriver driver(scheduler, options);
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(runs(scheduler, "first")) << old_master.errors();
  ASSERT_TRUE(runs(scheduler, "second")) << old_master.errors();
  EXPECT_NE(scheduler.last("first").agent_id, scheduler.last("second").agent_id);

  // The master first: it finds what its predecessor wrote down, and all come back to it.
  old_master.signal(SIGKILL);
  ASSERT_TRUE(old_master.wait());
  const std::string port = address.substr(address.find(':') + 1);
  Program new_master(master_line(built("sbin/mesos-master"), port));
  ASSERT_EQ(wait_ready(new_master), address);
  EXPECT_TRUE(eventually([&] { return scheduler.reregistrations() == 1; })) << new_master.errors();
  const auto registrations = [&] {
    std::size_t count = 0;
    const std::string log = new_master.errors();
    for (std::size_t at = 0; (at = log.find("agent_reregistered", at)) != std::string::npos; ++at) {
      ++count;
    }
    return count;
  };
  EXPECT_TRUE(eventually([&] { return registrations() == 2; })) << new_master.errors();
  EXPECT_EQ(scheduler.last("first").state, TaskState::running);
  EXPECT_EQ(scheduler.last("second").state, TaskState::running);

  // An older scheduler on the new master, and a task on each agent.
  for (int i = 0; i < 2; ++i) {
    const Ended ended = run({old_program("bin/mesolite"), "run", "--master", address, "--cpus=0.3",
                             "--mem=32", "--", "echo", "hello"});
    EXPECT_EQ(ended.status, 0) << ended.errors;
    EXPECT_EQ(ended.output, "hello\n");
  }
  for (const char* id : {"first", "second"}) {
    driver.kill_task(TaskId(id), std::nullopt);
    EXPECT_TRUE(eventually([&] { return scheduler.last(id).state == TaskState::killed; }));
  }
  driver.stop(false);
  driver.join();
  end(old_agent);
  end(new_agent);
  end(new_master);
}

// The way back, should the new release disappoint.
TEST_F(Upgrade, an_older_master_takes_over_what_this_release_wrote_down) {
  Program new_master(master_line(built("sbin/mesos-master"), "0"));
  const std::string address = wait_ready(new_master);
  Program agent(agent_line(built("sbin/mesos-agent"), "new", address));
  RecordingScheduler scheduler({lasting("first")});
  SchedulerOptions options = scheduler_options(address, "disappointed");
  options.framework.failover_timeout = 1h;
  MesosSchedulerDriver driver(scheduler, options);
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(runs(scheduler, "first"));
  new_master.signal(SIGKILL);
  ASSERT_TRUE(new_master.wait());
  const std::string port = address.substr(address.find(':') + 1);
  Program old_master(master_line(old_program("sbin/mesos-master"), port));
  ASSERT_EQ(wait_ready(old_master), address);
  EXPECT_TRUE(eventually([&] { return scheduler.reregistrations() == 1; })) << old_master.errors();
  EXPECT_TRUE(eventually(
      [&] { return old_master.errors().find("agent_reregistered") != std::string::npos; }));
  EXPECT_EQ(scheduler.last("first").state, TaskState::running);
  driver.stop(false);
  driver.join();
  end(agent);
  end(old_master);
}

}  // namespace
}  // namespace mesolite::harness
