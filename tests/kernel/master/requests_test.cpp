// Defends the books against requests that cannot be carried out: each field of each request wrong
// in turn is answered by name and changes nothing.
#include <gtest/gtest.h>

#include <functional>

#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

// What of the state a wrong request must not change.
std::string books(World& world) {
  ClusterSnapshot cluster = world.machine().snapshot(world.now());
  cluster.metrics.clear();
  return encode(cluster);
}

// One agent with one running task, and one framework with one offer besides.
class Requests : public ::testing::Test {
 protected:
  void SetUp() override {
    agent = world.add_agent("cpus:4;mem:1024");
    FrameworkInfo info;
    info.failover_timeout = 1h;
    info.user = "alice";
    framework = world.add_framework(info);
    Accept accept;
    accept.offers = {world.take_offer(framework.peer).id};
    accept.operations.push_back({OperationKind::launch, {task_launch("t1", "cpus:1")}, {}});
    accept.filters = {0s};
    world.say(framework.peer, accept);
    world.update(agent, framework, "t1", TaskState::running);
    offer = world.take_offer(framework.peer);
    while (world.count<Updates>(framework.peer) > 0) world.take<Updates>(framework.peer);
  }

  World world;
  World::Party agent;
  World::Party framework;
  Offer offer;
};

struct Wrong {
  const char* what;
  Message message;
  const char* named;  // part of the event "request_refused"; "" if it may go unnoticed
};

TEST_F(Requests, of_a_framework_are_named_in_an_event_and_change_nothing) {
  const AgentId there(agent.id);
  const std::vector<Wrong> requests = {
      {"decline an unknown offer", Decline{{OfferId{99}}, {}}, "offers[0]: 99 is not"},
      {"decline one offer after an unknown one", Decline{{OfferId{99}, OfferId{98}}, {}},
       "offers[1]: 98 is not"},
      {"accept an unknown offer", Accept{{OfferId{99}}, {}, {}, {}}, "offers[0]: 99 is not"},
      {"accept nothing", Accept{}, "offers: are none"},
      {"revive an unknown role", Revive{{"nosuch"}}, "roles[0]: 'nosuch' is not a role"},
      {"suppress an unknown role", Suppress{{"*", "nosuch"}}, "roles[1]: 'nosuch'"},
      {"kill with a negative grace period", KillTask{TaskId("t1"), {}, KillPolicy{-1s}},
       "policy: grace_period: is negative"},
      {"send to an unknown agent", MessageToExecutor{AgentId("c-A9"), ExecutorId("e"), {}},
       "agent_id: 'c-A9' is not connected"},
      {"send to no executor", MessageToExecutor{there, {}, {}}, "executor_id: '' does not run"},
      {"shut down an executor on an unknown agent",
       ShutdownExecutor{AgentId("c-A9"), ExecutorId("e")}, "agent_id: 'c-A9' is not connected"},
      {"shut down an unknown executor", ShutdownExecutor{there, ExecutorId("e")},
       "executor_id: 'e' does not run on c-A1"},
      {"acknowledge on an unknown agent", Acknowledge{{{AgentId("c-A9"), TaskId("t1"), {7, 1}}}},
       ""},
      {"acknowledge an unknown task", Acknowledge{{{there, TaskId("t9"), {7, 1}}}}, ""},
      {"acknowledge an unknown update", Acknowledge{{{there, TaskId("t1"), {7, 99}}}}, ""},
      {"acknowledge nothing", Acknowledge{{{there, TaskId("t1"), {}}}}, ""},
      {"reconcile an unknown task", Reconcile{{{TaskId("t9"), {}}}}, ""},
      {"kill an unknown task", KillTask{TaskId("../.."), {}, {}}, ""},
  };
  for (const Wrong& wrong : requests) {
    SCOPED_TRACE(wrong.what);
    const std::string before = books(world);
    world.say(framework.peer, wrong.message);
    if (*wrong.named != '\0') {
      const std::string event = world.last_event("request_refused");
      EXPECT_NE(event.find(wrong.named), std::string::npos) << event;
    }
    EXPECT_EQ(books(world), before);
    EXPECT_FALSE(world.is_cut(framework.peer));
  }
}

TEST_F(Requests, of_a_subscription_end_the_connection_and_name_the_field) {
  using Change = std::function<void(FrameworkInfo&)>;
  const std::vector<std::tuple<Change, const char*>> wrongs = {
      {[](auto& info) { info.id = FrameworkId("a/b"); }, "id: 'a/b' is not 1 to 128"},
      {[](auto& info) { info.name = std::string(5000, 'x'); }, "name: is longer than 4096"},
      {[](auto& info) { info.user = std::string(5000, 'x'); }, "user: is longer"},
      {[](auto& info) {
         info.roles = {"ok", "../x"};
       },
       "roles[1]: "},
      {[](auto& info) {
         info.roles = {"a", "a"};
       },
       "roles[1]: 'a' stands twice"},
      {[](auto& info) { info.roles.assign(1001, "a"); }, "roles: are more than 1000"},
      {[](auto& info) { info.suppressed_roles = {"b"}; },
       "suppressed_roles[0]: 'b' is not one of the roles"},
      {[](auto& info) { info.failover_timeout = -1s; }, "failover_timeout: is negative"},
      {[](auto& info) { info.hostname = std::string(5000, 'x'); }, "hostname: is longer"},
      {[](auto& info) { info.webui_url = std::string(5000, 'x'); }, "webui_url: is longer"},
      {[](auto& info) { info.principal = "mallory"; },
       "principal: is 'mallory', but the connection is that of 'alice'"},
      {[](auto& info) {
         info.id = FrameworkId("c-F1");
         info.user = "alice";
         info.principal = "alice";
       },
       "principal: cannot change from '' to 'alice'"},
  };
  for (const auto& [change, named] : wrongs) {
    SCOPED_TRACE(named);
    FrameworkInfo info;
    change(info);
    const PeerId peer = world.connect(PeerRole::scheduler, "alice");
    const std::string before = books(world);
    world.say(peer, Subscribe{info});
    const std::string message = world.take<FrameworkError>(peer).message;
    EXPECT_NE(message.find(named), std::string::npos) << message;
    EXPECT_TRUE(world.is_cut(peer));
    EXPECT_EQ(books(world), before);
  }
}

TEST_F(Requests, that_change_what_a_framework_cannot_change_are_refused) {
  const std::string before = books(world);
  const PeerId peer = world.connect(PeerRole::scheduler);
  FrameworkInfo info;
  info.id = FrameworkId(framework.id);
  info.user = "bob";
  world.say(peer, Subscribe{info});
  EXPECT_EQ(world.take<FrameworkError>(peer).message,
            "Subscribe: user: cannot change from 'alice' to 'bob'");
  info.user = "alice";
  info.checkpoint = false;
  const PeerId other = world.connect(PeerRole::scheduler);
  world.say(other, Subscribe{info});
  EXPECT_EQ(world.take<FrameworkError>(other).message, "Subscribe: checkpoint: cannot change");
  EXPECT_EQ(books(world), before);
  EXPECT_FALSE(world.is_cut(framework.peer));
}

RunningTask running(std::string_view framework, TaskLaunch launch) {
  RunningTask task;
  task.framework_id = FrameworkId(framework);
  task.launch = std::move(launch);
  task.role = "*";
  task.state = TaskState::running;
  return task;
}

TEST_F(Requests, of_a_registering_agent_end_the_connection_and_name_the_field) {
  using Change = std::function<void(RegisterAgent&)>;
  const RunningTask good = running("old-F1", task_launch("t", "cpus:1"));
  RunningExecutor executor;
  executor.framework_id = FrameworkId("old-F1");
  executor.launch = {ExecutorId("e"), resources("cpus:1"), {}};
  executor.role = "*";
  const std::vector<std::tuple<Change, const char*>> wrongs = {
      {[](auto& r) { r.agent.id = AgentId("a b"); }, "agent: id: 'a b' is not 1 to 128"},
      {[](auto& r) { r.agent.hostname = std::string(5000, 'x'); }, "agent: hostname: is longer"},
      {[](auto& r) { r.agent.ip = std::string(5000, 'x'); }, "agent: ip: is longer"},
      {[](auto& r) { r.agent.bus = std::string(5000, 'x'); }, "agent: bus: is longer"},
      {[](auto& r) { r.agent.version = std::string(5000, 'x'); }, "agent: version: is longer"},
      {[](auto& r) { r.agent.resources.set_plain(Scalar::mem, -1); }, "agent: resources: "},
      {[](auto& r) {
         r.agent.attributes = {{"", "x"}};
       },
       "agent: attributes[0]: has no name"},
      {[](auto& r) {
         r.agent.attributes = {{"a", std::string(5000, 'x')}};
       },
       "agent: attributes[0]: value: is longer"},
      {[](auto& r) {
         r.agent.attributes.assign(1001, {"a", "b"});
       },
       "agent: attributes: are more than 1000"},
      {[](auto& r) { r.agent.id = {}; }, "agent: id: is empty, but something runs there"},
      {[](auto& r) { r.frameworks = {FrameworkInfo{}}; }, "frameworks[0]: id: is empty"},
      {[](auto& r) { r.tasks[0].framework_id = {}; }, "tasks[0]: framework_id: ''"},
      {[](auto& r) { r.tasks[0].launch.id = {}; }, "tasks[0]: launch: id: ''"},
      {[](auto& r) { r.tasks[0].role = "/"; }, "tasks[0]: role: "},
      {[](auto& r) { r.tasks[0].launch.resources.set_plain(Scalar::cpus, -1); },
       "tasks[0]: launch: resources: "},
      {[](auto& r) { r.tasks.push_back(r.tasks[0]); }, "tasks[1]: launch: id: 't' stands twice"},
      {[](auto& r) { r.executors[0].framework_id = {}; }, "executors[0]: framework_id: ''"},
      {[](auto& r) { r.executors[0].launch.id = {}; }, "executors[0]: launch: id: ''"},
      {[](auto& r) { r.executors[0].role = ""; }, "executors[0]: role: "},
      {[](auto& r) { r.executors[0].launch.resources = resources("cpus:9"); },
       "executors[0]: launch: resources: cpus:9 are more"},
      {[](auto& r) { r.executors.push_back(r.executors[0]); },
       "executors[1]: launch: id: 'e' stands twice"},
  };
  for (const auto& [change, named] : wrongs) {
    SCOPED_TRACE(named);
    RegisterAgent request;
    request.agent.id = AgentId("old-A1");
    request.agent.resources = resources("cpus:4");
    request.tasks = {good};
    request.executors = {executor};
    change(request);
    const PeerId peer = world.connect(PeerRole::agent);
    const std::string before = books(world);
    world.say(peer, std::move(request));
    const std::string reason = world.take<Refused>(peer).reason;
    EXPECT_NE(reason.find(named), std::string::npos) << reason;
    EXPECT_TRUE(world.is_cut(peer));
    EXPECT_EQ(books(world), before);
  }
}

TEST_F(Requests, of_an_agent_about_strangers_change_nothing) {
  AgentUpdate update;
  update.framework_id = FrameworkId("nobody");
  update.status.task_id = TaskId("t1");
  update.status.state = TaskState::finished;
  const std::vector<Message> requests = {
      AgentUpdates{{update}},
      AgentUpdates{{AgentUpdate{}}},
      ExecutorExited{FrameworkId("nobody"), ExecutorId("e"), 1, ""},
      ExecutorExited{FrameworkId(framework.id), ExecutorId("nobody"), 1, ""},
      ExecutorMessage{FrameworkId("nobody"), ExecutorId("e"), Bytes("x")},
  };
  for (const Message& request : requests) {
    SCOPED_TRACE(message_name(request));
    const std::string before = books(world);
    world.say(agent.peer, request);
    EXPECT_EQ(books(world), before);
    EXPECT_FALSE(world.is_cut(agent.peer));
  }
}

// ---- every message there is
// ----------------------------------------------------------------------

template <std::size_t index = 0>
void add_messages(std::vector<Message>& messages) {
  if constexpr (index < std::variant_size_v<AnyMessage>) {
    messages.push_back(std::variant_alternative_t<index, AnyMessage>{});
    add_messages<index + 1>(messages);
  }
}

// Whoever says what he has no business to say is told so, and nobody else is harmed.
TEST(AnyMessage, from_anybody_leaves_the_books_in_order) {
  std::vector<Message> messages;
  add_messages(messages);
  for (const PeerRole role : {PeerRole::scheduler, PeerRole::agent, PeerRole::operator_client}) {
    for (const Message& message : messages) {
      SCOPED_TRACE(std::string(to_text(role)) + " says " + std::string(message_name(message)));
      World world;
      const auto agent = world.add_agent("cpus:4");
      const auto framework = world.add_framework();
      PeerId peer = world.connect(PeerRole::operator_client);
      if (role == PeerRole::scheduler) peer = framework.peer;
      if (role == PeerRole::agent) peer = agent.peer;
      world.say(peer, message);  // checks the invariants
      const bool person = role == PeerRole::operator_client;
      const std::string said = (person ? "operator" : std::string(to_text(role))) + " -> master";
      const bool proper = message_direction(message) == said ||
                          message_direction(message) == "agent <-> master" ||
                          std::holds_alternative<Pong>(message);
      EXPECT_TRUE(proper || world.is_cut(peer));
    }
  }
}

}  // namespace
}  // namespace mesolite::testing
