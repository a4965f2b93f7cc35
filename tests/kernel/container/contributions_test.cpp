#include "kernel/container/contributions.hpp"

#include <gmock/gmock.h>

namespace mesolite::container {
namespace {

Contribution variable(const std::string& name, const std::string& value, bool override = false) {
  Contribution contribution;
  contribution.environment[name] = {value, false, override};
  return contribution;
}

TEST(Contributions, nothing_merges_to_nothing) {
  const auto merged = merge({{"a", {}}, {"b", {}}});
  ASSERT_TRUE(merged);
  EXPECT_EQ(*merged, Contribution{});
}

TEST(Contributions, a_process_waits_if_one_isolator_acts_from_outside) {
  EXPECT_TRUE(merge({})->unattended);
  EXPECT_TRUE(merge({{"a", unattended()}, {"b", unattended()}})->unattended);
  EXPECT_FALSE(merge({{"a", unattended()}, {"b", {}}})->unattended);
}

TEST(Contributions, namespaces_are_or_ed_and_capabilities_and_ed) {
  Contribution first;
  first.clone_flags = 0b01;
  first.capability_bounding = 0b0110;
  Contribution second;
  second.clone_flags = 0b10;
  second.capability_bounding = 0b0011;
  second.capability_effective = 0b1000;
  const auto merged = merge({{"a", first}, {"b", second}});
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->clone_flags, 0b11u);
  EXPECT_EQ(merged->capability_bounding, 0b0010u);
  EXPECT_EQ(merged->capability_effective, 0b1000u);
}

TEST(Contributions, the_smallest_rlimit_wins) {
  Contribution first;
  first.rlimits = {{"nofile", 100, 4000}, {"core", 0, 0}};
  Contribution second;
  second.rlimits = {{"nofile", 200, 2000}};
  const auto merged = merge({{"a", first}, {"b", second}});
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->rlimits, (std::vector<Rlimit>{{"nofile", 100, 2000}, {"core", 0, 0}}));
}

TEST(Contributions, no_new_privileges_holds_once_anybody_asks_for_it) {
  Contribution asks;
  asks.no_new_privileges = true;
  Contribution declines;
  declines.no_new_privileges = false;
  EXPECT_EQ(merge({{"a", asks}, {"b", declines}})->no_new_privileges, true);
  EXPECT_EQ(merge({{"a", declines}})->no_new_privileges, false);
  EXPECT_EQ(merge({{"a", {}}})->no_new_privileges, std::nullopt);
}

TEST(Contributions, mounts_keep_the_order_of_the_chain) {
  Contribution first;
  first.mounts = {{"/a", "/1", "", 0, ""}, {"/b", "/2", "", 0, ""}};
  Contribution second;
  second.mounts = {{"/c", "/3", "", 0, ""}};
  const auto merged = merge({{"a", first}, {"b", second}});
  ASSERT_TRUE(merged);
  ASSERT_EQ(merged->mounts.size(), 3u);
  EXPECT_EQ(merged->mounts[2].source, "/c");
}

TEST(Contributions, two_values_of_one_variable_name_both_modules) {
  const auto merged = merge({{"gpu", variable("DEVICES", "0")}, {"net", variable("DEVICES", "1")}});
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().message, "isolators 'gpu' and 'net' both set the variable DEVICES");
}

TEST(Contributions, equal_values_of_one_variable_agree) {
  EXPECT_TRUE(merge({{"a", variable("X", "1")}, {"b", variable("X", "1")}}));
}

TEST(Contributions, a_value_that_overrides_wins_from_either_side) {
  for (const bool first : {true, false}) {
    const auto merged =
        merge({{"a", variable("X", "a", first)}, {"b", variable("X", "b", !first)}});
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->environment.at("X").value, first ? "a" : "b");
  }
}

TEST(Contributions, two_that_override_name_both_modules) {
  EXPECT_FALSE(merge({{"a", variable("X", "a", true)}, {"b", variable("X", "b", true)}}));
}

TEST(Contributions, what_can_be_given_once_names_both_modules) {
  Contribution first;
  first.rootfs = "/one";
  Contribution second;
  second.rootfs = "/two";
  const auto merged = merge({{"image", first}, {"chroot", second}});
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().message, "isolators 'image' and 'chroot' both set the root file system");
}

TEST(Contributions, two_writers_of_one_cgroup_file_name_both_modules) {
  Contribution first;
  first.cgroup_writes = {{"cpu", "cpu.shares", "1024"}, {"cpu", "cpu.cfs_quota_us", "1"}};
  Contribution second;
  second.cgroup_writes = {{"cpu", "cpu.shares", "1024"}};
  const auto merged = merge({{"cgroups/cpu", first}, {"mine", second}});
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().message,
            "isolators 'cgroups/cpu' and 'mine' both write the cgroup file cpu/cpu.shares");
}

TEST(Contributions, isolators_of_one_hierarchy_share_a_cgroup) {
  Contribution one;
  one.cgroups = {"/cgroup/cpu/mesos/c", "/cgroup/memory/mesos/c"};
  Contribution two;
  two.cgroups = {"/cgroup/cpu/mesos/c", "/cgroup/pids/mesos/c"};
  const auto merged = merge({{"one", one}, {"two", two}});
  ASSERT_TRUE(merged);
  EXPECT_THAT(merged->cgroups, testing::ElementsAre("/cgroup/cpu/mesos/c", "/cgroup/memory/mesos/c",
                                                    "/cgroup/pids/mesos/c"));
}

}  // namespace
}  // namespace mesolite::container
