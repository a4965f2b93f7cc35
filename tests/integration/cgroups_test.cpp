// `--isolation=cgroups` from end to end: what a task can use is held to what it was given, whoever
// goes beyond is told why it was ended, and nobody else suffers.
#include <gmock/gmock.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "mesolite/module/cgroups.hpp"
#include "sdk/net/http_get.hpp"
#include "tests/integration/recording_scheduler.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Json = nlohmann::json;

// A hog that needs no program of ours: tail keeps a line that does not end. The shell and its
// sleeper have done nothing and end with it.
constexpr const char* hog = "sleep 1000 & head -c 200000000 /dev/zero | tail; wait";
constexpr const char* fork_bomb = "bomb() { bomb | bomb & }; bomb; sleep 1000";

class Cgroups : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    const auto groups = CgroupFs::open({});
    if (!groups) GTEST_SKIP() << groups.error().message;
    for (const char* controller : {"cpu", "memory", "pids"}) {
      if (const auto known = groups->require(controller); !known) {
        GTEST_SKIP() << known.error().message;
      }
    }
    cluster_.emplace(ClusterOptions{
        .agents = 1, .agent_flags = {"--isolation=cgroups", "--cgroups_root=" + root_}});
  }
  void TearDown() override {
    driver_.reset();
    cluster_.reset();
    auto groups = CgroupFs::open({"/sys/fs/cgroup", root_});
    if (!groups) return;
    EXPECT_THAT(groups->names(), IsEmpty()) << "groups that no agent needs any more";
    EXPECT_TRUE(groups->remove(""));
  }

  void run(std::vector<TaskInfo> tasks) {
    scheduler_.emplace(std::move(tasks));
    driver_ = std::make_unique<MesosSchedulerDriver>(
        *scheduler_, scheduler_options(cluster_->master(), "cgroups"));
    ASSERT_TRUE(driver_->start());
  }
  bool running(const std::string& task) {
    return eventually([&] { return scheduler_->last(task).state == TaskState::running; });
  }
  bool ended(const std::string& task) {
    return eventually([&] { return is_terminal(scheduler_->last(task).state); });
  }
  // Of the agent; an empty value without an answer.
  Json get(const std::string& path) {
    const std::string address = wait_ready(cluster_->agent_program(0));
    const auto place = net::parse_host_port(address);
    if (!place) return {};
    const auto reply = net::http_get(place->host, place->port, path, 5s);
    return reply ? Json::parse(reply->body, nullptr, false) : Json();
  }
  // A statistic of a task's container; -1 if it is not there.
  double statistic(const std::string& task, const std::string& name) {
    for (const Json& container : get("/containers")) {
      if (container.value("executor_id", "") == task) {
        return container.at("statistics").value(name, -1.0);
      }
    }
    return -1;
  }

  const std::string root_ = "mesolite-test-" + std::to_string(::getpid());
  std::optional<Cluster> cluster_;
  std::optional<RecordingScheduler> scheduler_;
  std::unique_ptr<MesosSchedulerDriver> driver_;
};

TEST_F(Cgroups, a_task_that_runs_out_of_memory_ends_whole_with_the_reason_and_nobody_else_does) {
  run({shell_task("other", "sleep 1000"), shell_task("hog", hog, "cpus:1;mem:64")});
  ASSERT_TRUE(running("hog"));
  const Stopwatch watch;
  ASSERT_TRUE(ended("hog"));
  EXPECT_LT(watch.elapsed(), 1s);
  const TaskStatus last = scheduler_->last("hog");
  EXPECT_EQ(last.state, TaskState::failed);
  EXPECT_EQ(last.reason, UpdateReason::container_limitation_memory);
  EXPECT_THAT(last.message, HasSubstr("OOM"));
  EXPECT_THAT(last.message, HasSubstr("limit 64 MB"));
  EXPECT_TRUE(running("other"));
}

TEST_F(Cgroups, who_runs_a_command_is_told_why_it_was_ended) {
  const Ended ended = harness::run({built("bin/mesolite"), "run", "--master", cluster_->master(),
                                    "--mem", "64", "--", "sh", "-c", hog});
  EXPECT_EQ(ended.status, 128 + SIGKILL);
  EXPECT_THAT(ended.errors, HasSubstr("OOM"));
  EXPECT_THAT(ended.errors, HasSubstr("limit 64 MB"));
}

TEST_F(Cgroups, a_fork_bomb_leaves_the_agent_and_other_tasks_alone) {
  TaskInfo bomb = shell_task("bomb", fork_bomb, "cpus:0.1;mem:256");
  bomb.limits.pids = 200;
  run({bomb, shell_task("quick", "sleep 2; exit 0", "cpus:0.1;mem:32")});
  ASSERT_TRUE(running("bomb"));
  for (int i = 0; i < 10; ++i) {
    const Stopwatch watch;
    EXPECT_FALSE(get("/state").empty());
    EXPECT_LT(watch.elapsed(), 1s);
  }
  EXPECT_TRUE(ended("quick"));
  EXPECT_EQ(scheduler_->last("quick").state, TaskState::finished);
  EXPECT_EQ(cluster_->agents_in("active"), 1u);
}

TEST_F(Cgroups, what_containers_use_is_told_by_the_agent) {
  TaskInfo busy = shell_task("busy", "while :; do :; done", "cpus:0.5;mem:64");
  busy.limits.cpus = 0.5;
  run({busy});
  ASSERT_TRUE(running("busy"));
  EXPECT_TRUE(eventually([&] { return statistic("busy", "cpus_user_time_secs") > 0; }));
  EXPECT_TRUE(eventually([&] { return statistic("busy", "cpus_nr_throttled") > 0; }));
  EXPECT_GT(statistic("busy", "mem_rss_bytes"), 0);
  EXPECT_EQ(statistic("busy", "mem_limit_bytes"), 64 << 20);
  EXPECT_EQ(statistic("busy", "threads"), 1);
  EXPECT_EQ(statistic("busy", "cpus_limit"), 0.5);
  EXPECT_GT(get("/metrics/snapshot").value("slave/containers/cpus_user_time_secs", 0.0), 0);
}

TEST_F(Cgroups, an_escapee_with_a_session_of_its_own_ends_with_its_task) {
  run({shell_task("escapes", "(setsid sh -c 'exec sleep 4711' &) ; sleep 1000")});
  ASSERT_TRUE(running("escapes"));
  const auto escapees = [] {
    std::size_t count = 0;
    for (const std::string& line : descendants()) count += line.find("4711") != line.npos ? 1 : 0;
    return count;
  };
  EXPECT_TRUE(eventually([&] { return escapees() > 0; }));
  driver_->kill_task(TaskId("escapes"), std::nullopt);
  ASSERT_TRUE(ended("escapes"));
  EXPECT_TRUE(eventually([&] { return escapees() == 0; }));
}

}  // namespace
}  // namespace mesolite::harness
