// Defends what schedulers of Mesos rely on: offers and what becomes of them, cases 53 to 59 and 65
// of the reference.
#include <gtest/gtest.h>

#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

TEST(Case53, ResourcesGetReofferedAfterTaskInfoError) {
  World world;
  world.add_agent("cpus:2;mem:1024");
  const auto framework = world.add_framework();
  const Offer offer = world.take_offer(framework.peer);
  Accept accept;
  accept.offers = {offer.id};
  accept.operations = {{OperationKind::launch, {task_launch("a task", "cpus:1")}, {}}};
  accept.filters = {0s};
  world.say(framework.peer, accept);
  const TaskStatus status = world.take_update(framework.peer);
  EXPECT_EQ(status.state, TaskState::error);
  EXPECT_EQ(status.reason, UpdateReason::task_invalid);
  EXPECT_EQ(world.take_offer(framework.peer).resources, offer.resources);
}

// Mesos rescinds only where an offer timeout is set; here two minutes is the default, since a
// scheduler that does not answer would hold the cluster.
TEST(Case55, OfferTimeout_OfferNotRescindedOnceUsed_OfferNotRescindedOnceDeclined) {
  enum class Deed { nothing, use, decline };
  for (const Deed deed : {Deed::nothing, Deed::use, Deed::decline}) {
    World world;
    world.add_agent("cpus:2");
    FrameworkInfo info;
    const auto framework = world.add_framework(info);
    const Offer offer = world.take_offer(framework.peer);
    world.say(framework.peer, Suppress{});
    if (deed == Deed::use) world.launch(framework, offer, {task_launch("t", "cpus:2")});
    if (deed == Deed::decline) world.say(framework.peer, Decline{{offer.id}, {}});
    world.pass(3min);
    EXPECT_EQ(world.count<RescindOffers>(framework.peer), deed == Deed::nothing ? 1u : 0u);
  }
}

struct Awareness {
  std::vector<FrameworkCapability> capabilities;
  TaskState told;
};

TEST(Case57, LaunchAcrossSlavesLost_LaunchAcrossSlavesDropped) {
  for (const Awareness& each :
       {Awareness{{}, TaskState::lost},
        Awareness{{FrameworkCapability::partition_aware}, TaskState::dropped}}) {
    World world;
    world.add_agent("cpus:1");
    world.add_agent("cpus:1");
    FrameworkInfo info;
    info.capabilities = each.capabilities;
    const auto framework = world.add_framework(info);
    const Offers offers = world.take<Offers>(framework.peer);
    ASSERT_EQ(offers.offers.size(), 2u);
    Accept accept;
    accept.offers = {offers.offers[0].id, offers.offers[1].id};
    accept.operations = {{OperationKind::launch, {task_launch("t", "cpus:2")}, {}}};
    accept.filters = {0s};
    world.say(framework.peer, accept);
    const TaskStatus status = world.take_update(framework.peer);
    EXPECT_EQ(status.state, each.told);
    EXPECT_EQ(status.reason, UpdateReason::invalid_offers);
    EXPECT_EQ(world.take<Offers>(framework.peer).offers.size(), 2u) << "both are offered again";
  }
}

TEST(Case59, MultiRoleFrameworkReceivesOffers) {
  World world;
  world.add_agent("cpus(role1):2;mem(role1):1024");
  world.add_agent("cpus(role2):1;mem(role2):512");
  FrameworkInfo info;
  info.roles = {"role1", "role2"};
  const auto framework = world.add_framework(info);
  const Offers offers = world.take<Offers>(framework.peer);
  ASSERT_EQ(offers.offers.size(), 2u) << "one for each role";
  EXPECT_EQ(offers.offers[0].role, "role1");
  EXPECT_EQ(offers.offers[0].resources, resources("cpus(role1):2;mem(role1):1024"));
  EXPECT_EQ(offers.offers[1].role, "role2");
  EXPECT_EQ(offers.offers[1].resources, resources("cpus(role2):1;mem(role2):512"));
}

TEST(Case65, ReleaseResourcesForTerminalTaskWithPendingUpdates_UnacknowledgedTerminalTask) {
  World world;
  const auto agent = world.add_agent("cpus:1");
  const auto framework = world.add_framework();
  world.launch(framework, world.take_offer(framework.peer), {task_launch("t", "cpus:1")});
  // The agent tells of "running", and that the task has ended since; nothing is acknowledged.
  world.update(agent, framework, "t", TaskState::running, TaskState::finished);
  EXPECT_EQ(world.take_offer(framework.peer).resources, resources("cpus:1"));
}

}  // namespace
}  // namespace mesolite::testing
