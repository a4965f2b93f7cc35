// Defends what schedulers of Mesos rely on: dynamic reservations, case 93 of the reference.
#include <gtest/gtest.h>

#include "mesolite/base/reservations.hpp"
#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

class Case93 : public ::testing::Test {
 protected:
  void SetUp() override {
    agent = world.add_agent("cpus:1;mem:512");
    FrameworkInfo info;
    info.roles = {"role"};
    framework = world.add_framework(info);
    offer = world.take_offer(framework.peer);
  }

  static Resources reserved(std::string_view text, std::string role = "role") {
    return with_reservation(resources(text), {std::move(role), true, "", {}});
  }

  // What is offered after this operation.
  Resources after(OperationKind kind, Resources what) {
    Accept accept;
    accept.offers = {offer.id};
    accept.operations = {{kind, {}, std::move(what)}};
    accept.filters = {0s};
    world.say(framework.peer, accept);
    offer = world.take_offer(framework.peer);
    return offer.resources;
  }

  World world;
  World::Party agent;
  World::Party framework;
  Offer offer;
};

TEST_F(Case93, ReserveThenUnreserve) {
  EXPECT_EQ(after(OperationKind::reserve, reserved("cpus:1;mem:512")), reserved("cpus:1;mem:512"));
  EXPECT_EQ(after(OperationKind::unreserve, reserved("cpus:1;mem:512")),
            resources("cpus:1;mem:512"));
}

TEST_F(Case93, DropReserveTooLarge) {
  EXPECT_EQ(after(OperationKind::reserve, reserved("cpus:1;mem:1024")),
            resources("cpus:1;mem:512"));
}

TEST_F(Case93, DropReserveWithDifferentRole) {
  EXPECT_EQ(after(OperationKind::reserve, reserved("cpus:1", "other")),
            resources("cpus:1;mem:512"));
}

// Its truth is the agent's: it registers with what was reserved.
TEST_F(Case93, MasterFailover) {
  after(OperationKind::reserve, reserved("cpus:1"));
  const Resources remembered = world.take<CheckpointResources>(agent.peer).resources;
  World next;
  RegisterAgent request;
  request.agent.id = AgentId(agent.id);
  request.agent.resources = with_made(resources("cpus:1;mem:512"), remembered).value();
  next.say(next.connect(PeerRole::agent), request);
  FrameworkInfo info;
  info.roles = {"role"};
  const auto again = next.add_framework(info);
  EXPECT_EQ(next.take_offer(again.peer).resources, reserved("cpus:1") + resources("mem:512"));
}

}  // namespace
}  // namespace mesolite::testing
