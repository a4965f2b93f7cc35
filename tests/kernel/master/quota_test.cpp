// Defends quota: what can be asked of the allocator, and what is taken back for it.
#include <gtest/gtest.h>

#include "kernel/master/durable.hpp"
#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

RoleQuota quota(std::string role, std::string_view guarantee, std::string_view limit) {
  RoleQuota wanted;
  wanted.role = std::move(role);
  wanted.guarantee = resources(guarantee);
  if (!limit.empty()) wanted.limit = resources(limit);
  return wanted;
}

SetQuota request(std::vector<RoleQuota> quotas, bool force = false) {
  return {1, std::move(quotas), force};
}

TEST(Quota, is_kept_told_and_durable_until_it_is_taken_away) {
  World world;
  world.add_agent("cpus:10;mem:1024");
  EXPECT_EQ(world.ask(SetQuota{}).text, "no role has a quota");
  const auto answer = world.ask(request({quota("eng", "cpus:2", "cpus:4;mem:512")}));
  EXPECT_EQ(answer.text, "eng is guaranteed cpus:2 and holds at most cpus:4;mem:512");
  const auto kept = decode<master::DurableQuota>(world.registry().at("quotas/eng"));
  EXPECT_EQ(kept.value().guarantee, resources("cpus:2"));
  EXPECT_EQ(kept.value().limit, resources("cpus:4;mem:512"));
  EXPECT_EQ(world.ask(request({quota("eng", "", "")})).text, "no role has a quota");
  EXPECT_FALSE(world.registry().contains("quotas/eng"));
}

struct Refusal {
  std::vector<RoleQuota> quotas;
  const char* named;
};

TEST(Quota, that_contradicts_itself_is_refused_whole) {
  World world;
  world.add_agent("cpus:10;mem:1024;ports:[1-9];cpus(eng):2");
  const std::vector<Refusal> refusals = {
      {{quota("a", "cpus:1", ""), quota("*", "cpus:1", "")}, "quotas[1]: role: '*'"},
      {{quota("a", "cpus:1", ""), quota("a", "", "")}, "quotas[1]: role: 'a' stands twice"},
      {{quota("-a", "cpus:1", "")}, "quotas[0]: role: "},
      {{quota("a", "ports:[1-2]", "")}, "quotas[0]: guarantee: ports is no amount"},
      {{quota("a", "", "cpus(eng):1")}, "quotas[0]: limit: cpus is reserved"},
      {{quota("a", "cpus:3", "cpus:2")},
       "role 'a': its guarantee is cpus:3, more than its limit of cpus:2"},
      {{quota("a", "cpus:2", ""), quota("a/b", "cpus:1", ""), quota("a/c/d", "cpus:2", "")},
       "role 'a': the roles below it are guaranteed cpus:3, more than its guarantee of cpus:2"},
      {{quota("a", "", "cpus:2"), quota("a/b", "cpus:3", "")},
       "role 'a': the roles below it are guaranteed cpus:3, more than its limit of cpus:2"},
      {{quota("a", "cpus:7", ""), quota("b", "cpus:6", "")},
       "quotas: cpus:13 would be guaranteed to all roles together, more than the cluster has"},
  };
  for (const Refusal& refusal : refusals) {
    const auto answer = world.ask(request(refusal.quotas));
    EXPECT_EQ(answer.error.find(refusal.named), 0u) << answer.error;
    EXPECT_EQ(world.ask(SetQuota{}).text, "no role has a quota");
  }
}

TEST(Quota, of_children_is_part_of_their_parents) {
  World world;
  world.add_agent("cpus:10");
  const auto answer = world.ask(request(
      {quota("a", "cpus:10", ""), quota("a/b", "cpus:4", ""), quota("a/c", "cpus:6", "cpus:8")}));
  EXPECT_EQ(answer.error, "");
}

TEST(Quota, that_does_not_fit_can_be_forced) {
  World world;
  EXPECT_NE(world.ask(request({quota("a", "cpus:1", "")})).error, "");
  EXPECT_EQ(world.ask(request({quota("a", "cpus:1", "")}, true)).error, "");
}

class Limited : public ::testing::Test {
 protected:
  void SetUp() override {
    world.add_agent("cpus:4");
    FrameworkInfo info;
    info.roles = {"eng/web"};
    framework = world.add_framework(info);
  }

  World world;
  World::Party framework;
};

TEST_F(Limited, a_limit_below_what_is_held_needs_force) {
  world.launch(framework, world.take_offer(framework.peer), {task_launch("t", "cpus:3")});
  EXPECT_EQ(
      world.ask(request({quota("eng", "", "cpus:2")})).error,
      "quotas[0]: limit: the role 'eng' holds cpus:3 already, more than cpus:2; force does it");
  EXPECT_EQ(world.ask(request({quota("eng", "", "cpus:3")})).error, "");
  EXPECT_EQ(world.ask(request({quota("eng", "", "cpus:2")}, true)).error, "");
}

TEST_F(Limited, offers_beyond_a_new_limit_are_rescinded) {
  world.take_offer(framework.peer);
  EXPECT_EQ(world.ask(request({quota("eng", "", "cpus:4")})).error, "");
  EXPECT_EQ(world.count<RescindOffers>(framework.peer), 0u);
  EXPECT_EQ(world.ask(request({quota("eng", "", "cpus:2")})).error, "");
  EXPECT_EQ(world.take<RescindOffers>(framework.peer).reason, "the role 'eng' has a limit now");
}

TEST_F(Limited, offers_that_others_need_for_their_guarantee_are_rescinded) {
  world.add_agent("cpus:4");
  EXPECT_EQ(world.take<Offers>(framework.peer).offers.size(), 1u);
  EXPECT_EQ(world.take<Offers>(framework.peer).offers.size(), 1u);
  EXPECT_EQ(world.ask(request({quota("ops", "cpus:3", "")})).error, "");
  const auto rescinded = world.take<RescindOffers>(framework.peer);
  EXPECT_EQ(rescinded.offers.size(), 1u) << "one of the two agents is enough";
  EXPECT_EQ(rescinded.reason, "it is needed for what the role 'ops' is guaranteed");
}

}  // namespace
}  // namespace mesolite::testing
