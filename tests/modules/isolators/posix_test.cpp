// posix/cpu and posix/mem against a /proc made of plain files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "modules/isolators/posix-cpu/posix_cpu.hpp"
#include "modules/isolators/posix-mem/posix_mem.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite {
namespace {

using ::testing::IsEmpty;

class PosixIsolators : public ::testing::Test {
 protected:
  struct Process {
    int parent;
    int session;
    int user_ticks;
    int system_ticks;
    int pages;
    std::string name = "sh";
  };
  void process(int pid, const Process& process) {
    const auto folder = proc_ / std::to_string(pid);
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "stat")
        << pid << " (" << process.name << ") S " << process.parent << " " << process.session << " "
        << process.session << " 0 -1 4194560 100 0 0 0 " << process.user_ticks << " "
        << process.system_ticks << " 3 4 20 0 2 0 5000 1000000 " << process.pages
        << " 18446744073709551615\n";
  }
  void gone(int pid) { std::filesystem::remove_all(proc_ / std::to_string(pid)); }

  std::unique_ptr<Isolator> cpu() {
    posix_cpu::Parameters parameters{proc_.path().string(), 0};
    return local_module<Isolator, posix_cpu::PosixCpuIsolator>(parameters, host_).value();
  }
  std::unique_ptr<Isolator> mem() {
    posix_mem::Parameters parameters{proc_.path().string(), 0};
    return local_module<Isolator, posix_mem::PosixMemIsolator>(parameters, host_).value();
  }

  harness::Scratch proc_;
  testing::RecordingHost host_;
  ContainerContext container_ = [] {
    ContainerContext context;
    context.id = ContainerId("c1");
    context.pid = 100;
    context.requests = *Resources::parse("cpus:1.5;mem:64");
    return context;
  }();
  const double tick_ = 1.0 / static_cast<double>(::sysconf(_SC_CLK_TCK));
};

TEST_F(PosixIsolators, conform_through_the_border) {
  const auto make_cpu = [&] {
    return local_module<Isolator, posix_cpu::PosixCpuIsolator>(posix_cpu::Parameters{}, host_)
        .value();
  };
  const auto make_mem = [&] {
    return local_module<Isolator, posix_mem::PosixMemIsolator>(posix_mem::Parameters{}, host_)
        .value();
  };
  EXPECT_THAT(testing::isolator_violations(make_cpu), IsEmpty());
  EXPECT_THAT(testing::isolator_violations(make_mem), IsEmpty());
}

TEST_F(PosixIsolators, count_the_tree_and_the_session_and_nobody_else) {
  process(1, {0, 1, 1000, 1000, 1000});
  process(100, {1, 100, 10, 20, 5});
  process(101, {100, 100, 1, 2, 6});
  process(102, {101, 102, 1, 2, 7});               // a grandchild with a session of its own
  process(103, {1, 100, 1, 2, 8, "a) S 1 (odd"});  // a daemon of the session, adopted by init
  process(200, {1, 200, 500, 500, 500});
  const auto cpu_usage = cpu()->usage(container_).value().statistics;
  EXPECT_DOUBLE_EQ(cpu_usage.at("cpus_user_time_secs"), (13 + 4 * 3) * tick_);
  EXPECT_DOUBLE_EQ(cpu_usage.at("cpus_system_time_secs"), (26 + 4 * 4) * tick_);
  EXPECT_DOUBLE_EQ(cpu_usage.at("processes"), 4);
  EXPECT_DOUBLE_EQ(cpu_usage.at("threads"), 8);
  EXPECT_DOUBLE_EQ(cpu_usage.at("cpus_limit"), 1.5);
  const auto mem_usage = mem()->usage(container_).value().statistics;
  EXPECT_DOUBLE_EQ(mem_usage.at("mem_rss_bytes"),
                   26 * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  EXPECT_DOUBLE_EQ(mem_usage.at("mem_limit_bytes"), 64.0 * 1024 * 1024);
}

TEST_F(PosixIsolators, reported_cpu_time_never_falls) {
  process(100, {1, 100, 10, 20, 5});
  process(103, {1, 100, 50, 50, 8});
  const auto isolator = cpu();
  const auto before = isolator->usage(container_).value().statistics;
  gone(103);
  const auto after = isolator->usage(container_).value().statistics;
  EXPECT_EQ(after.at("cpus_user_time_secs"), before.at("cpus_user_time_secs"));
  EXPECT_EQ(after.at("processes"), 1);
}

TEST_F(PosixIsolators, a_container_that_has_not_begun_uses_nothing) {
  container_.pid = 0;
  EXPECT_THAT(cpu()->usage(container_).value().statistics, IsEmpty());
  EXPECT_THAT(mem()->usage(container_).value().statistics, IsEmpty());
}

TEST_F(PosixIsolators, lines_that_are_no_stat_are_passed_over) {
  EXPECT_FALSE(parse_process_stat(""));
  EXPECT_FALSE(parse_process_stat("1 (sh) S 1 2"));
  EXPECT_FALSE(parse_process_stat(")("));
}

}  // namespace
}  // namespace mesolite
