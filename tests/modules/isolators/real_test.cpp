// The cgroup isolators on this machine's cgroups, be they v1 or v2, with real processes: what a
// container can do is held to what it was given, and nothing else suffers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "mesolite/testing/conformance.hpp"
#include "modules/isolators/cgroups-cpu/cgroups_cpu.hpp"
#include "modules/isolators/cgroups-cpuset/cgroups_cpuset.hpp"
#include "modules/isolators/cgroups-devices/cgroups_devices.hpp"
#include "modules/isolators/cgroups-io/block_device.hpp"
#include "modules/isolators/cgroups-io/cgroups_io.hpp"
#include "modules/isolators/cgroups-mem/cgroups_mem.hpp"
#include "modules/isolators/cgroups-pids/cgroups_pids.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Clock = std::chrono::steady_clock;

constexpr auto patience = std::chrono::seconds(20);

// An emulated machine is slow.
const double seconds_allowed = std::getenv("MESOLITE_GUEST") == nullptr ? 1 : 10;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void use_memory(std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::memset(memory, 1, bytes);
}

template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = Clock::now() + patience;
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    ::poll(nullptr, 0, 5);
  }
  return true;
}

class RealIsolators : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
  void TearDown() override {
    for (const auto& [id, shell] : shells_) end(id);
    for (auto& isolator : isolators_) {
      for (const auto& [id, shell] : shells_) EXPECT_TRUE(isolator->cleanup(container(id)));
    }
    if (auto groups = CgroupFs::open({"/sys/fs/cgroup", root_})) {
      const auto removed = groups->remove("");
      EXPECT_TRUE(removed) << removed.error().message;
    }
  }

  // Adds an isolator to the chain; skips the test if it cannot work here, saying why.
  template <class Class, class Parameters>
  void add(const Parameters& parameters) {
    std::unique_ptr<CgroupIsolator> isolator;
    if constexpr (requires { Class::create(parameters, host_); }) {
      isolator = Class::create(parameters, host_).value();
    } else {
      isolator = std::make_unique<Class>(parameters, host_);
    }
    IsolatorProbe probe;
    probe.cgroup_root = root_;
    if (const auto works = isolator->probe(probe); !works) GTEST_SKIP() << works.error().message;
    isolators_.push_back(std::move(isolator));
  }

  // What else runs here would take its part of the CPU time that is measured.
  void outweigh_the_machine() {
    auto groups = CgroupFs::open({"/sys/fs/cgroup", root_}).value();
    const bool v2 = groups.version("cpu") == CgroupVersion::v2;
    ASSERT_TRUE(groups.write("cpu", "", v2 ? "cpu.weight" : "cpu.shares", v2 ? "10000" : "262144"));
  }

  ContainerContext container(const std::string& id) const {
    ContainerContext context = planned_;
    context.id = ContainerId(id);
    if (const auto shell = shells_.find(id); shell != shells_.end()) context.pid = shell->second;
    return context;
  }

  void start(const std::string& id, const std::string& line) {
    start(id, [&] { ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr); });
  }
  // A process that passes through the chain before it does its work, as a launcher would make it.
  void start(const std::string& id, const std::function<void()>& work) {
    std::vector<std::string> groups;
    for (const auto& isolator : isolators_) {
      const auto contribution = isolator->prepare(container(id));
      ASSERT_TRUE(contribution) << contribution.error().message;
      for (const auto& group : contribution->cgroups) groups.push_back(group + "/cgroup.procs");
    }
    int gate[2];
    ASSERT_EQ(::pipe(gate), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      for (const auto& group : groups) {
        if (!(std::ofstream(group) << "0" << std::flush)) ::_exit(99);
      }
      ::close(gate[1]);
      char go = 0;
      (void)!::read(gate[0], &go, 1);
      ::setsid();
      work();
      ::_exit(98);
    }
    shells_[id] = child;
    for (const auto& isolator : isolators_) {
      const auto isolated = isolator->isolate(container(id));
      EXPECT_TRUE(isolated) << isolated.error().message;
    }
    ::close(gate[0]);
    ::close(gate[1]);
  }
  // Waits for the shell; as a shell reports it.
  int status(const std::string& id) {
    int packed = 0;
    ::waitpid(shells_.at(id), &packed, 0);
    ended_.insert(id);
    return WIFEXITED(packed) ? WEXITSTATUS(packed) : 128 + WTERMSIG(packed);
  }
  int run(const std::string& id, const std::string& line) {
    start(id, line);
    return status(id);
  }
  bool lives(const std::string& id) { return ::kill(shells_.at(id), 0) == 0; }
  void end(const std::string& id) {
    if (ended_.contains(id)) return;
    if (auto groups = CgroupFs::open({"/sys/fs/cgroup", root_})) (void)groups->kill(id);
    ::kill(shells_.at(id), SIGKILL);
    status(id);
  }
  std::map<std::string, double> usage(const std::string& id) {
    return isolators_.front()->usage(container(id)).value().statistics;
  }

  const std::string root_ = "mesolite-test-" + std::to_string(::getpid());
  testing::RecordingHost host_;
  ContainerContext planned_ = [] {
    ContainerContext context;
    context.requests = *Resources::parse("cpus:1;mem:64");
    context.sandbox = "/var/tmp";
    return context;
  }();
  std::vector<std::unique_ptr<CgroupIsolator>> isolators_;
  std::map<std::string, pid_t> shells_;
  std::set<std::string> ended_;
};

TEST_F(RealIsolators, a_busy_loop_is_held_to_its_cap) {
  add<cgroups_cpu::CgroupsCpuIsolator>(cgroups_cpu::Parameters{});
  if (IsSkipped()) return;
  outweigh_the_machine();
  planned_.limits.cpus = 0.5;
  const auto used = [&] {
    const auto statistics = usage("loop");
    return statistics.at("cpus_user_time_secs") + statistics.at("cpus_system_time_secs");
  };
  start("loop", "while :; do :; done");
  ASSERT_TRUE(eventually([&] { return used() > 0.05; }));
  const auto began = Clock::now();
  const double before = used();
  const double throttled = usage("loop").at("cpus_nr_throttled");
  ASSERT_TRUE(eventually([&] { return seconds_since(began) >= 3; }));
  const double cpus = (used() - before) / seconds_since(began);
  EXPECT_LE(cpus, 0.575);
  EXPECT_GE(cpus, 0.425);
  EXPECT_GT(usage("loop").at("cpus_nr_throttled"), throttled);
  RecordProperty("cpus", std::to_string(cpus));
}

TEST_F(RealIsolators, all_containers_together_weigh_as_the_machines_cpus) {
  add<cgroups_cpu::CgroupsCpuIsolator>(cgroups_cpu::Parameters{});
  if (IsSkipped()) return;
  auto groups = CgroupFs::open({"/sys/fs/cgroup", root_}).value();
  const bool v2 = groups.version("cpu") == CgroupVersion::v2;
  const auto cpus = static_cast<std::uint64_t>(::sysconf(_SC_NPROCESSORS_ONLN));
  const std::string file = v2 ? "cpu.weight" : "cpu.shares";
  EXPECT_EQ(groups.read_number("cpu", "", file).value(), cpus * (v2 ? 100 : 1024));
  outweigh_the_machine();
  IsolatorProbe probe;
  probe.cgroup_root = root_;
  ASSERT_TRUE(isolators_.front()->probe(probe));
  EXPECT_GE(groups.read_number("cpu", "", file).value(), 10'000u) << "more was given on purpose";
}

TEST_F(RealIsolators, cpu_is_shared_as_it_was_asked_for) {
  add<cgroups_cpu::CgroupsCpuIsolator>(cgroups_cpu::Parameters{});
  if (IsSkipped()) return;
  add<cgroups_cpuset::CgroupsCpusetIsolator>(cgroups_cpuset::Parameters{.cpus = "0"});
  if (IsSkipped()) return;
  const auto used = [&](const char* id) {
    const auto statistics = usage(id);
    return statistics.at("cpus_user_time_secs") + statistics.at("cpus_system_time_secs");
  };
  outweigh_the_machine();
  planned_.requests = *Resources::parse("cpus:0.9");
  start("large", "while :; do :; done");
  planned_.requests = *Resources::parse("cpus:0.3");
  start("small", "while :; do :; done");
  ASSERT_TRUE(eventually([&] { return used("small") > 0.05; }));  // from when both run
  const double large = used("large");
  const double small = used("small");
  ASSERT_TRUE(eventually([&] { return used("large") + used("small") > large + small + 1; }));
  EXPECT_NEAR((used("large") - large) / (used("small") - small), 3, 1);
}

TEST_F(RealIsolators, a_hog_dies_of_memory_within_a_second_and_nobody_else_does) {
  add<cgroups_mem::CgroupsMemIsolator>(cgroups_mem::Parameters{});
  if (IsSkipped()) return;
  Isolator& mem = *isolators_.front();
  start("neighbour", "exec sleep 1000");
  // The hog's child outlives it on v1: the host ends it for what the check says.
  start("hog", [] {
    if (::fork() == 0) ::execl("/bin/sleep", "sleep", "1000", nullptr);
    use_memory(200 << 20);
  });
  const auto watched = mem.watch(container("hog"));
  ASSERT_TRUE(watched) << watched.error().message;
  ASSERT_EQ(watched->files.size(), 1u);
  pollfd notice{watched->files[0].descriptor, POLLIN, 0};
  // On a busy machine the hog itself may take its time; what counts begins when its memory is full.
  ASSERT_TRUE(eventually([&] { return ::poll(&notice, 1, 100) > 0; }));
  const auto began = Clock::now();
  std::optional<Limitation> limitation;
  ASSERT_TRUE(eventually([&] {
    if (::poll(&notice, 1, 100) <= 0) return false;
    limitation = mem.check(container("hog")).value().limitation;
    return limitation.has_value();
  }));
  EXPECT_LT(seconds_since(began), seconds_allowed);
  EXPECT_EQ(limitation->reason, UpdateReason::container_limitation_memory);
  EXPECT_THAT(limitation->message, HasSubstr("OOM"));
  EXPECT_THAT(limitation->message, HasSubstr("limit 64 MB"));
  EXPECT_TRUE(lives("neighbour"));
  EXPECT_FALSE(mem.check(container("neighbour")).value().limitation);
}

TEST_F(RealIsolators, memory_that_is_used_is_told) {
  add<cgroups_mem::CgroupsMemIsolator>(cgroups_mem::Parameters{});
  if (IsSkipped()) return;
  start("c1", [] {
    use_memory(8 << 20);
    ::pause();
  });
  EXPECT_TRUE(eventually([&] { return usage("c1").at("mem_rss_bytes") > 8e6; }));
  EXPECT_EQ(usage("c1").at("mem_limit_bytes"), 64 << 20);
}

TEST_F(RealIsolators, a_fork_bomb_stops_at_its_limit_and_others_go_on) {
  add<cgroups_pids::CgroupsPidsIsolator>(cgroups_pids::Parameters{.pids_max = 100});
  if (IsSkipped()) return;
  start("bomb", "bomb() { bomb | bomb & }; bomb; sleep 1000");
  ASSERT_TRUE(eventually([&] { return usage("bomb").at("pids_refused") > 0; }));
  for (int i = 0; i < 5; ++i) {
    const auto began = Clock::now();
    ASSERT_EQ(std::system("true"), 0);
    EXPECT_LT(seconds_since(began), seconds_allowed);
  }
  EXPECT_LE(usage("bomb").at("threads"), 100);
}

TEST_F(RealIsolators, a_container_runs_on_the_cpus_that_it_was_pinned_to) {
  add<cgroups_cpuset::CgroupsCpusetIsolator>(cgroups_cpuset::Parameters{});
  if (IsSkipped()) return;
  planned_.requests = *Resources::parse("cpus:1");
  EXPECT_EQ(run("first", "grep -qx 'Cpus_allowed_list:\t0' /proc/self/status"), 0);
  if (::sysconf(_SC_NPROCESSORS_ONLN) < 2) return;
  EXPECT_EQ(run("second", "grep -qx 'Cpus_allowed_list:\t1' /proc/self/status"), 0);
}

TEST_F(RealIsolators, a_container_can_use_only_the_devices_that_it_was_given) {
  add<cgroups_devices::CgroupsDevicesIsolator>(cgroups_devices::Parameters{});
  if (IsSkipped()) return;
  EXPECT_EQ(run("plain", "echo x > /dev/null && head -c 8 /dev/urandom > /dev/null"), 0);
  // Device 1:11 is the kernel's log.
  const auto line = [&](const std::string& node) {
    return "set -- " + node +
           "; rm -f $1; mknod $1 c 1 11 && (exec 3< $1); s=$?; rm -f $1; exit $s";
  };
  harness::Scratch folder;
  EXPECT_NE(run("refused", line((folder / "a").string())), 0);
  planned_.devices.push_back({"/dev/kmsg", "r"});
  if (::access("/dev/kmsg", F_OK) != 0) return;  // no node to give
  EXPECT_EQ(run("given", line((folder / "b").string())), 0);
  EXPECT_NE(run("too much", "exec 3> /dev/kmsg"), 0);
}

TEST_F(RealIsolators, direct_writes_are_throttled_and_counted) {
  if (const auto disk = cgroups_io::disk_below("/var/tmp"); !disk) {
    GTEST_SKIP() << disk.error().message;
  }
  cgroups_io::Parameters parameters;
  parameters.write_bytes_per_s = 2 << 20;
  add<cgroups_io::CgroupsIoIsolator>(parameters);
  if (IsSkipped()) return;
  const std::string file = "/var/tmp/" + root_;
  const auto began = Clock::now();
  EXPECT_EQ(
      run("writer", "dd if=/dev/zero of=" + file + " bs=64k count=32 oflag=direct 2>/dev/null"), 0);
  EXPECT_GT(seconds_since(began), 0.5);  // 2 MB at 2 MB a second
  EXPECT_GE(usage("writer").at("io_write_bytes"), 2 << 20);
  ::unlink(file.c_str());
}

}  // namespace
}  // namespace mesolite
