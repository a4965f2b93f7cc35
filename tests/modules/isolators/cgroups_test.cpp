// The cgroup isolators against folders that behave like cgroups: what they write, on v1 and v2, and
// what they read back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <limits>

#include "mesolite/testing/conformance.hpp"
#include "modules/isolators/cgroups-cpu/cgroups_cpu.hpp"
#include "modules/isolators/cgroups-cpuset/cgroups_cpuset.hpp"
#include "modules/isolators/cgroups-io/block_device.hpp"
#include "modules/isolators/cgroups-io/cgroups_io.hpp"
#include "modules/isolators/cgroups-mem/cgroups_mem.hpp"
#include "modules/isolators/cgroups-pids/cgroups_pids.hpp"
#include "tests/support/fake_cgroups.hpp"

namespace mesolite {
namespace {

using harness::FakeCgroups;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

constexpr double infinite = std::numeric_limits<double>::infinity();

class CgroupIsolators : public ::testing::Test {
 protected:
  void mount(FakeCgroups::Kind kind) {
    fake_ = std::make_shared<FakeCgroups>(kind);
    container_.requests = *Resources::parse("cpus:0.5;mem:64");
  }
  // An isolator at work on the fake mount.
  template <class Class, class Parameters>
  std::unique_ptr<Class> make(const Parameters& parameters) {
    std::unique_ptr<Class> isolator;
    if constexpr (requires { Class::create(parameters, host_); }) {
      isolator = Class::create(parameters, host_).value();
    } else {
      isolator = std::make_unique<Class>(parameters, host_);
    }
    isolator->use(CgroupFs::open(fake_->place(), fake_).value());
    return isolator;
  }
  auto cpu(cgroups_cpu::Parameters parameters = {}) {
    return make<cgroups_cpu::CgroupsCpuIsolator>(parameters);
  }
  auto mem(cgroups_mem::Parameters parameters = {}) {
    return make<cgroups_mem::CgroupsMemIsolator>(parameters);
  }
  auto pids(cgroups_pids::Parameters parameters = {}) {
    return make<cgroups_pids::CgroupsPidsIsolator>(parameters);
  }
  auto cpuset(cgroups_cpuset::Parameters parameters = {}) {
    return make<cgroups_cpuset::CgroupsCpusetIsolator>(parameters);
  }
  auto io(cgroups_io::Parameters parameters = {}) {
    return make<cgroups_io::CgroupsIoIsolator>(parameters);
  }
  std::string content(const std::string& file) { return fake_->content(file); }

  std::shared_ptr<FakeCgroups> fake_;
  testing::RecordingHost host_;
  ContainerContext container_ = [] {
    ContainerContext context;
    context.id = ContainerId("c1");
    context.pid = ::getpid();
    context.sandbox = "/tmp";
    return context;
  }();
};

// ---- cgroups/cpu --------------------------------------------------------------------------------

TEST_F(CgroupIsolators, cpus_become_shares_and_a_place_to_enter_on_v1) {
  mount(FakeCgroups::Kind::v1);
  const auto contribution = cpu()->prepare(container_).value();
  EXPECT_THAT(contribution.cgroups,
              ElementsAre(fake_->path("cpu/mesos/c1"), fake_->path("cpuacct/mesos/c1")));
  EXPECT_EQ(content("cpu/mesos/c1/cpu.shares"), "512");
  EXPECT_EQ(content("cpu/mesos/c1/cpu.cfs_quota_us"), "-1");
}

TEST_F(CgroupIsolators, cpus_become_a_weight_on_v2) {
  mount(FakeCgroups::Kind::v2);
  const auto contribution = cpu()->prepare(container_).value();
  EXPECT_THAT(contribution.cgroups, ElementsAre(fake_->path("mesos/c1/leaf")));
  EXPECT_EQ(content("mesos/c1/cpu.weight"), "50");
  EXPECT_EQ(content("mesos/c1/cpu.max"), "max 100000");
}

TEST_F(CgroupIsolators, the_hard_cap_is_the_limit_or_on_demand_the_request) {
  mount(FakeCgroups::Kind::v1);
  ASSERT_TRUE(cpu({.enable_cfs = true})->prepare(container_));
  EXPECT_EQ(content("cpu/mesos/c1/cpu.cfs_quota_us"), "50000");
  container_.limits.cpus = 1.5;
  ASSERT_TRUE(cpu()->prepare(container_));
  EXPECT_EQ(content("cpu/mesos/c1/cpu.cfs_quota_us"), "150000");
  container_.limits.cpus = infinite;
  ASSERT_TRUE(cpu({.enable_cfs = true})->update(container_));
  EXPECT_EQ(content("cpu/mesos/c1/cpu.cfs_quota_us"), "-1");
  container_.limits.cpus = 0.001;  // less than the kernel takes
  ASSERT_TRUE(cpu()->prepare(container_));
  EXPECT_EQ(content("cpu/mesos/c1/cpu.cfs_quota_us"), "1000");
  mount(FakeCgroups::Kind::v2);
  container_.limits.cpus = 1.5;
  ASSERT_TRUE(cpu()->prepare(container_));
  EXPECT_EQ(content("mesos/c1/cpu.max"), "150000 100000");
}

TEST_F(CgroupIsolators, tiny_and_huge_shares_stay_within_what_the_kernel_takes) {
  mount(FakeCgroups::Kind::v1);
  container_.requests = *Resources::parse("cpus:0.001");
  ASSERT_TRUE(cpu()->prepare(container_));
  EXPECT_EQ(content("cpu/mesos/c1/cpu.shares"), "2");
  mount(FakeCgroups::Kind::v2);
  container_.requests = *Resources::parse("cpus:0.001");
  ASSERT_TRUE(cpu()->prepare(container_));
  EXPECT_EQ(content("mesos/c1/cpu.weight"), "1");
  container_.requests = *Resources::parse("cpus:128");
  ASSERT_TRUE(cpu()->update(container_));
  EXPECT_EQ(content("mesos/c1/cpu.weight"), "10000");
}

TEST_F(CgroupIsolators, an_update_that_fails_half_way_leaves_what_was_in_force) {
  mount(FakeCgroups::Kind::v1);
  const auto isolator = cpu({.enable_cfs = true});
  ASSERT_TRUE(isolator->prepare(container_));
  container_.requests = *Resources::parse("cpus:2");
  fake_->fail("c1/cpu.shares", EINVAL, 2);  // reading the old value, and writing the new one
  const auto failed = isolator->update(container_);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("cpu.shares': Invalid argument"));
  EXPECT_EQ(content("cpu/mesos/c1/cpu.cfs_quota_us"), "50000");
}

TEST_F(CgroupIsolators, cpu_time_and_throttling_are_told_in_seconds_on_both) {
  mount(FakeCgroups::Kind::v1);
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  auto isolator = cpu();
  ASSERT_TRUE(isolator->prepare(container_));
  fake_->set("cpuacct/mesos/c1/cpuacct.stat", "user 150\nsystem 50");
  fake_->set("cpu/mesos/c1/cpu.stat", "nr_periods 10\nnr_throttled 4\nthrottled_time 2500000000");
  const auto on_v1 = isolator->usage(container_).value().statistics;
  EXPECT_DOUBLE_EQ(on_v1.at("cpus_user_time_secs"), 150 / ticks);
  EXPECT_DOUBLE_EQ(on_v1.at("cpus_system_time_secs"), 50 / ticks);
  EXPECT_DOUBLE_EQ(on_v1.at("cpus_throttled_time_secs"), 2.5);
  EXPECT_EQ(on_v1.at("cpus_nr_throttled"), 4);
  EXPECT_EQ(on_v1.at("cpus_limit"), 0.5);
  mount(FakeCgroups::Kind::v2);
  isolator = cpu();
  ASSERT_TRUE(isolator->prepare(container_));
  fake_->set("mesos/c1/cpu.stat",
             "usage_usec 2000000\nuser_usec 1500000\nsystem_usec 500000\n"
             "nr_periods 10\nnr_throttled 4\nthrottled_usec 2500000");
  fake_->set("mesos/c1/cpu.pressure",
             "some avg10=12.50 avg60=0.00 avg300=0.00 total=3000000\n"
             "full avg10=0.50 avg60=0.00 avg300=0.00 total=1000000");
  const auto on_v2 = isolator->usage(container_).value().statistics;
  EXPECT_DOUBLE_EQ(on_v2.at("cpus_user_time_secs"), 1.5);
  EXPECT_DOUBLE_EQ(on_v2.at("cpus_throttled_time_secs"), 2.5);
  EXPECT_DOUBLE_EQ(on_v2.at("cpu_pressure_some_avg10"), 12.5);
  EXPECT_DOUBLE_EQ(on_v2.at("cpu_pressure_full_secs"), 1);
}

// ---- cgroups/mem --------------------------------------------------------------------------------

TEST_F(CgroupIsolators, memory_is_limited_with_swap_on_v1) {
  mount(FakeCgroups::Kind::v1);
  ASSERT_TRUE(mem()->prepare(container_));
  EXPECT_EQ(content("memory/mesos/c1/memory.limit_in_bytes"), "67108864");
  EXPECT_EQ(content("memory/mesos/c1/memory.soft_limit_in_bytes"), "67108864");
  EXPECT_EQ(content("memory/mesos/c1/memory.memsw.limit_in_bytes"), "67108864");
}

TEST_F(CgroupIsolators, memory_with_swap_is_raised_first_and_lowered_last) {
  mount(FakeCgroups::Kind::v1);
  const auto isolator = mem();
  ASSERT_TRUE(isolator->prepare(container_));
  container_.requests = *Resources::parse("mem:128");
  ASSERT_TRUE(isolator->update(container_));
  const auto& written = fake_->written();
  const auto position = [&](const std::string& line) {
    return std::find(written.begin(), written.end(), line) - written.begin();
  };
  EXPECT_LT(position("memory/mesos/c1/memory.limit_in_bytes=67108864"),
            position("memory/mesos/c1/memory.memsw.limit_in_bytes=67108864"));
  EXPECT_GT(position("memory/mesos/c1/memory.limit_in_bytes=134217728"),
            position("memory/mesos/c1/memory.memsw.limit_in_bytes=134217728"));
}

TEST_F(CgroupIsolators, memory_is_protected_limited_and_killed_whole_on_v2) {
  mount(FakeCgroups::Kind::v2);
  container_.limits.mem = 100;
  ASSERT_TRUE(mem()->prepare(container_));
  EXPECT_EQ(content("mesos/c1/memory.low"), "67108864");
  EXPECT_EQ(content("mesos/c1/memory.max"), "104857600");
  EXPECT_EQ(content("mesos/c1/memory.oom.group"), "1");
  EXPECT_EQ(content("mesos/c1/memory.swap.max"), "0");
  container_.limits.mem = infinite;
  ASSERT_TRUE(mem()->update(container_));
  EXPECT_EQ(content("mesos/c1/memory.max"), "max");
}

TEST_F(CgroupIsolators, nobody_has_less_memory_than_a_process_needs_to_begin) {
  mount(FakeCgroups::Kind::v2);
  container_.requests = *Resources::parse("mem:1");
  ASSERT_TRUE(mem()->prepare(container_));
  EXPECT_EQ(content("mesos/c1/memory.max"), "33554432");
}

TEST_F(CgroupIsolators, a_limit_below_what_is_in_use_is_refused_by_v1_and_the_old_one_stays) {
  mount(FakeCgroups::Kind::v1);
  const auto isolator = mem();
  ASSERT_TRUE(isolator->prepare(container_));
  container_.requests = *Resources::parse("mem:40");
  fake_->fail("c1/memory.memsw.limit_in_bytes", EBUSY, 3);  // it is read twice before
  const auto refused = isolator->update(container_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("Device or resource busy"));
  EXPECT_EQ(content("memory/mesos/c1/memory.limit_in_bytes"), "67108864");
}

TEST_F(CgroupIsolators, running_out_of_memory_is_told_with_limit_peak_and_statistics) {
  mount(FakeCgroups::Kind::v1);
  auto isolator = mem();
  ASSERT_TRUE(isolator->prepare(container_));
  EXPECT_FALSE(isolator->check(container_).value().limitation);
  fake_->set("memory/mesos/c1/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1");
  fake_->set("memory/mesos/c1/memory.failcnt", "12");
  fake_->set("memory/mesos/c1/memory.max_usage_in_bytes", "67108864");
  fake_->set("memory/mesos/c1/memory.stat",
             "total_rss 1048576\ntotal_cache 524288\n"
             "hierarchical_memory_limit 67108864");
  const auto on_v1 = isolator->check(container_).value().limitation;
  ASSERT_TRUE(on_v1);
  EXPECT_EQ(on_v1->reason, UpdateReason::container_limitation_memory);
  EXPECT_EQ(on_v1->message,
            "out of memory (OOM): killed at its limit: limit 64 MB, peak 64 MB; after it 1 MB of "
            "processes and 0.5 MB of files");
  EXPECT_EQ(on_v1->resources, *Resources::parse("mem:64"));
  mount(FakeCgroups::Kind::v2);
  isolator = mem();
  ASSERT_TRUE(isolator->prepare(container_));
  fake_->set("mesos/c1/memory.events", "low 0\nhigh 0\nmax 7\noom 1\noom_kill 2");
  const auto on_v2 = isolator->check(container_).value().limitation;
  ASSERT_TRUE(on_v2);
  EXPECT_THAT(on_v2->message, HasSubstr("killed at its limit: limit 64 MB"));
}

TEST_F(CgroupIsolators, who_is_killed_below_its_limit_is_not_told_that_it_reached_it) {
  mount(FakeCgroups::Kind::v2);
  const auto isolator = mem();
  ASSERT_TRUE(isolator->prepare(container_));
  fake_->set("mesos/c1/memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 1");
  const auto limitation = isolator->check(container_).value().limitation;
  ASSERT_TRUE(limitation);
  EXPECT_THAT(limitation->message, HasSubstr("killed below its limit"));
}

TEST_F(CgroupIsolators, a_group_that_is_gone_has_met_no_limit) {
  mount(FakeCgroups::Kind::v1);
  const auto isolator = mem();
  EXPECT_FALSE(isolator->check(container_).value().limitation);
}

TEST_F(CgroupIsolators, memory_is_told_under_the_usual_names_and_limits_that_are_none_are_not) {
  mount(FakeCgroups::Kind::v2);
  const auto isolator = mem();
  container_.limits.mem = infinite;
  ASSERT_TRUE(isolator->prepare(container_));
  fake_->set("mesos/c1/memory.current", "5000");
  fake_->set("mesos/c1/memory.stat", "anon 3000\nfile 1500\nfile_mapped 100");
  const auto usage = isolator->usage(container_).value().statistics;
  EXPECT_THAT(usage, IsSupersetOf({Pair("mem_total_bytes", 5000.0), Pair("mem_rss_bytes", 3000.0),
                                   Pair("mem_cache_bytes", 1500.0),
                                   Pair("mem_soft_limit_bytes", 67108864.0)}));
  EXPECT_THAT(usage, Not(Contains(Key("mem_limit_bytes"))));
}

// ---- cgroups/pids -------------------------------------------------------------------------------

TEST_F(CgroupIsolators, processes_are_limited_by_the_container_or_by_default) {
  mount(FakeCgroups::Kind::v2);
  ASSERT_TRUE(pids({.pids_max = 300})->prepare(container_));
  EXPECT_EQ(content("mesos/c1/pids.max"), "300");
  container_.limits.pids = 5;
  ASSERT_TRUE(pids()->update(container_));
  EXPECT_EQ(content("mesos/c1/pids.max"), "5");
  container_.limits.pids = 0;
  ASSERT_TRUE(pids()->update(container_));
  EXPECT_EQ(content("mesos/c1/pids.max"), "0") << "it starts no other process";
  container_.limits.pids.reset();
  ASSERT_TRUE(pids({.pids_max = 0})->update(container_));
  EXPECT_EQ(content("mesos/c1/pids.max"), "max");
}

TEST_F(CgroupIsolators, processes_threads_and_refused_forks_are_counted) {
  mount(FakeCgroups::Kind::v1);
  const auto isolator = pids();
  ASSERT_TRUE(isolator->prepare(container_));
  fake_->set("pids/mesos/c1/pids.current", "7");
  fake_->set("pids/mesos/c1/pids.events", "max 3");
  fake_->set("pids/mesos/c1/cgroup.procs", "10\n11");
  EXPECT_THAT(isolator->usage(container_).value().statistics,
              IsSupersetOf({Pair("threads", 7.0), Pair("processes", 2.0),
                            Pair("pids_limit", 1024.0), Pair("pids_refused", 3.0)}));
}

// ---- cgroups/cpuset -----------------------------------------------------------------------------

TEST_F(CgroupIsolators, containers_are_spread_over_the_least_loaded_cpus) {
  mount(FakeCgroups::Kind::v1);  // CPUs 0-3
  const auto isolator = cpuset();
  const auto pinned = [&](const char* id, const char* resources) {
    container_.id = ContainerId(id);
    container_.requests = *Resources::parse(resources);
    EXPECT_TRUE(isolator->prepare(container_));
    return content("cpuset/mesos/" + std::string(id) + "/cpuset.cpus");
  };
  EXPECT_EQ(pinned("a", "cpus:2"), "0-1");
  EXPECT_EQ(pinned("b", "cpus:0.5"), "2");
  EXPECT_EQ(pinned("c", "cpus:1"), "3");
  EXPECT_EQ(pinned("d", "cpus:0.5"), "2");
  EXPECT_EQ(pinned("e", "cpus:9"), "0-3");
  container_.id = ContainerId("a");
  ASSERT_TRUE(isolator->cleanup(container_));
  EXPECT_EQ(pinned("f", "cpus:1.5"), "0-1");
}

TEST_F(CgroupIsolators, a_container_may_choose_among_the_cpus_that_there_are) {
  mount(FakeCgroups::Kind::v2);
  const auto isolator = cpuset({.cpus = "1-3"});
  container_.spec.parameters["cpuset.cpus"] = "2,3";
  ASSERT_TRUE(isolator->prepare(container_));
  EXPECT_EQ(content("mesos/c1/cpuset.cpus"), "2-3");
  container_.spec.parameters["cpuset.cpus"] = "0-1";
  const auto refused = isolator->prepare(container_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the container asks for CPUs '0-1' of 1-3");
  container_.spec.parameters["cpuset.cpus"] = "3-1";
  EXPECT_EQ(isolator->prepare(container_).error().message,
            "parameter 'cpuset.cpus': '3-1' is no list of CPUs");
}

TEST_F(CgroupIsolators, a_new_agent_knows_who_is_pinned_where) {
  mount(FakeCgroups::Kind::v1);
  ASSERT_TRUE(cpuset()->prepare(container_));  // on CPU 0
  const auto next = cpuset();
  RecoverRequest request;
  request.containers.push_back(container_);
  ASSERT_TRUE(next->recover(request));
  container_.id = ContainerId("c2");
  ASSERT_TRUE(next->prepare(container_));
  EXPECT_EQ(content("cpuset/mesos/c2/cpuset.cpus"), "1");
}

TEST_F(CgroupIsolators, lists_of_cpus_are_read_as_they_are_written) {
  for (const char* text : {"", "0", "0-3", "0,2,4-6", "7"}) {
    EXPECT_EQ(cgroups_cpuset::to_text(cgroups_cpuset::parse_cpus(text).value()), text);
  }
  EXPECT_EQ(cgroups_cpuset::to_text(cgroups_cpuset::parse_cpus("3,1-2,2\n").value()), "1-3");
  for (const char* text : {"a", "1-", "-1", "1,,2", "2-1", "99999", "0-9999"}) {
    EXPECT_FALSE(cgroups_cpuset::parse_cpus(text)) << text;
  }
}

// ---- cgroups/io ---------------------------------------------------------------------------------

class IoThrottling : public CgroupIsolators {
 protected:
  void SetUp() override {
    for (const char* path : {"/var/tmp", "/", "/dev/vda", "/dev/sda"}) {
      const auto disk = cgroups_io::disk_below(path);
      if (!disk) continue;
      path_ = path;
      disk_ = *disk;
      return;
    }
    GTEST_SKIP() << "this machine has no disk";
  }
  std::string path_;
  std::string disk_;
};

TEST_F(IoThrottling, is_told_of_the_disk_and_in_the_words_of_each_version) {
  cgroups_io::Parameters parameters;
  parameters.device = path_;
  parameters.read_bytes_per_s = 5'000'000;
  parameters.writes_per_s = 100;
  mount(FakeCgroups::Kind::v1);
  ASSERT_TRUE(io(parameters)->prepare(container_));
  EXPECT_EQ(content("blkio/mesos/c1/blkio.throttle.read_bps_device"), disk_ + " 5000000");
  EXPECT_EQ(content("blkio/mesos/c1/blkio.throttle.write_iops_device"), disk_ + " 100");
  EXPECT_EQ(content("blkio/mesos/c1/blkio.throttle.write_bps_device"), "");
  mount(FakeCgroups::Kind::v2);
  ASSERT_TRUE(io(parameters)->prepare(container_));
  EXPECT_EQ(content("mesos/c1/io.max"), disk_ + " rbps=5000000 wiops=100");
}

TEST_F(IoThrottling, a_container_may_ask_for_less_but_not_for_more) {
  mount(FakeCgroups::Kind::v2);
  cgroups_io::Parameters parameters;
  parameters.device = path_;
  parameters.read_bytes_per_s = 5'000'000;
  container_.spec.parameters["io.read_bytes_per_s"] = "1000000";
  ASSERT_TRUE(io(parameters)->prepare(container_));
  EXPECT_EQ(content("mesos/c1/io.max"), disk_ + " rbps=1000000");
  for (const char* more : {"6000000", "0"}) {
    container_.spec.parameters["io.read_bytes_per_s"] = more;
    const auto refused = io(parameters)->prepare(container_);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("more than the 5000000 of this agent"));
  }
  container_.spec.parameters["io.read_bytes_per_s"] = "fast";
  EXPECT_THAT(io(parameters)->prepare(container_).error().message,
              HasSubstr("is 'fast' and should be a whole number"));
}

TEST_F(CgroupIsolators, what_lies_on_no_disk_cannot_be_throttled) {
  mount(FakeCgroups::Kind::v2);
  cgroups_io::Parameters parameters;
  parameters.device = "/proc";
  parameters.reads_per_s = 1;
  const auto refused = io(parameters)->prepare(container_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "it cannot be throttled: '/proc' lies on no block device");
}

TEST_F(CgroupIsolators, reads_and_writes_are_summed_over_disks_on_both) {
  mount(FakeCgroups::Kind::v1);
  auto isolator = io();
  ASSERT_TRUE(isolator->prepare(container_));
  fake_->set("blkio/mesos/c1/blkio.throttle.io_service_bytes",
             "254:0 Read 4096\n254:0 Write 100\n254:0 Total 4196\n254:16 Read 4\nTotal 4200");
  fake_->set("blkio/mesos/c1/blkio.throttle.io_serviced", "254:0 Read 2\n254:0 Write 1\nTotal 3");
  const std::map<std::string, double> expected{
      {"io_read_bytes", 4100}, {"io_write_bytes", 100}, {"io_reads", 2}, {"io_writes", 1}};
  EXPECT_EQ(isolator->usage(container_).value().statistics, expected);
  mount(FakeCgroups::Kind::v2);
  isolator = io();
  ASSERT_TRUE(isolator->prepare(container_));
  fake_->set("mesos/c1/io.stat",
             "254:0 rbytes=4096 wbytes=100 rios=2 wios=1 dbytes=0 dios=0\n"
             "254:16 rbytes=4 wbytes=0 rios=0 wios=0 dbytes=0 dios=0");
  EXPECT_EQ(isolator->usage(container_).value().statistics, expected);
}

// ---- all of them --------------------------------------------------------------------------------

TEST_F(CgroupIsolators, share_one_group_on_v2_and_leave_nothing_behind) {
  mount(FakeCgroups::Kind::v2);
  const auto first = cpu();
  const auto second = mem();
  const auto third = pids();
  for (Isolator* isolator :
       std::initializer_list<Isolator*>{first.get(), second.get(), third.get()}) {
    EXPECT_THAT(isolator->prepare(container_).value().cgroups,
                ElementsAre(fake_->path("mesos/c1/leaf")));
  }
  EXPECT_EQ(content("mesos/c1/pids.max"), "1024");
  EXPECT_EQ(content("mesos/c1/memory.oom.group"), "1");
  for (Isolator* isolator :
       std::initializer_list<Isolator*>{third.get(), second.get(), first.get()}) {
    EXPECT_TRUE(isolator->cleanup(container_));
  }
  EXPECT_FALSE(std::filesystem::exists(fake_->path("mesos/c1")));
}

TEST_F(CgroupIsolators, orphans_of_an_earlier_agent_are_cleaned_away) {
  mount(FakeCgroups::Kind::v1);
  ASSERT_TRUE(mem()->prepare(container_));
  RecoverRequest request;
  request.orphans.push_back(container_.id);
  ASSERT_TRUE(mem()->recover(request));
  EXPECT_FALSE(std::filesystem::exists(fake_->path("memory/mesos/c1")));
}

TEST_F(CgroupIsolators, a_probe_says_what_is_missing) {
  mount(FakeCgroups::Kind::v1);
  IsolatorProbe probe;
  probe.cgroup_mount = "/nowhere";
  EXPECT_EQ(pids()->probe(probe).error().message,
            "no cgroup hierarchy is mounted at or below '/nowhere'");
  harness::Scratch bare;
  std::filesystem::create_directory(bare / "cpu");
  std::ofstream(bare / "cpu" / "cgroup.procs") << "\n";
  probe.cgroup_mount = bare.path().string();
  EXPECT_EQ(pids()->probe(probe).error().message,
            "the cgroup controller 'pids' is not mounted at or below '" + probe.cgroup_mount + "'");
}

TEST_F(CgroupIsolators, conform) {
  for (const auto kind : {FakeCgroups::Kind::v1, FakeCgroups::Kind::v2}) {
    mount(kind);
    EXPECT_THAT(testing::isolator_violations([&] { return cpu(); }), IsEmpty());
    EXPECT_THAT(testing::isolator_violations([&] { return mem(); }), IsEmpty());
    EXPECT_THAT(testing::isolator_violations([&] { return pids(); }), IsEmpty());
    EXPECT_THAT(testing::isolator_violations([&] { return cpuset(); }), IsEmpty());
    EXPECT_THAT(testing::isolator_violations([&] { return io(); }), IsEmpty());
  }
}

}  // namespace
}  // namespace mesolite
