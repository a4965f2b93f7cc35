// Defends what operators of Mesos rely on: quota, case 91 of the reference. Nested roles have quota
// here too, which Mesos refuses; quota_test.cpp tells the rules.
#include <gtest/gtest.h>

#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

RoleQuota limited(std::string role, std::string_view limit) {
  return {std::move(role), {}, resources(limit)};
}

TEST(Case91, UpdateQuotaMultipleRoles) {
  World world;
  world.add_agent("cpus:4");
  const SetQuota wrong{1, {limited("role1", "cpus:1"), limited("role2", "ports:[1-2]")}, false};
  EXPECT_NE(world.ask(wrong).error, "");
  EXPECT_EQ(world.ask(SetQuota{}).text, "no role has a quota") << "all or none";
  const SetQuota right{2, {limited("role1", "cpus:1"), limited("role2", "cpus:2")}, false};
  EXPECT_EQ(world.ask(right).text, "role1 holds at most cpus:1\nrole2 holds at most cpus:2");
}

TEST(Case91, ValidateLimitAgainstConsumed) {
  World world;
  world.add_agent("cpus:2;mem:1024");
  FrameworkInfo info;
  info.roles = {"role"};
  const auto framework = world.add_framework(info);
  world.launch(framework, world.take_offer(framework.peer), {task_launch("t", "cpus:1;mem:512")});
  EXPECT_NE(world.ask(SetQuota{1, {limited("role", "cpus:0.5")}, false}).error, "");
  EXPECT_NE(world.ask(SetQuota{1, {limited("role", "cpus:2;mem:511")}, false}).error, "");
  EXPECT_EQ(world.ask(SetQuota{1, {limited("role", "cpus:1;mem:512")}, false}).error, "");
  EXPECT_EQ(world.ask(SetQuota{1, {limited("role", "cpus:0.5")}, true}).error, "");
}

TEST(Case91, RescindOffersEnforcingLimits) {
  World world;
  for (int i = 0; i < 3; ++i) world.add_agent("cpus:1;mem:1024");
  FrameworkInfo info;
  info.roles = {"role"};
  const auto framework = world.add_framework(info);
  ASSERT_EQ(world.take<Offers>(framework.peer).offers.size(), 3u);
  EXPECT_EQ(world.ask(SetQuota{1, {limited("role", "cpus:1")}, false}).error, "");
  // As many as there are too many; Mesos rescinds all of the role.
  EXPECT_EQ(world.take<RescindOffers>(framework.peer).offers.size(), 2u);
}

}  // namespace
}  // namespace mesolite::testing
