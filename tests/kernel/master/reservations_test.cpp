// Defends reservations and volumes: what is reserved is offered to its role alone, what lies on a
// volume stays, and nothing is gained or lost by any of it.
#include <gtest/gtest.h>

#include "mesolite/base/reservations.hpp"
#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

Resources reserved(std::string_view text, std::string role, std::string principal = "") {
  return with_reservation(resources(text), {std::move(role), true, std::move(principal), {}});
}

// A volume on all of the disk in `disk`.
Resources volume(const Resources& disk, std::string id, std::string principal = "") {
  Resource part = disk.others().at(0);
  part.key.volume = Volume{std::move(id), "data", std::move(principal)};
  Resources result;
  result.add(part);
  return result;
}

PackedOperation operation(OperationKind kind, Resources resources) {
  return {kind, {}, std::move(resources)};
}

// An agent whose free resources are offered to a framework in the role "eng".
struct Scene {
  Scene() {
    agent = world.add_agent("cpus:4;mem:1024;disk:100;gpus(ops):2");
    FrameworkInfo info;
    info.roles = {"eng"};
    info.failover_timeout = 1h;
    framework = world.add_framework(info);
    offer = world.take_offer(framework.peer);
  }

  // Accepts `offer` with these operations; what is left comes back at once.
  void accept(std::vector<PackedOperation> operations) {
    Accept request;
    request.offers = {offer.id};
    request.operations = std::move(operations);
    request.filters = {0s};
    world.say(framework.peer, std::move(request));
  }

  Resources total() { return world.machine().snapshot(world.now()).agents.at(0).info.resources; }
  std::string problem() { return world.take<RequestRefused>(framework.peer).problem; }

  World world;
  World::Party agent;
  World::Party framework;
  Offer offer;
};

class Reserving : public ::testing::Test, protected Scene {};

TEST_F(Reserving, what_is_reserved_to_a_role_is_not_offered_to_another) {
  EXPECT_EQ(offer.resources, resources("cpus:4;mem:1024;disk:100"));
}

TEST_F(Reserving, what_a_framework_reserves_comes_back_reserved) {
  accept({operation(OperationKind::reserve, reserved("cpus:1;disk:50", "eng"))});
  const Resources expected =
      resources("cpus:3;mem:1024;disk:50") + reserved("cpus:1;disk:50", "eng");
  EXPECT_EQ(world.take_offer(framework.peer).resources, expected);
  EXPECT_EQ(total(), expected + resources("gpus(ops):2"));
  EXPECT_EQ(world.take<CheckpointResources>(agent.peer).resources,
            reserved("cpus:1;disk:50", "eng"));
}

TEST_F(Reserving, reserve_then_unreserve_leaves_what_was_there) {
  const Resources before = total();
  accept({operation(OperationKind::reserve, reserved("cpus:1", "eng"))});
  offer = world.take_offer(framework.peer);
  accept({operation(OperationKind::unreserve, reserved("cpus:1", "eng"))});
  EXPECT_EQ(total(), before);
  EXPECT_EQ(world.take_offer(framework.peer).resources,
            offer.resources.unreserved() + resources("cpus:1"));
}

TEST_F(Reserving, operations_of_one_request_build_on_each_other) {
  const Resources disk = reserved("disk:40", "eng");
  TaskLaunch task = task_launch("t", "cpus:1");
  task.resources += volume(disk, "v");
  accept({operation(OperationKind::reserve, disk),
          operation(OperationKind::create, volume(disk, "v")),
          {OperationKind::launch, {task}, {}}});
  EXPECT_EQ(world.take<CheckpointResources>(agent.peer).resources, volume(disk, "v"));
  EXPECT_EQ(world.take<RunTasks>(agent.peer).tasks.at(0).resources, task.resources);
  EXPECT_EQ(world.take_offer(framework.peer).resources, resources("cpus:3;mem:1024;disk:60"));
}

TEST_F(Reserving, a_volume_outlives_its_task_and_is_offered_again) {
  const Resources disk = reserved("disk:40", "eng");
  TaskLaunch task = task_launch("t", "cpus:4;mem:1024;disk:60");
  task.resources += volume(disk, "v");
  accept({operation(OperationKind::reserve, disk),
          operation(OperationKind::create, volume(disk, "v")),
          {OperationKind::launch, {task}, {}}});
  world.update(agent, framework, "t", TaskState::finished);
  EXPECT_EQ(world.take_offer(framework.peer).resources,
            resources("cpus:4;mem:1024;disk:60") + volume(disk, "v"));
}

TEST_F(Reserving, a_volume_is_taken_whole_or_not_at_all) {
  const Resources disk = reserved("disk:40", "eng");
  TaskLaunch task = task_launch("t", "cpus:1");
  task.resources += volume(reserved("disk:10", "eng"), "v");
  accept({operation(OperationKind::reserve, disk),
          operation(OperationKind::create, volume(disk, "v")),
          {OperationKind::launch, {task}, {}}});
  EXPECT_EQ(world.take_update(framework.peer).state, TaskState::error);
}

TEST_F(Reserving, a_volume_that_is_destroyed_leaves_its_disk_reserved) {
  const Resources disk = reserved("disk:40", "eng");
  accept({operation(OperationKind::reserve, disk),
          operation(OperationKind::create, volume(disk, "v"))});
  offer = world.take_offer(framework.peer);
  accept({operation(OperationKind::destroy, volume(disk, "v"))});
  EXPECT_EQ(world.take_offer(framework.peer).resources,
            resources("cpus:4;mem:1024;disk:60") + disk);
}

TEST_F(Reserving, what_cannot_be_is_named_and_the_other_operations_are_carried_out) {
  const Resources disk = reserved("disk:40", "eng");
  const Resources statically = resources("cpus(eng):1");
  struct WrongOperation {
    OperationKind kind;
    Resources resources;
    const char* named;
  };
  const std::vector<WrongOperation> wrongs = {
      {OperationKind::reserve, {}, "are none"},
      {OperationKind::reserve, resources("cpus:1"), "cpus:1 is not reserved"},
      {OperationKind::reserve, statically, "cpus: a reservation at run time is a dynamic one"},
      {OperationKind::reserve, reserved("cpus:9", "eng"),
       "takes cpus:9, but the offers have cpus:4;mem:1024;disk:60;disk(eng):40 left"},
      {OperationKind::reserve, reserved("cpus:1", "ops"),
       "cpus: is reserved to the role 'ops', but the offers are to 'eng'"},
      {OperationKind::reserve, reserved("cpus:1", "eng", "mallory"),
       "cpus: reservation: principal: is 'mallory', but who asks is ''"},
      {OperationKind::reserve, volume(disk, "v"), "disk: holds the volume 'v'"},
      {OperationKind::unreserve, resources("cpus:1"), "cpus:1 is not reserved"},
      {OperationKind::unreserve, statically, "cpus: came reserved with the agent"},
      {OperationKind::create, disk, "disk: names no volume"},
      {OperationKind::create, volume(disk, "../v"), "volume id '../v'"},
      {OperationKind::create, volume(disk, "v", "mallory"), "disk: volume: principal: is"},
      {OperationKind::destroy, disk, "disk is no volume"},
      {OperationKind::destroy, volume(disk, "v"), "takes disk(eng)[v:data]:40, but"},
      {OperationKind::grow_volume, disk, "kind: 'grow_volume' is not supported"},
      {OperationKind::unknown, disk, "kind: 'unknown' is not supported"},
  };
  for (const WrongOperation& wrong : wrongs) {
    SCOPED_TRACE(wrong.named);
    Scene scene;
    scene.accept({operation(OperationKind::reserve, disk), operation(wrong.kind, wrong.resources)});
    const std::string told = scene.problem();
    EXPECT_EQ(told.find("operations[1]: "), 0u) << told;
    EXPECT_NE(told.find(wrong.named), std::string::npos) << told;
    EXPECT_EQ(scene.total(), resources("cpus:4;mem:1024;disk:60;gpus(ops):2") + disk);
  }
}

TEST_F(Reserving, a_second_volume_of_one_name_is_refused) {
  const Resources one = reserved("disk:40", "eng");
  accept({operation(OperationKind::reserve, reserved("disk:80", "eng")),
          operation(OperationKind::create, volume(one, "v")),
          operation(OperationKind::create, volume(one, "v"))});
  EXPECT_EQ(problem(),
            "operations[2]: resources: disk: the role 'eng' has a volume 'v' there already");
}

TEST(Refinement, a_role_below_takes_what_is_reserved_above_for_itself) {
  World world;
  world.add_agent("cpus(eng):4");
  FrameworkInfo info;
  info.roles = {"eng/web"};
  const auto framework = world.add_framework(info);
  Accept request;
  request.offers = {world.take_offer(framework.peer).id};
  const Resources refined = with_reservation(resources("cpus(eng):1"), {"eng/web", true, "", {}});
  request.operations = {operation(OperationKind::reserve, refined)};
  request.filters = {0s};
  world.say(framework.peer, request);
  EXPECT_EQ(world.take_offer(framework.peer).resources, resources("cpus(eng):3") + refined);
}

TEST(Refinement, to_a_role_that_is_not_below_is_refused) {
  World world;
  const auto agent = world.add_agent("cpus(eng):4");
  const Resources refined = with_reservation(resources("cpus(eng):1"), {"ops", true, "", {}});
  EXPECT_EQ(world.ask(ReserveResources{1, AgentId(agent.id), refined}).error,
            "resources: cpus is reserved to 'ops', which is not below 'eng'");
}

// ---- by operators
// --------------------------------------------------------------------------------

TEST_F(Reserving, an_operator_takes_what_is_offered) {
  const OperatorAnswer answer =
      world.ask(ReserveResources{1, AgentId(agent.id), reserved("cpus:3", "ops")});
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(world.take<RescindOffers>(framework.peer).reason, "an operator needs the resources");
  EXPECT_EQ(world.take_offer(framework.peer).resources, resources("cpus:1;mem:1024;disk:100"));
  EXPECT_EQ(world.take<CheckpointResources>(agent.peer).resources, reserved("cpus:3", "ops"));
}

TEST_F(Reserving, an_operator_cannot_take_what_is_in_use) {
  accept({{OperationKind::launch, {task_launch("t", "cpus:2")}, {}}});
  const auto error =
      world.ask(ReserveResources{1, AgentId(agent.id), reserved("cpus:3", "ops")}).error;
  EXPECT_EQ(error.find("resources: takes cpus:3, but of agent c-A1 only cpus:2;"), 0u) << error;
}

TEST_F(Reserving, an_operator_makes_and_destroys_volumes) {
  const AgentId there(agent.id);
  const Resources disk = reserved("disk:10", "eng");
  EXPECT_EQ(world.ask(ReserveResources{1, there, disk}).error, "");
  EXPECT_EQ(world.ask(CreateVolumes{2, there, volume(disk, "v")}).error, "");
  EXPECT_EQ(total(), resources("cpus:4;mem:1024;disk:90;gpus(ops):2") + volume(disk, "v"));
  EXPECT_EQ(world.ask(UnreserveResources{3, there, volume(disk, "v")}).error,
            "resources: disk: holds the volume 'v'; destroy that first");
  EXPECT_EQ(world.ask(DestroyVolumes{4, there, volume(disk, "v")}).error, "");
  EXPECT_EQ(world.ask(UnreserveResources{5, there, disk}).error, "");
  EXPECT_EQ(total(), resources("cpus:4;mem:1024;disk:100;gpus(ops):2"));
}

TEST_F(Reserving, an_operator_names_an_agent_that_is_there) {
  const Resources cpu = reserved("cpus:1", "eng");
  EXPECT_EQ(world.ask(ReserveResources{1, AgentId("c-A9"), cpu}).error,
            "agent_id: 'c-A9' names no agent");
  world.lose(agent.peer);
  EXPECT_EQ(world.ask(ReserveResources{1, AgentId(agent.id), cpu}).error,
            "agent_id: 'c-A1' is not connected");
}

// ---- agents that come back
// -----------------------------------------------------------------------

TEST_F(Reserving, an_agent_that_did_not_hear_of_a_reservation_is_told_again) {
  world.ask(ReserveResources{1, AgentId(agent.id), reserved("cpus:1", "ops")});
  const Resources before = total();
  world.lose(agent.peer);
  RegisterAgent request;
  request.agent.id = AgentId(agent.id);
  request.agent.resources = resources("cpus:4;mem:1024;disk:100;gpus(ops):2");
  const PeerId peer = world.connect(PeerRole::agent);
  world.say(peer, request);
  EXPECT_EQ(total(), before);
  EXPECT_EQ(world.take<CheckpointResources>(peer).resources, reserved("cpus:1", "ops"));
}

TEST_F(Reserving, an_agent_that_did_not_hear_of_the_last_unreservation_is_told_again) {
  world.ask(ReserveResources{1, AgentId(agent.id), reserved("cpus:1", "ops")});
  const Resources reserved_before = total();
  world.ask(UnreserveResources{2, AgentId(agent.id), reserved("cpus:1", "ops")});
  world.lose(agent.peer);
  RegisterAgent request;
  request.agent.id = AgentId(agent.id);
  request.agent.resources = reserved_before;
  const PeerId peer = world.connect(PeerRole::agent);
  world.say(peer, request);
  EXPECT_EQ(total(), resources("cpus:4;mem:1024;disk:100;gpus(ops):2"));
  EXPECT_EQ(world.take<CheckpointResources>(peer).resources, Resources());
}

TEST_F(Reserving, an_agent_that_knows_what_is_reserved_is_told_nothing) {
  world.ask(ReserveResources{1, AgentId(agent.id), reserved("cpus:1", "ops")});
  world.lose(agent.peer);
  RegisterAgent request;
  request.agent.id = AgentId(agent.id);
  request.agent.resources = total();
  const PeerId peer = world.connect(PeerRole::agent);
  world.say(peer, request);
  EXPECT_EQ(world.count<CheckpointResources>(peer), 0u);
}

TEST_F(Reserving, an_agent_that_is_short_of_what_was_reserved_has_the_last_word) {
  world.ask(ReserveResources{1, AgentId(agent.id), reserved("cpus:3", "ops")});
  world.lose(agent.peer);
  RegisterAgent request;
  request.agent.id = AgentId(agent.id);
  request.agent.resources = resources("cpus:2");
  world.say(world.connect(PeerRole::agent), request);
  EXPECT_EQ(total(), resources("cpus:2"));
  EXPECT_TRUE(world.noted("reservations_lost"));
}

}  // namespace
}  // namespace mesolite::testing
