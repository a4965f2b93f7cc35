// CgroupFs on this machine's cgroups, v1 and v2, below a root group of the test's own.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "mesolite/module/cgroups.hpp"

namespace mesolite {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto patience = std::chrono::seconds(20);

template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    ::poll(nullptr, 0, 2);
  }
  return true;
}

std::string read(const std::string& path) {
  std::string text;
  std::getline(std::ifstream(path), text, '\0');
  return text;
}

class RealGroups : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    auto opened = CgroupFs::open({"/sys/fs/cgroup", "mesolite-test-" + std::to_string(::getpid())});
    if (!opened) GTEST_SKIP() << opened.error().message;
    groups_.emplace(std::move(*opened));
    if (!groups_->version(GetParam())) {
      GTEST_SKIP() << "this machine has no cgroup controller '" << GetParam() << "'";
    }
    const auto made = groups_->make("c1", {GetParam()});
    ASSERT_TRUE(made) << made.error().message;
  }
  void TearDown() override {
    if (!groups_) return;
    EXPECT_TRUE(groups_->kill("c1"));
    for (const pid_t child : children_) ::waitpid(child, nullptr, 0);
    const auto removed = groups_->remove("");
    EXPECT_TRUE(removed) << removed.error().message;
  }

  // A shell in the group that runs `line`.
  pid_t start(const std::string& line) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (!groups_->enter("c1", {GetParam()}, ::getpid())) ::_exit(99);
      ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
      ::_exit(98);
    }
    children_.push_back(child);
    return child;
  }
  bool inside(std::size_t count) {
    return eventually([&] { return groups_->processes("c1").size() == count; });
  }

  std::optional<CgroupFs> groups_;
  std::vector<pid_t> children_;
};

TEST_P(RealGroups, kill_reaches_whoever_left_its_session_and_its_parent) {
  start("setsid sh -c 'sleep 1000 & sleep 1000 & wait' & sleep 1000 & wait");
  ASSERT_TRUE(inside(5)) << groups_->processes("c1").size();
  ASSERT_TRUE(groups_->kill("c1"));
  EXPECT_TRUE(inside(0));
}

TEST_P(RealGroups, kill_ends_what_forks_all_the_time) {
  const pid_t shell = start("while :; do (sleep 0.001; :) & (:) & done");
  ASSERT_TRUE(eventually([&] { return groups_->processes("c1").size() > 3; }));
  ASSERT_TRUE(groups_->kill("c1"));
  EXPECT_TRUE(eventually([&] {
    ::waitpid(shell, nullptr, WNOHANG);
    return groups_->processes("c1").empty();
  }));
}

TEST_P(RealGroups, a_killed_group_can_be_removed_at_once) {
  start("sleep 1000 & wait");
  ASSERT_TRUE(inside(2));
  ASSERT_TRUE(groups_->kill("c1"));
  for (const pid_t child : children_) ::waitpid(child, nullptr, 0);
  children_.clear();
  const auto removed = groups_->remove("c1");
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_THAT(groups_->names(), IsEmpty());
}

class RealFreezers : public RealGroups {};

TEST_P(RealFreezers, frozen_processes_stand_still_until_they_are_thawed_or_killed) {
  const std::string file = "/tmp/mesolite-test-" + std::to_string(::getpid());
  start("while :; do echo x >> " + file + "; done");
  ASSERT_TRUE(eventually([&] { return !read(file).empty(); }));
  ASSERT_TRUE(groups_->freeze("c1"));
  const std::size_t frozen = read(file).size();
  for (int i = 0; i < 10; ++i) ASSERT_EQ(std::system("true"), 0);  // others do run
  EXPECT_EQ(read(file).size(), frozen);
  ASSERT_TRUE(groups_->thaw("c1"));
  EXPECT_TRUE(eventually([&] { return read(file).size() > frozen; }));
  ASSERT_TRUE(groups_->freeze("c1"));
  EXPECT_TRUE(groups_->kill("c1"));
  EXPECT_TRUE(inside(0));
  ::unlink(file.c_str());
}

INSTANTIATE_TEST_SUITE_P(Controllers, RealGroups,
                         ::testing::Values("cgroup", "freezer", "memory", "pids", "cpuset"),
                         [](const auto& controller) { return std::string(controller.param); });

INSTANTIATE_TEST_SUITE_P(Controllers, RealFreezers, ::testing::Values("cgroup", "freezer"),
                         [](const auto& controller) { return std::string(controller.param); });

class BornInGroup : public RealGroups {};

TEST_P(BornInGroup, clone3_makes_a_process_inside_from_its_first_instruction) {
  const std::string directory = groups_->directories("c1", {GetParam()}).front();
  const int group = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_GE(group, 0);
  clone_args arguments{};
  arguments.flags = CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<std::uint64_t>(group);
  const auto child = static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof(arguments)));
  if (child == 0) {
    while (true) ::pause();
  }
  ::close(group);
  ASSERT_GT(child, 0);
  children_.push_back(child);
  EXPECT_THAT(groups_->processes("c1"), Contains(child));
  EXPECT_THAT(groups_->processes("c1"), SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(Controllers, BornInGroup, ::testing::Values("cgroup"),
                         [](const auto& controller) { return std::string(controller.param); });

}  // namespace
}  // namespace mesolite
