// Nobody does anything on the bus without the rights that it needs: walked for every message that
// there is, so that a new one cannot be forgotten, with no, wrong and lesser credentials. Each is
// denied, told so, and recorded.
#include "kernel/master/access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesolite/base/reservations.hpp"
#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

using authorization::Acls;
using authorization::Action;
using authorization::Decision;
using authorization::Entity;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<Message> every_message() {
  return {
#define MESOLITE_MESSAGE(id, Name, direction, since) Message(Name{}),
#include "mesolite/protocol/messages.def"
  };
}

constexpr PeerRole walked_roles[] = {PeerRole::scheduler, PeerRole::agent,
                                     PeerRole::operator_client};

// ---- the machine alone, whose authenticator is the test
// --------------------------------------------------------------------------------------

class Walk : public ::testing::Test {
 protected:
  static master::Configuration configuration() {
    master::Configuration configuration = world_configuration();
    configuration.mechanisms = {"secret"};
    configuration.acls = Acls();
    return configuration;
  }

  void step(master::Input input) {
    outbox_.clear();
    machine_.step(world_start, std::move(input), outbox_);
    machine_.advance(world_start, outbox_);
  }
  void say(PeerId peer, Message message) { step(master::Received{peer, std::move(message)}); }

  PeerId greet(PeerRole role) {
    const PeerId peer{++last_peer_};
    Hello hello;
    hello.role = role;
    hello.mechanism = "secret";
    hello.principal = "eve";
    say(peer, hello);
    return peer;
  }
  void answer(PeerId peer, AuthenticationState state) {
    AuthenticationAnswer answer;
    answer.state = state;
    answer.principal = "eve";
    step(master::Authenticated{peer, answer});
  }

  // What the asker was told against his request; "" if nothing.
  std::string told(PeerId peer) const {
    for (const master::Output& output : outbox_) {
      const auto* send = std::get_if<master::Send>(&output);
      if (send == nullptr || send->peer != peer) continue;
      if (const auto* said = std::get_if<Refused>(&send->message)) return said->reason;
      if (const auto* said = std::get_if<FrameworkError>(&send->message)) return said->message;
      if (const auto* said = std::get_if<OperatorAnswer>(&send->message)) return said->error;
      if (const auto* said = std::get_if<RequestRefused>(&send->message)) return said->problem;
    }
    return "";
  }
  std::vector<Decision> denials() const {
    std::vector<Decision> denied;
    for (const master::Output& output : outbox_) {
      const auto* decision = std::get_if<Decision>(&output);
      if (decision != nullptr && !decision->denial.empty()) denied.push_back(*decision);
    }
    return denied;
  }
  void expect_denied(PeerId peer, const std::string& principal, const std::string& what) const {
    EXPECT_THAT(told(peer), Not(IsEmpty())) << what;
    EXPECT_THAT(denials(), Not(IsEmpty())) << what;
    for (const Decision& denial : denials()) EXPECT_EQ(denial.principal, principal) << what;
  }

  master::Master machine_{configuration(), world_start, {}};
  master::Outbox outbox_;
  std::uint64_t last_peer_ = 0;
};

TEST_F(Walk, without_credentials_no_message_does_anything) {
  for (const Message& message : every_message()) {
    const PeerId peer{++last_peer_};
    say(peer, message);
    expect_denied(peer, "", std::string(message_name(message)));
  }
}

TEST_F(Walk, in_the_midst_of_a_proof_no_message_does_anything) {
  for (const Message& message : every_message()) {
    if (std::holds_alternative<ChallengeResponse>(message)) continue;  // goes on with the proof
    const PeerId peer = greet(PeerRole::operator_client);
    answer(peer, AuthenticationState::proceed);
    say(peer, message);
    expect_denied(peer, "eve", std::string(message_name(message)));
  }
}

TEST_F(Walk, with_wrong_credentials_no_message_does_anything) {
  for (const PeerRole role : walked_roles) {
    for (const Message& message : every_message()) {
      const PeerId peer = greet(role);
      answer(peer, AuthenticationState::refused);
      expect_denied(peer, "eve", "wrong credentials");
      say(peer, message);
      EXPECT_THAT(outbox_, IsEmpty()) << message_name(message);
    }
  }
}

TEST_F(Walk, with_lesser_credentials_no_message_does_anything) {
  for (const PeerRole role : walked_roles) {
    for (const Message& message : every_message()) {
      if (std::holds_alternative<Pong>(message)) continue;  // says nothing
      const PeerId peer = greet(role);
      answer(peer, AuthenticationState::accepted);
      say(peer, message);
      expect_denied(peer, "eve",
                    std::string(to_text(role)) + " " + std::string(message_name(message)));
    }
  }
}

// ---- what a framework may do with offers
// ---------------------------------------------------------------------------------

Entity some(std::vector<std::string> names) {
  return {Entity::Kind::some, std::move(names)};
}

class Access : public ::testing::Test {
 protected:
  // ann may be a framework in "eng" and run tasks as herself; agents may be agents.
  static Acls acls() {
    Acls acls;
    acls.add(Action::register_framework, {some({"ann"}), some({"eng"}), "1"});
    acls.add(Action::run_task_as_user, {some({"ann"}), some({"ann"}), "2"});
    acls.add(Action::register_agent, {some({"agents"}), {}, "3"});
    return acls;
  }
  static master::Configuration configuration(Acls acls) {
    master::Configuration configuration = world_configuration();
    configuration.mechanisms = {"secret"};
    configuration.acls = std::move(acls);
    return configuration;
  }
  static FrameworkInfo of_ann() {
    FrameworkInfo info;
    info.roles = {"eng"};
    info.user = "ann";
    info.principal = "ann";
    info.failover_timeout = 1h;
    return info;
  }
  explicit Access(Acls list = acls()) : world_(configuration(std::move(list))) {}

  World::Party add_agent() {
    const PeerId peer = world_.connect(PeerRole::agent, "agents");
    RegisterAgent request;
    request.agent.hostname = "host";
    request.agent.resources = resources("cpus:4;mem:1024;disk:100");
    world_.say(peer, request);
    return {peer, world_.take<AgentRegistered>(peer).agent_id.value};
  }
  World::Party add_framework(FrameworkInfo info = of_ann()) {
    const PeerId peer = world_.connect(PeerRole::scheduler, info.principal);
    world_.say(peer, Subscribe{std::move(info)});
    return {peer, world_.take<Subscribed>(peer).framework_id.value};
  }
  std::string refused_subscription(const std::string& principal, FrameworkInfo info) {
    const PeerId peer = world_.connect(PeerRole::scheduler, principal);
    world_.take_decisions();
    world_.say(peer, Subscribe{std::move(info)});
    const std::string said = world_.take<FrameworkError>(peer).message;
    EXPECT_TRUE(world_.is_cut(peer));
    return said;
  }
  // Who was denied what since the last look.
  std::vector<std::string> denied() {
    std::vector<std::string> denied;
    for (const Decision& decision : world_.take_decisions()) {
      if (decision.denial.empty()) continue;
      denied.push_back(decision.principal + " " + decision.action + " " + decision.object);
    }
    return denied;
  }

  World world_;
};

TEST_F(Access, a_framework_comes_in_only_in_its_roles) {
  FrameworkInfo info = of_ann();
  info.roles = {"eng", "prod"};
  EXPECT_THAT(refused_subscription("ann", info),
              HasSubstr("'ann' may not register_framework of role 'prod'"));
  EXPECT_THAT(denied(), ::testing::ElementsAre("ann register_framework prod"));
  info.roles = {};
  EXPECT_THAT(refused_subscription("ann", info), HasSubstr("role '*'"));
}

TEST_F(Access, nobody_is_another_principal_than_the_one_he_has_proved) {
  FrameworkInfo info = of_ann();
  EXPECT_THAT(refused_subscription("bob", info), HasSubstr("principal: is 'ann'"));
  info.principal = "bob";
  EXPECT_THAT(refused_subscription("bob", info), HasSubstr("'bob' may not register_framework"));
}

TEST_F(Access, nobody_takes_over_the_framework_of_another_principal) {
  Acls list = acls();
  list.add(Action::register_framework, {some({"bob"}), some({"eng"}), "4"});
  list.add(Action::run_task_as_user, {some({"bob"}), some({"ann"}), "5"});
  World world(configuration(list));
  const PeerId ann = world.connect(PeerRole::scheduler, "ann");
  world.say(ann, Subscribe{of_ann()});
  FrameworkInfo stolen = of_ann();
  stolen.id = world.take<Subscribed>(ann).framework_id;
  stolen.principal = "bob";
  const PeerId bob = world.connect(PeerRole::scheduler, "bob");
  world.say(bob, Subscribe{stolen});
  EXPECT_THAT(world.take<FrameworkError>(bob).message, HasSubstr("principal: cannot change"));
  EXPECT_FALSE(world.is_cut(ann));
}

TEST_F(Access, a_framework_key_is_no_agent_key_and_the_other_way_round) {
  const PeerId peer = world_.connect(PeerRole::agent, "ann");
  RegisterAgent request;
  request.agent.hostname = "host";
  world_.say(peer, request);
  EXPECT_THAT(world_.take<Refused>(peer).reason,
              HasSubstr("'ann' may not register_agent of agent 'host'"));
  FrameworkInfo info = of_ann();
  info.principal = "agents";
  EXPECT_THAT(refused_subscription("agents", info), HasSubstr("may not register_framework"));
}

TEST_F(Access, an_agent_is_not_taken_over_by_another_principal) {
  Acls list = acls();
  list.add(Action::register_agent, {some({"eve"}), {}, "4"});
  World world(configuration(list));
  const auto enter = [&](const std::string& principal, AgentId id) {
    const PeerId peer = world.connect(PeerRole::agent, principal);
    RegisterAgent request;
    request.agent.id = std::move(id);
    request.agent.hostname = "host";
    request.agent.resources = resources("cpus:4");
    world.say(peer, request);
    return peer;
  };
  const PeerId agent = enter("agents", AgentId());
  const AgentId id = world.take<AgentRegistered>(agent).agent_id;
  const PeerId eve = enter("eve", id);
  EXPECT_THAT(world.take<Refused>(eve).reason, HasSubstr("of another principal"));
  EXPECT_FALSE(world.is_cut(agent));
}

TEST_F(Access, a_task_runs_only_as_a_user_that_its_principal_may_use) {
  FrameworkInfo info = of_ann();
  info.user = "root";
  EXPECT_THAT(refused_subscription("ann", info),
              HasSubstr("'ann' may not run_task_as_user of user 'root'"));
  add_agent();
  const World::Party framework = add_framework();
  const Offer offer = world_.take_offer(framework.peer);
  world_.take_decisions();
  TaskInfo task;
  task.id = TaskId("T1");
  task.resources = resources("cpus:1");
  task.command.emplace().user = "root";
  world_.launch(framework, offer, {pack(task)});
  const TaskStatus status = world_.take_update(framework.peer);
  EXPECT_EQ(status.state, TaskState::error);
  EXPECT_EQ(status.reason, UpdateReason::task_unauthorized);
  EXPECT_THAT(denied(), ::testing::ElementsAre("ann run_task_as_user root"));
}

TEST_F(Access, so_does_an_executor) {
  const World::Party agent = add_agent();
  const World::Party framework = add_framework();
  const Offer offer = world_.take_offer(framework.peer);
  ExecutorInfo executor;
  executor.id = ExecutorId("E1");
  executor.command.user = "root";
  world_.launch(framework, offer, {task_launch("T1", "cpus:1", "E1")}, {pack(executor)});
  EXPECT_EQ(world_.take_update(framework.peer).reason, UpdateReason::task_unauthorized);
  EXPECT_EQ(world_.count<RunTasks>(agent.peer), 0u);
}

TEST_F(Access, a_task_that_is_its_own_users_runs) {
  const World::Party agent = add_agent();
  const World::Party framework = add_framework();
  TaskInfo task;
  task.id = TaskId("T1");
  task.resources = resources("cpus:1");
  task.command.emplace().user = "ann";
  world_.launch(framework, world_.take_offer(framework.peer), {pack(task)});
  EXPECT_EQ(world_.count<RunTasks>(agent.peer), 1u);
}

TEST_F(Access, killing_reserving_and_making_volumes_need_rights_of_their_own) {
  add_agent();
  const World::Party framework = add_framework();
  const Offer offer = world_.take_offer(framework.peer);
  world_.take_decisions();
  world_.say(framework.peer, KillTask{TaskId("T1"), {}, {}});
  EXPECT_EQ(world_.take<RequestRefused>(framework.peer).request, "KillTask");
  world_.say(framework.peer, ShutdownExecutor{});
  EXPECT_EQ(world_.take<RequestRefused>(framework.peer).request, "ShutdownExecutor");
  Accept request;
  request.offers = {offer.id};
  const Resources reserved = with_reservation(resources("disk:10"), {"eng", true, "ann", {}});
  request.operations = {{OperationKind::reserve, {}, reserved},
                        {OperationKind::create, {}, reserved}};
  world_.say(framework.peer, request);
  EXPECT_THAT(denied(), ::testing::ElementsAre("ann kill_task ann", "ann kill_task ann",
                                               "ann reserve eng", "ann create_volume eng"));
}

// ---- operators
// -------------------------------------------------------------------------------------------

TEST_F(Access, an_operator_may_what_a_rule_lets_him_and_no_more) {
  Acls list = acls();
  list.add(Action::set_quota, {some({"op"}), some({"eng"}), "4"});
  World world(configuration(list));
  const PeerId op = world.connect(PeerRole::operator_client, "op");
  const auto quota_of = [&](std::vector<std::string> names) {
    SetQuota request;
    for (const std::string& name : names) request.quotas.push_back({name, {}, resources("cpus:1")});
    world.say(op, request);
    return world.take<OperatorAnswer>(op).error;
  };
  EXPECT_EQ(quota_of({"eng"}), "");
  EXPECT_THAT(quota_of({"eng", "prod"}), HasSubstr("'op' may not set_quota of role 'prod'"));
  EXPECT_THAT(quota_of({}), HasSubstr("may not view_roles"));
  EXPECT_EQ(world.machine().snapshot(world.now()).roles.size(), 1u);
}

TEST_F(Access, under_the_authenticator_none_nobody_is_anybody) {
  master::Configuration open = configuration(acls());
  open.mechanisms = {"none"};
  World world(open);
  const PeerId peer = world.connect(PeerRole::scheduler, "ann");
  world.say(peer, Subscribe{of_ann()});
  EXPECT_THAT(world.take<FrameworkError>(peer).message,
              HasSubstr("nobody in particular may not register_framework"));
}

TEST_F(Access, what_was_allowed_is_recorded_too) {
  const World::Party agent = add_agent();
  const auto decisions = world_.take_decisions();
  ASSERT_THAT(decisions, SizeIs(1));
  EXPECT_EQ(decisions[0], (Decision{"agents", "register_agent", "host", ""}));
}

}  // namespace
}  // namespace mesolite::testing
