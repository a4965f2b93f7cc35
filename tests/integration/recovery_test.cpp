// An agent dies, at the worst of moments, and the next one goes on: nothing is lost, nothing runs
// twice, and nothing is left behind.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "kernel/container/failpoint.hpp"
#include "mesolite/module/cgroups.hpp"
#include "sdk/net/http_get.hpp"
#include "tests/integration/recording_scheduler.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Tasks that wait at a gate, and all go on when it is opened.
class Gate {
 public:
  explicit Gate(fs::path path) : path_(std::move(path)) {
    EXPECT_EQ(::mkfifo(path_.c_str(), 0666), 0);
  }
  std::string wait() const { return "read line < " + path_.string() + "; "; }
  void open() const { const std::ofstream all(path_); }

 private:
  fs::path path_;
};

std::size_t terminal_updates(const RecordingScheduler& scheduler, const std::string& task) {
  const auto states = scheduler.states(task);
  return static_cast<std::size_t>(std::count_if(states.begin(), states.end(), is_terminal));
}

// Whether all that an agent has run is over and acknowledged.
bool knows_no_framework(Program& agent) {
  const auto address = net::parse_host_port(wait_ready(agent));
  if (!address) return false;
  const auto state = net::http_get(address->host, address->port, "/state", 5s);
  const auto json = nlohmann::json::parse(state ? state->body : "", nullptr, false);
  return json.is_object() && json.at("frameworks").empty();
}

std::string name(std::size_t number) {
  return "t" + std::to_string(number);
}

TEST(Recovery, in_the_middle_of_200_tasks_none_is_lost_none_restarted_and_each_end_told_once) {
  constexpr std::size_t count = 200;
  Cluster cluster({.resources = "cpus:20;mem:8192;disk:10000;ports:[31000-31999]"});
  const Scratch scratch;
  const Gate early(scratch / "early");
  const Gate late(scratch / "late");
  std::vector<TaskInfo> tasks;
  for (std::size_t i = 0; i < count; ++i) {
    const Gate& gate = i % 2 == 0 ? early : late;
    const std::string runs = (scratch / name(i)).string();
    tasks.push_back(shell_task(name(i), "echo >> " + runs + "; " + gate.wait() + "echo >> " + runs +
                                            ".end; exit " + std::to_string(i % 3)));
  }
  RecordingScheduler scheduler(tasks);
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "recovers"));
  ASSERT_TRUE(driver.start());
  const auto all = [&](auto holds) {
    for (std::size_t i = 0; i < count; ++i) {
      if (!holds(i)) return false;
    }
    return true;
  };
  ASSERT_TRUE(eventually([&] {
    return all([&](std::size_t i) { return scheduler.last(name(i)).state == TaskState::running; });
  }));

  cluster.kill_agent(0);
  early.open();
  EXPECT_TRUE(eventually([&] {
    return all(
        [&](std::size_t i) { return i % 2 != 0 || fs::exists(scratch / (name(i) + ".end")); });
  })) << "tasks go on while there is no agent";
  cluster.start_agent(0);
  EXPECT_TRUE(eventually([&] {
    return all(
        [&](std::size_t i) { return i % 2 != 0 || is_terminal(scheduler.last(name(i)).state); });
  }));
  late.open();
  EXPECT_TRUE(eventually([&] {
    return all([&](std::size_t i) { return is_terminal(scheduler.last(name(i)).state); });
  }));
  // Another agent, after all ends were told and acknowledged, has nothing left to tell.
  EXPECT_TRUE(eventually([&] { return knows_no_framework(cluster.agent_program(0)); }));
  cluster.kill_agent(0);
  cluster.start_agent(0);
  EXPECT_TRUE(eventually([&] { return cluster.agents_in("active") == 1; }));
  for (std::size_t i = 0; i < count; ++i) {
    const TaskStatus last = scheduler.last(name(i));
    EXPECT_EQ(last.state, i % 3 == 0 ? TaskState::finished : TaskState::failed) << last.message;
    EXPECT_EQ(last.exit_status, static_cast<std::int32_t>(i % 3) << 8) << last.message;
    EXPECT_EQ(terminal_updates(scheduler, name(i)), 1u) << name(i);
    EXPECT_EQ(read_file(scratch / name(i)), "\n") << name(i) << " began once";
  }
}

TEST(Recovery, an_executor_runs_on_and_its_tasks_end_through_the_next_agent) {
  Cluster cluster;
  const Scratch scratch;
  ExecutorInfo executor;
  executor.id = ExecutorId("waiting");
  executor.command.value = built("tests/waiting-executor");
  executor.resources = Resources::parse("cpus:0.1;mem:32").value();
  std::vector<TaskInfo> tasks;
  for (const char* id : {"before", "between", "after"}) {
    TaskInfo task = shell_task(id, "");
    task.command.reset();
    task.executor = executor;
    task.data = Bytes((scratch / id).string());
    tasks.push_back(std::move(task));
  }
  RecordingScheduler scheduler(tasks);
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "executes"));
  ASSERT_TRUE(driver.start());
  const auto is = [&](const char* id, TaskState state) {
    return eventually([&] { return scheduler.last(id).state == state; });
  };
  for (const char* id : {"before", "between", "after"}) ASSERT_TRUE(is(id, TaskState::running));
  std::ofstream(scratch / "before") << "end";
  ASSERT_TRUE(is("before", TaskState::finished));

  cluster.kill_agent(0);
  std::ofstream(scratch / "between") << "end";
  cluster.start_agent(0);
  EXPECT_TRUE(is("between", TaskState::finished));
  std::ofstream(scratch / "after") << "end";
  EXPECT_TRUE(is("after", TaskState::finished));
  for (const char* id : {"before", "between", "after"}) {
    EXPECT_EQ(terminal_updates(scheduler, id), 1u) << id;
  }
}

TEST(Recovery, an_agent_that_is_to_make_way_for_the_next_one_leaves_its_tasks_running) {
  Cluster cluster;
  const Scratch scratch;
  const Gate gate(scratch / "gate");
  RecordingScheduler scheduler({shell_task("t", gate.wait() + "exit 5")});
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "upgrades"));
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(eventually([&] { return scheduler.last("t").state == TaskState::running; }));
  cluster.agent_program(0).signal(SIGUSR2);
  EXPECT_EQ(cluster.agent_program(0).wait(), 0);
  cluster.start_agent(0);
  EXPECT_TRUE(eventually([&] { return cluster.agents_in("active") == 1; }));
  gate.open();
  EXPECT_TRUE(eventually([&] { return scheduler.last("t").exit_status == 5 << 8; }));
}

TEST(Recovery, an_executor_whose_agent_does_not_come_back_ends_itself) {
  Cluster cluster({.agents = 0});
  cluster.add_agent({"--recovery_timeout=1secs"});
  ASSERT_TRUE(eventually([&] { return cluster.agents_in("active") == 1; }));
  const Scratch scratch;
  TaskInfo task = shell_task("t", "");
  task.command.reset();
  task.executor.emplace();
  task.executor->id = ExecutorId("waiting");
  // What the driver does is seen by a process that the launcher's own patience does not end first.
  task.executor->command.value =
      "exec > " + (scratch / "said").string() + "; exec " + built("tests/waiting-executor");
  task.data = Bytes((scratch / "never").string());
  RecordingScheduler scheduler({task});
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "left"));
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(eventually([&] { return scheduler.last("t").state == TaskState::running; }));
  cluster.kill_agent(0);
  EXPECT_TRUE(eventually([&] { return read_file(scratch / "said") == "disconnected\n"; }));
  EXPECT_TRUE(eventually([&] { return descendants_named("waiting-executor").empty(); }));
  EXPECT_TRUE(eventually([&] { return descendants_named("mesolite-launch").empty(); }));
}

TEST(Recovery, an_agent_with_less_than_before_does_not_start_and_says_what_to_do) {
  Cluster cluster;
  RecordingScheduler scheduler({shell_task("t", "sleep 1000")});
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "stays"));
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(eventually([&] { return scheduler.last("t").state == TaskState::running; }));
  cluster.kill_agent(0);
  const auto start = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(),
                 {built("sbin/mesos-agent"), "--port=0", "--master=" + cluster.master(),
                  "--work_dir=" + cluster.agent_directory(0).string()});
    return run(std::move(flags));
  };
  const Ended less = start({"--resources=cpus:1;mem:4096;disk:10000;ports:[31000-31999]"});
  EXPECT_EQ(less.status, 78);
  EXPECT_THAT(less.errors,
              testing::AllOf(HasSubstr("--resources was 'cpus:4;"), HasSubstr("is now 'cpus:1;"),
                             HasSubstr("--recover=as-new")));
  EXPECT_EQ(
      start({"--hostname=other", "--resources=cpus:4;mem:4096;disk:10000;ports:[31000-31999]"})
          .status,
      78);
  cluster.start_agent(0);
  EXPECT_TRUE(eventually([&] { return cluster.agents_in("active") == 1; }));
  EXPECT_EQ(scheduler.last("t").state, TaskState::running);
}

TEST(Recovery, as_new_ends_what_ran_and_begins_with_another_id) {
  Cluster cluster;
  RecordingScheduler scheduler({shell_task("t", "sleep 1000")});
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "ends"));
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(eventually([&] { return scheduler.last("t").state == TaskState::running; }));
  const AgentId before = scheduler.last("t").agent_id;
  cluster.kill_agent(0);
  cluster.start_agent(0, {"--recover=as-new"});
  EXPECT_TRUE(eventually([&] { return descendants_named("sleep 1000").empty(); }));
  EXPECT_TRUE(eventually([&] { return cluster.agents_in("active") == 1; }));
  EXPECT_THAT(cluster.get("/slaves"), HasSubstr("\"id\""));
}

TEST(Recovery, cleanup_ends_what_ran_and_the_agent) {
  Cluster cluster;
  RecordingScheduler scheduler({shell_task("t", "sleep 1000")});
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "ends"));
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(eventually([&] { return scheduler.last("t").state == TaskState::running; }));
  cluster.kill_agent(0);
  cluster.start_agent(0, {"--recover=cleanup"});
  EXPECT_EQ(cluster.agent_program(0).wait(), 0);
  EXPECT_THAT(descendants_named("sleep 1000"), IsEmpty());
  cluster.start_agent(0);
  EXPECT_TRUE(eventually([&] { return scheduler.last("t").state == TaskState::killed; }));
}

TEST(Recovery, damaged_checkpoints_are_named_and_only_a_strict_agent_does_not_start) {
  Cluster cluster;
  ASSERT_TRUE(eventually([&] { return cluster.agents_in("active") == 1; }));
  cluster.kill_agent(0);
  const fs::path file = cluster.agent_directory(0) / "meta/checkpoints-1";
  ASSERT_TRUE(fs::exists(file));
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(40).put('?');
  const Ended strict = run({built("sbin/mesos-agent"), "--port=0", "--master=" + cluster.master(),
                            "--strict=true", "--work_dir=" + cluster.agent_directory(0).string()});
  EXPECT_EQ(strict.status, 78);
  EXPECT_THAT(strict.errors, testing::AllOf(HasSubstr(file.string() + "', offset 16: "),
                                            HasSubstr("--recover=as-new")));
  cluster.start_agent(0);
  EXPECT_TRUE(eventually([&] { return cluster.agents_in("active") == 1; }));
  EXPECT_THAT(cluster.agent_program(0).errors(), HasSubstr("offset 16"));
}

TEST(Recovery, a_work_directory_serves_one_agent_at_a_time) {
  Cluster cluster;
  const Ended second = run({built("sbin/mesos-agent"), "--port=0", "--master=" + cluster.master(),
                            "--work_dir=" + cluster.agent_directory(0).string()});
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.errors, HasSubstr("another agent works in"));
}

// ---- dying at each step of a launch -------------------------------------------------------------

class LaunchSteps : public testing::TestWithParam<std::string_view> {
 protected:
  static bool with_cgroups() { return ::geteuid() == 0 && CgroupFs::open({}).has_value(); }
  std::vector<std::string> flags() const {
    if (!with_cgroups()) return {};
    return {"--isolation=cgroups,namespaces/pid,namespaces/mount,network/namespace",
            "--launcher=linux", "--cgroups_root=" + root_};
  }
  // The groups of all agents' containers.
  std::vector<std::string> groups() const {
    if (!with_cgroups()) return {};
    std::vector<std::string> found;
    for (const std::string& agent : CgroupFs::open({"/sys/fs/cgroup", root_})->names()) {
      const auto groups = CgroupFs::open({"/sys/fs/cgroup", root_ + "/" + agent});
      for (const std::string& group : groups->names()) found.push_back(group);
    }
    return found;
  }
  // Network interfaces and mounts are counted: what others do there is not of ours.
  static std::vector<std::string> mounts_below(const fs::path& directory) {
    std::vector<std::string> found;
    std::ifstream mounts("/proc/self/mounts");
    for (std::string line; std::getline(mounts, line);) {
      if (line.find(directory.string()) != std::string::npos) found.push_back(line);
    }
    return found;
  }
  void TearDown() override {
    if (!with_cgroups()) return;
    auto groups = CgroupFs::open({"/sys/fs/cgroup", root_});
    EXPECT_THAT(groups->names(), IsEmpty()) << "groups that no agent needs any more";
    EXPECT_TRUE(groups->remove(""));
  }

  std::string root_ = "mesolite-recovery-" + std::to_string(::getpid());
};

std::vector<std::string> entries(const fs::path& directory) {
  std::vector<std::string> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(directory, none)) {
    found.push_back(entry.path().filename());
  }
  return found;
}

TEST_P(LaunchSteps, killed_there_an_agent_leaves_nothing_behind_for_long) {
  Cluster cluster({.agents = 0, .agent_flags = flags()});
  cluster.add_agent({"--failpoint=" + std::string(GetParam())});
  ASSERT_TRUE(eventually([&] { return cluster.agents_in("active") == 1; }));
  RecordingScheduler scheduler({shell_task("t", "sleep 1000")});
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "unlucky"));
  ASSERT_TRUE(driver.start());
  ASSERT_EQ(cluster.agent_program(0).wait(), 128 + SIGKILL);

  cluster.start_agent(0);
  // Either it was known before the agent died, and is told of, or it was not, and is lost.
  ASSERT_TRUE(eventually([&] { return scheduler.last("t").state != TaskState::unknown; }));
  if (!is_terminal(scheduler.last("t").state)) {
    EXPECT_EQ(scheduler.last("t").state, TaskState::running);
    driver.kill_task(TaskId("t"), std::nullopt);
  }
  EXPECT_TRUE(eventually([&] { return is_terminal(scheduler.last("t").state); }));
  EXPECT_EQ(terminal_updates(scheduler, "t"), 1u) << scheduler.last("t").message;
  EXPECT_TRUE(eventually([&] { return cluster.idle(); }));

  const fs::path directory = cluster.agent_directory(0);
  EXPECT_TRUE(eventually([&] { return descendants_named("sleep 1000").empty(); }));
  EXPECT_TRUE(eventually([&] { return groups().empty(); })) << ::testing::PrintToString(groups());
  EXPECT_TRUE(eventually([&] { return entries(directory / "launcher/ended").empty(); }));
  EXPECT_TRUE(eventually([&] { return entries(directory / "run/containers").empty(); }));
  EXPECT_TRUE(eventually([&] { return entries(directory / "networks").empty(); }));
  EXPECT_THAT(mounts_below(directory), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Recovery, LaunchSteps, testing::ValuesIn(container::launch_steps),
                         [](const auto& step) { return std::string(step.param); });

}  // namespace
}  // namespace mesolite::harness
