// The launcher outlives its agent: what becomes of containers when either of them dies.
#include <signal.h>
#include <sys/wait.h>

#include "kernel/container/tracker.hpp"
#include "tests/kernel/container/containers.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;

// The launcher of a work directory.
pid_t launcher_of(const std::string& work_dir) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string line = read(entry.path() / "cmdline");
    if (line.find("mesolite-launch") == std::string::npos) continue;
    if (line.find(work_dir + "/launcher") != std::string::npos) {
      return std::stoi(entry.path().filename());
    }
  }
  return -1;
}

class Launchers : public Containers {
 protected:
  // A process that runs containers and dies without a word. Answers once `id` runs.
  void run_under_an_agent_that_dies(const std::string& id, const std::string& line) {
    run_under_an_agent_that_dies(request(id, line));
  }
  void run_under_an_agent_that_dies(const LaunchRequest& asked) {
    const std::string id = asked.context.id.value;
    containerizer_.reset();
    const pid_t agent = ::fork();
    if (agent == 0) {
      create({});
      containerizer_->launch(asked);
      const auto launched = next<Launched>(id);
      const bool runs = launched && launched->pid && pid_in(id, "ready") > 0;
      if (!runs) ::_exit(1);
      ::raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(agent, &status, 0), agent);
    ASSERT_TRUE(WIFSIGNALED(status)) << "its container did not start";
  }
};

TEST_F(Launchers, containers_end_with_an_agent_that_leaves_no_patience) {
  run_under_an_agent_that_dies(
      "c",
      "(setsid sh -c 'echo $$ > escaped; exec sleep 1000' &); "
      "while [ ! -s escaped ]; do sleep 0.01; done; echo $$ > ready; sleep 1000");
  const pid_t first = pid_in("c", "ready");
  const pid_t escaped = pid_in("c", "escaped");
  EXPECT_TRUE(wait_until([&] { return !lives(first) && !lives(escaped); }));
  EXPECT_TRUE(wait_until([&] { return launcher_of(work_.path()) < 0; })) << "and its launcher";
}

TEST_F(Launchers, containers_run_on_while_there_is_patience_and_end_with_it) {
  patience_without_agent_ = 300ms;
  run_under_an_agent_that_dies("c", "echo $$ > ready; sleep 1000");
  const pid_t first = pid_in("c", "ready");
  EXPECT_TRUE(lives(first));
  EXPECT_TRUE(wait_until([&] { return !lives(first); }));
  EXPECT_TRUE(wait_until([&] { return launcher_of(work_.path()) < 0; }));
}

TEST_F(Launchers, the_status_of_what_ended_without_an_agent_is_kept_for_the_next) {
  patience_without_agent_ = 1h;
  run_under_an_agent_that_dies("c", "echo $$ > ready; exit 7");
  EXPECT_TRUE(wait_until([&] { return launcher_of(work_.path()) < 0; })) << "nothing holds it";
  EXPECT_EQ(read(work_.path() + "/launcher/ended/c"), std::to_string(7 << 8) + "\n");
}

TEST_F(Launchers, secret_files_go_with_their_container_also_when_no_agent_is_there) {
  patience_without_agent_ = 1h;
  LaunchRequest asked =
      request("c", "cat key; echo $$ > ready; while [ ! -e end ]; do sleep 0.01; done");
  asked.secret_files = {{"key", "hush"}};
  run_under_an_agent_that_dies(asked);
  EXPECT_TRUE(fs::exists(work_.sandbox("c") + "/key"));
  std::ofstream(work_.sandbox("c") + "/end") << "now";
  EXPECT_TRUE(wait_until([&] { return !fs::exists(work_.sandbox("c") + "/key"); }));
  EXPECT_EQ(output("c"), "hush");
}

TEST_F(Launchers, the_next_agent_takes_over_what_runs_and_learns_how_the_rest_has_ended) {
  patience_without_agent_ = 1h;
  run_under_an_agent_that_dies("runs",
                               "echo $$ > ready; while [ ! -e end ]; do sleep 0.01; done; exit 5");
  const pid_t runs = pid_in("runs", "ready");
  create({});
  const auto known = [&](const std::string& id) {
    ContainerContext context;
    context.id = ContainerId(id);
    context.sandbox = work_.sandbox(id);
    return context;
  };
  containerizer_->recover({known("runs"), known("lost")});
  const auto recovered = next<Recovered>("runs");
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered->pid, runs);
  const auto lost = next<Exited>("lost");
  ASSERT_TRUE(lost && lost->limitation);
  EXPECT_EQ(lost->limitation->message, "the agent was restarted while it was being launched");

  std::ofstream(work_.sandbox("runs") + "/end") << "now";
  const auto exited = next<Exited>("runs");
  ASSERT_TRUE(exited);
  EXPECT_EQ(WEXITSTATUS(exited->exit_status), 5);
}

TEST_F(Launchers, what_the_next_agent_does_not_know_is_ended) {
  patience_without_agent_ = 1h;
  run_under_an_agent_that_dies("c", "echo $$ > ready; sleep 1000");
  const pid_t first = pid_in("c", "ready");
  create({});
  EXPECT_TRUE(lives(first));
  containerizer_->recover({});
  EXPECT_TRUE(wait_until([&] { return !lives(first); }));
}

TEST_F(Launchers, a_lost_launcher_takes_its_containers_along_and_is_replaced) {
  launch("c", "sleep 1000 & echo $! > child; echo $$ > ready; wait");
  const pid_t first = pid_in("c", "ready");
  const pid_t child = pid_in("c", "child");
  ASSERT_TRUE(next<Launched>("c"));
  const pid_t launcher = launcher_of(work_.path());
  ASSERT_GT(launcher, 0);
  ::kill(launcher, SIGKILL);
  const auto exited = next<Exited>("c");
  ASSERT_TRUE(exited);
  EXPECT_EQ(WTERMSIG(exited->exit_status), SIGKILL);
  ASSERT_TRUE(exited->limitation);
  EXPECT_EQ(exited->limitation->message, "the launcher of its container is lost");
  EXPECT_TRUE(wait_until([&] { return !lives(first) && !lives(child); }));
  EXPECT_EQ(run("d", "nice"), 0) << "another one serves";
  EXPECT_EQ(output("d"), "0\n") << "and has not inherited our priority";
}

TEST_F(Launchers, a_tracked_container_loses_nothing_that_cut_every_tie) {
  CgroupTracker tracker({"/sys/fs/cgroup", "mesolite-test-" + std::to_string(::getpid())});
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  if (!tracker.probe({})) GTEST_SKIP() << "needs a cgroup v2 hierarchy";
  create({{"tracker", &tracker}});
  launch("stays", "exec sleep 1000");
  launch("c",
         "(setsid env -i sh -c 'echo $$ > pid; cd /; exec setsid -f sleep 4323 >/dev/null 2>&1' &);"
         "while [ ! -s pid ]; do sleep 0.01; done; exec sleep 1000");
  ASSERT_TRUE(next<Launched>("stays"));
  ASSERT_GT(pid_in("c", "pid"), 0);
  const auto runs = [] {
    for (const auto& entry : fs::directory_iterator("/proc")) {
      if (read(entry.path() / "cmdline") == std::string("sleep\0004323\0", 11)) return true;
    }
    return false;
  };
  ASSERT_TRUE(wait_until(runs));
  containerizer_->destroy(ContainerId("c"));
  ASSERT_TRUE(next<Exited>("c"));
  EXPECT_FALSE(runs()) << "while another container still runs";
  containerizer_.reset();
  auto groups = CgroupFs::open({"/sys/fs/cgroup", "mesolite-test-" + std::to_string(::getpid())});
  ASSERT_TRUE(groups);
  EXPECT_THAT(groups->names(), testing::IsEmpty());
  EXPECT_TRUE(groups->remove(""));
}

TEST_F(Launchers, a_missing_launcher_is_a_sentence) {
  Settings settings;
  settings.work_dir = work_.path();
  settings.launcher = "/nonexistent/mesolite-launch";
  containerizer_.reset();
  const auto created = Containerizer::create(settings, {});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().message,
            "cannot start the launcher '/nonexistent/mesolite-launch': No such file or directory");
}

}  // namespace
}  // namespace mesolite::container
