// Real processes.
#include "kernel/container/containerizer.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include <set>

#include "mesolite/base/text.hpp"
#include "tests/kernel/container/containers.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<int> own_descriptors() {
  std::vector<int> numbers;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    numbers.push_back(std::stoi(entry.path().filename()));
  }
  return numbers;
}

TEST_F(Containers, exit_statuses_arrive_as_waitpid_gives_them) {
  EXPECT_EQ(run("zero", "exit 0"), 0);
  const int three = run("three", "exit 3");
  EXPECT_TRUE(WIFEXITED(three));
  EXPECT_EQ(WEXITSTATUS(three), 3);
  const int killed = run("killed", "kill -9 $$");
  EXPECT_TRUE(WIFSIGNALED(killed));
  EXPECT_EQ(WTERMSIG(killed), SIGKILL);
  const int aborted = run("aborted", "ulimit -c 0; kill -ABRT $$");
  EXPECT_TRUE(WIFSIGNALED(aborted));
  EXPECT_EQ(WTERMSIG(aborted), SIGABRT);
}

TEST_F(Containers, output_goes_to_the_files_of_the_sandbox) {
  EXPECT_EQ(run("c", "echo out; echo err >&2"), 0);
  EXPECT_EQ(output("c"), "out\n");
  EXPECT_EQ(read(work_.sandbox("c") + "/stderr"), "err\n");
}

TEST_F(Containers, a_task_has_exactly_three_descriptors) {
  // Descriptors of the agent without O_CLOEXEC must not leak either.
  const int leak = ::open("/etc/passwd", O_RDONLY);
  ASSERT_GE(leak, 0);
  // The directory that ls itself reads is the fourth.
  EXPECT_EQ(run("c", "exec ls /proc/self/fd"), 0);
  ::close(leak);
  EXPECT_EQ(output("c"), "0\n1\n2\n3\n");
  EXPECT_EQ(run("d", "readlink /proc/self/fd/0"), 0);
  EXPECT_EQ(output("d"), "/dev/null\n");
}

TEST_F(Containers, a_task_sees_nothing_of_the_agents_environment) {
  ::setenv("MESOLITE_TEST_SECRET", "secret", 1);
  auto asked = request("c", "");
  asked.command.shell = false;
  asked.command.value = "env";
  asked.command.environment["MINE"] = "1";
  containerizer_->launch(asked);
  ASSERT_TRUE(next<Exited>("c"));
  ::unsetenv("MESOLITE_TEST_SECRET");
  EXPECT_EQ(output("c"), "MESOS_CONTAINER_ID=c\nMINE=1\nPATH=/usr/bin:/bin\n");
}

TEST_F(Containers, a_task_starts_in_its_sandbox_with_a_session_and_a_umask_of_its_own) {
  ::umask(077);
  EXPECT_EQ(run("c", "pwd; umask; cut -d' ' -f6 /proc/$$/stat; echo $$"), 0);
  ::umask(022);
  const auto text = output("c");
  const auto lines = split(text, '\n');
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0], work_.sandbox("c"));
  EXPECT_EQ(lines[1], "0022");
  EXPECT_EQ(lines[2], lines[3]);
}

TEST_F(Containers, signals_are_as_a_fresh_process_expects_them) {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  create({});  // its worker inherits the mask
  EXPECT_EQ(run("c", "exec grep -E 'SigBlk|SigIgn' /proc/self/status"), 0);
  ::pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  EXPECT_EQ(output("c"), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_F(Containers, an_unknown_command_is_a_sentence) {
  auto asked = request("c", "");
  asked.command.shell = false;
  asked.command.value = "no-such-program";
  containerizer_->launch(asked);
  auto launched = next<Launched>("c");
  ASSERT_TRUE(launched);
  ASSERT_FALSE(launched->pid);
  EXPECT_EQ(launched->pid.error().message,
            "cannot execute 'no-such-program': No such file or directory");

  asked.context.id = ContainerId("d");
  asked.context.sandbox = work_.sandbox("d");
  asked.command.value = "/etc/passwd";
  containerizer_->launch(asked);
  launched = next<Launched>("d");
  ASSERT_TRUE(launched);
  ASSERT_FALSE(launched->pid);
  EXPECT_EQ(launched->pid.error().message, "cannot execute '/etc/passwd': Permission denied");
}

TEST_F(Containers, a_sandbox_elsewhere_is_refused) {
  auto asked = request("c", "true");
  asked.context.sandbox = "/nonexistent/c";
  containerizer_->launch(asked);
  const auto launched = next<Launched>("c");
  ASSERT_TRUE(launched);
  ASSERT_FALSE(launched->pid);
  EXPECT_THAT(launched->pid.error().message, HasSubstr("does not lie below"));
}

TEST_F(Containers, an_unknown_user_is_a_sentence) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root switches users";
  auto asked = request("c", "true");
  asked.context.user = "no-such-user";
  containerizer_->launch(asked);
  const auto launched = next<Launched>("c");
  ASSERT_TRUE(launched);
  ASSERT_FALSE(launched->pid);
  EXPECT_EQ(launched->pid.error().message, "user 'no-such-user' does not exist on this agent");
}

TEST_F(Containers, a_task_runs_as_its_user_and_owns_its_sandbox) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root switches users";
  fs::permissions(work_.path(), fs::perms::others_exec, fs::perm_options::add);
  auto asked = request("c", "id -un; id -Gn; touch mine; grep -E '^CapEff' /proc/self/status");
  asked.context.user = "nobody";
  containerizer_->launch(asked);
  const auto exited = next<Exited>("c");
  ASSERT_TRUE(exited);
  EXPECT_EQ(exited->exit_status, 0);
  EXPECT_EQ(output("c"), "nobody\nnogroup\nCapEff:\t0000000000000000\n");
  EXPECT_TRUE(fs::exists(work_.sandbox("c") + "/mine"));
}

TEST_F(Containers, terminate_asks_the_whole_group) {
  launch("c", "trap 'exit 7' TERM; echo ready > ready; while :; do sleep 0.05; done");
  ASSERT_TRUE(wait_until([&] { return fs::exists(work_.sandbox("c") + "/ready"); }));
  containerizer_->terminate(ContainerId("c"));
  const auto exited = next<Exited>("c");
  ASSERT_TRUE(exited);
  EXPECT_TRUE(WIFEXITED(exited->exit_status));
  EXPECT_EQ(WEXITSTATUS(exited->exit_status), 7);
}

TEST_F(Containers, destroy_ends_what_ignores_everything_else) {
  launch("c", "trap '' TERM INT HUP; echo ready > ready; while :; do sleep 0.05; done");
  ASSERT_TRUE(wait_until([&] { return fs::exists(work_.sandbox("c") + "/ready"); }));
  containerizer_->terminate(ContainerId("c"));
  containerizer_->destroy(ContainerId("c"));
  const auto exited = next<Exited>("c");
  ASSERT_TRUE(exited);
  EXPECT_EQ(WTERMSIG(exited->exit_status), SIGKILL);
}

TEST_F(Containers, an_escapee_with_a_session_of_its_own_does_not_outlive_destroy) {
  launch("c", "(setsid sh -c 'echo $$ > escaped; exec sleep 1000' &) ; exec sleep 1000");
  const pid_t escaped = pid_in("c", "escaped");
  ASSERT_GT(escaped, 0);
  EXPECT_TRUE(lives(escaped));
  containerizer_->destroy(ContainerId("c"));
  ASSERT_TRUE(next<Exited>("c"));
  EXPECT_FALSE(lives(escaped)) << "Exited means that nothing is left";
}

TEST_F(Containers, what_is_left_behind_by_a_first_process_that_ends_is_ended_too) {
  launch("c", "setsid sh -c 'cd /; exec sleep 1000 >/dev/null 2>&1' & echo $! > left; exit 0");
  const pid_t left = pid_in("c", "left");
  const auto exited = next<Exited>("c");
  ASSERT_TRUE(exited);
  EXPECT_EQ(exited->exit_status, 0);
  EXPECT_FALSE(lives(left));
}

TEST_F(Containers, a_chain_of_orphans_is_followed_to_its_end) {
  launch("c",
         "setsid sh -c 'setsid sh -c \"echo \\$\\$ > deep; exec sleep 1000\" & sleep 1000' & "
         "while [ ! -s deep ]; do sleep 0.01; done; exit 0");
  const pid_t deep = pid_in("c", "deep");
  ASSERT_TRUE(next<Exited>("c"));
  EXPECT_FALSE(lives(deep));
}

TEST_F(Containers, orphans_of_one_container_are_not_ended_with_another) {
  launch("stays", "(setsid sh -c 'echo $$ > pid; exec sleep 1000' &) ; exec sleep 1000");
  launch("goes", "(setsid sh -c 'echo $$ > pid; exec sleep 1000' &) ; exec sleep 1000");
  const pid_t stays = pid_in("stays", "pid");
  const pid_t goes = pid_in("goes", "pid");
  containerizer_->destroy(ContainerId("goes"));
  ASSERT_TRUE(next<Exited>("goes"));
  EXPECT_FALSE(lives(goes));
  EXPECT_TRUE(lives(stays));
  containerizer_->destroy(ContainerId("stays"));
  ASSERT_TRUE(next<Exited>("stays"));
  EXPECT_FALSE(lives(stays));
}

TEST_F(Containers, one_that_cut_every_tie_ends_with_the_last_container) {
  launch("c",
         "(setsid env -i sh -c 'echo $$ > pid; cd /; exec setsid -f sleep 4321 >/dev/null 2>&1' &);"
         "while [ ! -s pid ]; do sleep 0.01; done; sleep 0.1; exit 0");
  ASSERT_TRUE(next<Exited>("c"));
  EXPECT_TRUE(wait_until([] {
    for (const auto& entry : fs::directory_iterator("/proc")) {
      if (read(entry.path().string() + "/cmdline") == std::string("sleep\0004321\0", 11)) {
        return false;
      }
    }
    return true;
  }));
}

TEST_F(Containers, the_destructor_leaves_nothing_behind) {
  launch("c", "(setsid sh -c 'echo $$ > escaped; exec sleep 1000' &) ; exec sleep 1000");
  const pid_t escaped = pid_in("c", "escaped");
  const auto launched = next<Launched>("c");
  ASSERT_TRUE(launched && launched->pid);
  containerizer_.reset();
  EXPECT_FALSE(lives(escaped));
  EXPECT_FALSE(lives(static_cast<pid_t>(*launched->pid)));
}

TEST_F(Containers, requests_that_come_together_are_all_carried_out) {
  constexpr int count = 20;  // more than the launcher takes in one turn
  for (int i = 0; i < count; ++i) launch("c" + std::to_string(i), "exec sleep 1000");
  for (int i = 0; i < count; ++i) ASSERT_TRUE(next<Launched>("c" + std::to_string(i)));
  for (int i = 0; i < count; ++i) containerizer_->destroy(ContainerId("c" + std::to_string(i)));
  for (int i = 0; i < count; ++i) ASSERT_TRUE(next<Exited>("c" + std::to_string(i)));
}

TEST_F(Containers, unknown_containers_are_passed_over) {
  containerizer_->terminate(ContainerId("x"));
  containerizer_->destroy(ContainerId("x"));
  containerizer_->update({});
  EXPECT_EQ(run("c", "true"), 0);
}

TEST_F(Containers, the_same_container_is_not_launched_twice) {
  launch("c", "exec sleep 1000");
  launch("c", "exec sleep 1000");
  const auto one = next<Launched>("c");
  const auto other = next<Launched>("c");
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->pid.has_value(), other->pid.has_value());
}

TEST_F(Containers, five_hundred_quick_ones_leave_no_descriptor_and_no_zombie) {
  ASSERT_EQ(run("warm", "true"), 0);
  const auto before = own_descriptors().size();
  std::set<ContainerId> waiting;
  for (int i = 0; i < 500; ++i) {
    const std::string id = "c" + std::to_string(i);
    waiting.insert(ContainerId(id));
    auto asked = request(id, "");
    asked.command.shell = false;
    asked.command.value = "/bin/true";
    containerizer_->launch(asked);
  }
  ASSERT_TRUE(wait_until([&] {
    for (const auto& outcome : containerizer_->take_outcomes()) {
      const auto* exited = std::get_if<Exited>(&outcome);
      if (exited == nullptr) continue;
      EXPECT_EQ(exited->exit_status, 0);
      waiting.erase(exited->container);
    }
    return waiting.empty();
  }));
  EXPECT_EQ(own_descriptors().size(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), 0) << "the launcher lives, and nobody has died";
}

// ---- isolators ----------------------------------------------------------------------------------

class RecordingIsolator : public Isolator {
 public:
  explicit RecordingIsolator(std::string name) : name_(std::move(name)) {}

  Result<Contribution> prepare(const ContainerContext&) override {
    calls.push_back("prepare");
    if (!failure_sentence.empty()) return failure(failure_sentence);
    Contribution contribution;
    contribution.environment[name_] = {"1", false, false};
    return contribution;
  }
  Result<Nothing> isolate(const ContainerContext& context) override {
    calls.push_back(context.pid > 0 ? "isolate" : "isolate without a process");
    if (!isolate_failure.empty()) return failure(isolate_failure);
    return Nothing{};
  }
  Result<WatchAnswer> watch(const ContainerContext&) override {
    WatchAnswer answer;
    answer.interval = interval;
    return answer;
  }
  Result<CheckAnswer> check(const ContainerContext&) override { return CheckAnswer{limitation}; }
  Result<UsageAnswer> usage(const ContainerContext& context) override {
    return UsageAnswer{{{name_, static_cast<double>(context.pid)}}};
  }
  Result<Nothing> cleanup(const ContainerContext&) override {
    calls.push_back("cleanup");
    return Nothing{};
  }

  std::vector<std::string> calls;
  std::string failure_sentence;
  std::string isolate_failure;
  std::optional<Duration> interval;
  std::optional<Limitation> limitation;

 private:
  std::string name_;
};

class IsolatedContainers : public Containers {
 protected:
  void SetUp() override { create({{"one", &one_}, {"two", &two_}}); }
  void TearDown() override { containerizer_.reset(); }

  RecordingIsolator one_{"ONE"};
  RecordingIsolator two_{"TWO"};
};

TEST_F(IsolatedContainers, the_chain_sees_a_container_from_prepare_to_cleanup) {
  EXPECT_EQ(run("c", "echo $ONE$TWO"), 0);
  EXPECT_EQ(output("c"), "11\n");
  EXPECT_THAT(one_.calls, ElementsAre("prepare", "isolate", "cleanup"));
  EXPECT_THAT(two_.calls, ElementsAre("prepare", "isolate", "cleanup"));
}

TEST_F(IsolatedContainers, a_refusal_names_the_isolator_and_those_before_it_clean_up) {
  two_.failure_sentence = "no room";
  launch("c", "true");
  const auto launched = next<Launched>("c");
  ASSERT_TRUE(launched);
  ASSERT_FALSE(launched->pid);
  EXPECT_EQ(launched->pid.error().message, "isolator 'two': no room");
  EXPECT_THAT(one_.calls, ElementsAre("prepare", "cleanup"));
  EXPECT_THAT(two_.calls, ElementsAre("prepare", "cleanup"));
}

TEST_F(IsolatedContainers, the_program_does_not_run_before_every_isolator_has_isolated) {
  two_.isolate_failure = "no address is left";
  launch("c", "touch ran");
  const auto launched = next<Launched>("c");
  ASSERT_TRUE(launched);
  ASSERT_FALSE(launched->pid);
  EXPECT_EQ(launched->pid.error().message, "isolator 'two': no address is left");
  EXPECT_FALSE(fs::exists(work_.sandbox("c") + "/ran"));
  EXPECT_THAT(one_.calls, ElementsAre("prepare", "isolate", "cleanup"));
}

TEST_F(IsolatedContainers, a_command_that_cannot_start_is_cleaned_up_after) {
  auto asked = request("c", "");
  asked.command.shell = false;
  asked.command.value = "no-such-program";
  containerizer_->launch(asked);
  ASSERT_TRUE(next<Launched>("c"));
  EXPECT_THAT(one_.calls, ElementsAre("prepare", "isolate", "cleanup"));
}

TEST_F(IsolatedContainers, a_limitation_destroys_the_container_and_is_told_with_its_end) {
  two_.interval = 5ms;
  two_.limitation = Limitation{UpdateReason::container_limitation_disk, "disk is full", {}};
  launch("c", "exec sleep 1000");
  const auto exited = next<Exited>("c");
  ASSERT_TRUE(exited);
  ASSERT_TRUE(exited->limitation);
  EXPECT_EQ(exited->limitation->message, "disk is full");
  EXPECT_EQ(WTERMSIG(exited->exit_status), SIGKILL);
}

TEST_F(IsolatedContainers, usage_merges_what_each_isolator_measures) {
  launch("c", "exec sleep 1000");
  const auto launched = next<Launched>("c");
  ASSERT_TRUE(launched && launched->pid);
  containerizer_->measure_usage();
  std::optional<UsageMeasured> measured;
  ASSERT_TRUE(wait_until([&] {
    for (const auto& outcome : containerizer_->take_outcomes()) {
      if (const auto* usage = std::get_if<UsageMeasured>(&outcome)) measured = *usage;
    }
    return measured.has_value();
  }));
  const auto pid = static_cast<double>(*launched->pid);
  EXPECT_EQ(measured->statistics.at(ContainerId("c")),
            (std::map<std::string, double>{{"ONE", pid}, {"TWO", pid}}));
}

// Makes a cgroup in the hierarchy that this machine has for tracking, and has containers enter it.
class CgroupIsolator : public Isolator {
 public:
  CgroupIsolator() : directory_(hierarchy() / ("mesolite-test-" + std::to_string(::getpid()))) {
    std::error_code failed;
    works_ = fs::create_directory(directory_, failed) && !failed;
  }
  ~CgroupIsolator() override { ::rmdir(directory_.c_str()); }

  Result<Contribution> prepare(const ContainerContext&) override {
    Contribution contribution;
    contribution.cgroups = {directory_};
    return contribution;
  }

  bool works() const { return works_; }
  std::string name() const { return directory_.filename(); }

 private:
  static fs::path hierarchy() {
    const fs::path hybrid = "/sys/fs/cgroup/unified";
    return fs::exists(hybrid) ? hybrid : fs::path("/sys/fs/cgroup");
  }

  fs::path directory_;
  bool works_ = false;
};

TEST_F(Containers, a_task_is_in_its_cgroups_from_its_first_instruction) {
  CgroupIsolator isolator;
  if (!isolator.works()) GTEST_SKIP() << "needs root and a cgroup hierarchy";
  create({{"cgroup", &isolator}});
  EXPECT_EQ(run("c", "exec cat /proc/self/cgroup"), 0);
  EXPECT_THAT(output("c"), HasSubstr("/" + isolator.name() + "\n"));
  containerizer_.reset();
}

class UnfitIsolator : public Isolator {
  Result<Nothing> probe(const IsolatorProbe&) override { return failure("no such device"); }
};

TEST(ContainerizerCreation, names_the_isolator_that_cannot_work_here) {
  UnfitIsolator unfit;
  const auto created = Containerizer::create({}, {{"gpu", &unfit}});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().message, "isolator 'gpu' cannot work here: no such device");
}

}  // namespace
}  // namespace mesolite::container
