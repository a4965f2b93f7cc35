// CgroupFs on folders that behave like cgroups: paths, order of writes, what fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>

#include "mesolite/module/cgroups.hpp"
#include "tests/support/fake_cgroups.hpp"

namespace mesolite {
namespace {

using harness::FakeCgroups;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FakeGroups : public ::testing::Test {
 protected:
  // A second reference, to say what fails.
  void mount(FakeCgroups::Kind kind) {
    fake_ = std::make_shared<FakeCgroups>(kind);
    auto opened = CgroupFs::open(fake_->place(), fake_);
    ASSERT_TRUE(opened) << opened.error().message;
    groups_.emplace(std::move(*opened));
  }
  bool exists(const std::string& name) { return std::filesystem::exists(fake_->path(name)); }

  std::shared_ptr<FakeCgroups> fake_;
  std::optional<CgroupFs> groups_;
};

TEST_F(FakeGroups, a_controller_is_found_wherever_it_is) {
  mount(FakeCgroups::Kind::v1);
  EXPECT_EQ(groups_->version("memory"), CgroupVersion::v1);
  EXPECT_EQ(groups_->version("io"), CgroupVersion::v1);  // blkio
  EXPECT_EQ(groups_->version("cgroup"), std::nullopt);
  mount(FakeCgroups::Kind::hybrid);
  EXPECT_EQ(groups_->version("memory"), CgroupVersion::v1);
  EXPECT_EQ(groups_->version("freezer"), CgroupVersion::v1);
  EXPECT_EQ(groups_->version("cgroup"), CgroupVersion::v2);
  mount(FakeCgroups::Kind::v2);
  EXPECT_EQ(groups_->version("memory"), CgroupVersion::v2);
  EXPECT_EQ(groups_->version("devices"), CgroupVersion::v2);  // by a program
  EXPECT_EQ(groups_->version("cpuacct"), CgroupVersion::v2);  // built in
  EXPECT_EQ(groups_->version("hugetlb"), std::nullopt);
}

TEST_F(FakeGroups, one_that_is_not_there_is_named_with_the_place_looked_at) {
  mount(FakeCgroups::Kind::v2);
  const auto missing = groups_->make("c1", {"cpu", "perf_event"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message,
            "the cgroup controller 'perf_event' is not mounted at or "
            "below '" +
                fake_->place().mount + "'");
  const auto none = CgroupFs::open({"/nowhere", "mesos"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "no cgroup hierarchy is mounted at or below '/nowhere'");
}

TEST_F(FakeGroups, hierarchies_that_share_a_mount_are_one) {
  harness::Scratch mounts;
  std::filesystem::create_directory(mounts / "cpu,cpuacct");
  std::ofstream(mounts / "cpu,cpuacct" / "cgroup.procs") << "\n";
  std::filesystem::create_symlink("cpu,cpuacct", mounts / "cpu");
  std::filesystem::create_symlink("cpu,cpuacct", mounts / "cpuacct");
  const auto groups = CgroupFs::open({mounts.path().string(), "mesos"});
  ASSERT_TRUE(groups) << groups.error().message;
  EXPECT_THAT(groups->directories("c1", {"cpu", "cpuacct"}),
              ElementsAre((mounts / "cpu,cpuacct/mesos/c1").string()));
}

TEST_F(FakeGroups, on_v1_a_group_is_a_folder_in_each_hierarchy) {
  mount(FakeCgroups::Kind::hybrid);
  ASSERT_TRUE(groups_->make("c1", {"cpu", "memory"}));
  EXPECT_TRUE(exists("cpu/mesos/c1"));
  EXPECT_TRUE(exists("memory/mesos/c1"));
  EXPECT_FALSE(exists("pids/mesos"));
  EXPECT_FALSE(exists("unified/mesos"));
  EXPECT_THAT(groups_->directories("c1", {"cpu", "memory"}),
              ElementsAre(fake_->path("cpu/mesos/c1"), fake_->path("memory/mesos/c1")));
}

TEST_F(FakeGroups, on_v2_processes_live_in_a_leaf_below_the_limits) {
  mount(FakeCgroups::Kind::v2);
  ASSERT_TRUE(groups_->make("c1", {"cpu", "memory", "devices"}));
  EXPECT_THAT(groups_->directories("c1", {"cpu", "memory"}),
              ElementsAre(fake_->path("mesos/c1/leaf")));
  EXPECT_TRUE(groups_->write("memory", "c1", "memory.max", "1000"));
  EXPECT_EQ(fake_->content("mesos/c1/memory.max"), "1000");
  EXPECT_THAT(fake_->written(),
              ElementsAre("cgroup.subtree_control=+cpu", "cgroup.subtree_control=+memory",
                          "mesos/cgroup.subtree_control=+cpu",
                          "mesos/cgroup.subtree_control=+memory", "mesos/c1/memory.max=1000"));
}

TEST_F(FakeGroups, controllers_are_enabled_once_for_all_containers_and_for_each_nested_one) {
  mount(FakeCgroups::Kind::v2);
  ASSERT_TRUE(groups_->make("c1", {"pids"}));
  const std::size_t writes = fake_->written().size();
  ASSERT_TRUE(groups_->make("c2", {"pids"}));
  EXPECT_EQ(fake_->written().size(), writes);
  ASSERT_TRUE(groups_->make("c1/inner", {"pids"}));
  EXPECT_EQ(fake_->written().back(), "mesos/c1/cgroup.subtree_control=+pids");
  EXPECT_TRUE(exists("mesos/c1/inner/leaf"));
}

TEST_F(FakeGroups, a_root_below_another_group_is_made_with_all_on_the_way_to_it) {
  for (const auto kind : {FakeCgroups::Kind::v1, FakeCgroups::Kind::v2}) {
    mount(kind);
    CgroupPlace place = fake_->place();
    place.root = "mesos/a17";
    auto groups = CgroupFs::open(place, fake_);
    ASSERT_TRUE(groups) << groups.error().message;
    const auto made = groups->make("c1", {"cpu"});
    EXPECT_TRUE(made) << made.error().message;
    EXPECT_TRUE(std::filesystem::is_directory(groups->path("cpu", "c1")));
    EXPECT_THAT(groups->names(), ElementsAre("c1"));
    EXPECT_TRUE(groups->remove(""));
    EXPECT_TRUE(std::filesystem::is_directory(groups_->path("cpu", ""))) << "others may be there";
  }
}

TEST_F(FakeGroups, a_root_that_was_made_before_hands_its_controllers_down_all_the_same) {
  mount(FakeCgroups::Kind::v2);
  ASSERT_TRUE(groups_->make("", {"pids"}));
  EXPECT_FALSE(exists("mesos/leaf"));
  ASSERT_TRUE(groups_->make("c1", {"pids"}));
  EXPECT_TRUE(exists("mesos/c1/pids.max"));
}

TEST_F(FakeGroups, a_cpuset_of_v1_is_handed_down_before_anybody_enters) {
  mount(FakeCgroups::Kind::v1);
  ASSERT_TRUE(groups_->make("c1", {"cpuset"}));
  EXPECT_THAT(fake_->written(),
              ElementsAre("cpuset/mesos/cpuset.cpus=0-3", "cpuset/mesos/cpuset.mems=0",
                          "cpuset/mesos/c1/cpuset.cpus=0-3", "cpuset/mesos/c1/cpuset.mems=0"));
}

TEST_F(FakeGroups, a_group_may_be_made_again) {
  mount(FakeCgroups::Kind::v2);
  ASSERT_TRUE(groups_->make("c1", {"cpu"}));
  EXPECT_TRUE(groups_->make("c1", {"cpu"}));
}

TEST_F(FakeGroups, removal_waits_for_the_last_process_and_names_what_stays) {
  mount(FakeCgroups::Kind::v1);
  ASSERT_TRUE(groups_->make("c1", {"memory", "cpu"}));
  fake_->fail("memory/mesos/c1", EBUSY, 3);
  EXPECT_TRUE(groups_->remove("c1"));
  EXPECT_FALSE(exists("memory/mesos/c1"));
  EXPECT_FALSE(exists("cpu/mesos/c1"));

  ASSERT_TRUE(groups_->make("c2", {"memory", "cpu"}));
  ASSERT_TRUE(groups_->enter("c2", {"memory"}, 77));
  const auto busy = groups_->remove("c2", {}, std::chrono::milliseconds(5));
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().message, "cannot remove the cgroup '" + fake_->path("memory/mesos/c2") +
                                      "': Device or resource busy");
  EXPECT_FALSE(exists("cpu/mesos/c2"));
}

TEST_F(FakeGroups, removal_takes_nested_groups_along_and_knows_of_no_strangers) {
  mount(FakeCgroups::Kind::v2);
  ASSERT_TRUE(groups_->make("c1", {"pids"}));
  ASSERT_TRUE(groups_->make("c1/inner", {"pids"}));
  EXPECT_TRUE(groups_->remove("c1"));
  EXPECT_FALSE(exists("mesos/c1"));
  EXPECT_TRUE(groups_->remove("c1"));
  EXPECT_TRUE(groups_->remove("never made"));
}

TEST_F(FakeGroups, names_are_those_of_all_hierarchies) {
  mount(FakeCgroups::Kind::hybrid);
  EXPECT_THAT(groups_->names(), IsEmpty());
  ASSERT_TRUE(groups_->make("c2", {"cpu", "cgroup"}));
  ASSERT_TRUE(groups_->make("c1", {"memory"}));
  EXPECT_THAT(groups_->names(), ElementsAre("c1", "c2"));
}

TEST_F(FakeGroups, killing_a_v2_group_leaves_it_thawed) {
  mount(FakeCgroups::Kind::v2);
  ASSERT_TRUE(groups_->make("c1", {"cgroup"}));
  ASSERT_TRUE(groups_->enter("c1", {"cgroup"}, 77));
  EXPECT_THAT(groups_->processes("c1"), ElementsAre(77));
  ASSERT_TRUE(groups_->freeze("c1"));
  EXPECT_TRUE(groups_->kill("c1"));
  EXPECT_THAT(groups_->processes("c1"), IsEmpty());
  EXPECT_EQ(fake_->content("mesos/c1/cgroup.freeze"), "0");
  EXPECT_TRUE(groups_->kill("never made"));
}

TEST_F(FakeGroups, what_cannot_be_done_is_one_sentence_with_path_and_value) {
  mount(FakeCgroups::Kind::v1);
  ASSERT_TRUE(groups_->make("c1", {"memory"}));
  fake_->fail("memory.limit_in_bytes", EBUSY);
  const auto busy = groups_->write("memory", "c1", "memory.limit_in_bytes", "20971520");
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().message, "cannot write '20971520' to '" +
                                      fake_->path("memory/mesos/c1/memory.limit_in_bytes") +
                                      "': Device or resource busy");
  fake_->fail("cpu/mesos", EROFS);
  const auto refused = groups_->make("c2", {"cpu"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "cannot make the cgroup '" + fake_->path("cpu/mesos") + "': Read-only file system");
  const auto unknown = groups_->read("memory", "c1", "memory.current");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("memory.current': No such file or directory"));
}

TEST_F(FakeGroups, files_are_read_as_numbers_and_tables_whatever_they_hold) {
  mount(FakeCgroups::Kind::v2);
  ASSERT_TRUE(groups_->make("c1", {"memory", "pids"}));
  EXPECT_EQ(groups_->read_number("pids", "c1", "pids.max"),
            std::numeric_limits<std::uint64_t>::max());
  fake_->set("mesos/c1/pids.max", "17");
  EXPECT_EQ(groups_->read_number("pids", "c1", "pids.max"), 17u);
  fake_->set("mesos/c1/pids.max", "17 of them");
  const auto odd = groups_->read_number("pids", "c1", "pids.max");
  ASSERT_FALSE(odd);
  EXPECT_THAT(odd.error().message, HasSubstr("pids.max' holds no number but '17 of them'"));
  fake_->set("mesos/c1/memory.events", "oom 3\n\nodd\nodd too\nnegative -5\noom_kill 2");
  EXPECT_THAT(*groups_->read_table("memory", "c1", "memory.events"),
              ElementsAre(std::pair("oom", 3u), std::pair("oom_kill", 2u)));
}

}  // namespace
}  // namespace mesolite
