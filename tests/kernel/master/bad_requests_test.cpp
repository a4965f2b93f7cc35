// Defends the master against everything that can be said to it: each field of each call, wrong in
// turn, gets an error that names the field, and changes nothing.
//
// The calls and their fields are those of messages.def and MESOLITE_FIELDS: a new one fails this
// test until its wrong values are refused by name, or an entry below says why a value is right.
#include <gtest/gtest.h>

#include "mesolite/base/reservations.hpp"
#include "tests/kernel/master/world.hpp"
#include "tests/support/bad_requests.hpp"

namespace mesolite::testing {
namespace {

using harness::Allowed;
using harness::for_each_wrong;
using harness::name_field;
using harness::Right;
using harness::Spoiled;

Resources volume_on(const Resources& disk, std::string id) {
  Resource part = disk.others().at(0);
  part.key.volume = Volume{std::move(id), "data", ""};
  Resources volume;
  volume.add(part);
  return volume;
}

// A cluster in which every kind of request has something to be about.
struct Ground {
  Ground() {
    there = world.add_agent("cpus:8;mem:4096;disk:1000;ports:[1-9]");
    FrameworkInfo info;
    info.failover_timeout = 1h;
    info.roles = {"eng", "ops"};
    info.suppressed_roles = {"ops"};
    framework = world.add_framework(info);
    TaskLaunch task = task_launch("t1", "cpus:1", "e1");
    Accept accept;
    accept.offers = {world.take_offer(framework.peer).id};
    accept.operations = {{OperationKind::launch, {task}, {}},
                         {OperationKind::reserve, {}, reserved}};
    accept.executors = {{ExecutorId("e1"), resources("cpus:1"), {}}};
    accept.filters = {0s};
    world.say(framework.peer, accept);
    update = world.update(there, framework, "t1", TaskState::running);
    agent = AgentId(there.id);
    quiet = world.connect(PeerRole::operator_client);
    world.say(quiet, ReserveResources{1, agent, spare});
    world.say(quiet, CreateVolumes{2, agent, volume_on(spare, "w")});
    for (std::size_t i = world.count<Offers>(framework.peer); i > 0; --i) {
      offer = world.take_offer(framework.peer);
    }
    world.take_log();
  }

  const Resources reserved = with_reservation(resources("disk:100"), {"eng", true, "", {}});
  const Resources spare = with_reservation(resources("disk:50"), {"ops", true, "", {}});
  World world;
  World::Party there;
  World::Party framework;
  AgentId agent;
  UpdateId update;
  Offer offer;
  PeerId quiet;  // an operator
};

// ---- what is right
// -------------------------------------------------------------------------------

FrameworkInfo framework_info() {
  FrameworkInfo info;
  info.id = FrameworkId("old-F1");
  info.name = "name";
  info.user = "user";
  info.roles = {"eng"};
  info.suppressed_roles = {"eng"};
  info.capabilities = {FrameworkCapability::partition_aware};
  info.failover_timeout = 1h;
  info.hostname = "host";
  info.webui_url = "http://host";
  info.labels = {{"key", "value"}};
  return info;
}

// The right messages of a kind. Several where one cannot show every field.
template <class T>
std::vector<T> right(const Ground&) {
  ADD_FAILURE() << "add a right message of this kind";
  return {};
}

template <>
std::vector<Subscribe> right(const Ground&) {
  return {{framework_info()}};
}
template <>
std::vector<Accept> right(const Ground& ground) {
  TaskLaunch task = task_launch("t2", "cpus:1", "e2");
  task.agent_id = ground.agent;
  const ExecutorLaunch executor{ExecutorId("e2"), resources("cpus:1"), {}};
  Accept launch{{ground.offer.id}, {{OperationKind::launch, {task}, {}}}, {executor}, {0s}};
  Accept group = launch;
  group.operations[0].kind = OperationKind::launch_group;
  std::vector<Accept> all{launch, group};
  for (const auto& [kind, what] :
       {std::pair(OperationKind::reserve,
                  with_reservation(resources("cpus:1"), {"eng", true, "", {}})),
        std::pair(OperationKind::unreserve, ground.reserved),
        std::pair(OperationKind::create, volume_on(ground.reserved, "v"))}) {
    all.push_back(launch);
    all.back().operations[0] = {kind, {task}, what};
  }
  return all;
}
template <>
std::vector<Decline> right(const Ground& ground) {
  return {{{ground.offer.id}, {0s}}};
}
template <>
std::vector<Revive> right(const Ground&) {
  return {{{"ops"}}};
}
template <>
std::vector<Suppress> right(const Ground&) {
  return {{{"ops"}}};
}
template <>
std::vector<KillTask> right(const Ground& ground) {
  return {{TaskId("t1"), ground.agent, KillPolicy{1s}}};
}
template <>
std::vector<Acknowledge> right(const Ground& ground) {
  return {{{{ground.agent, TaskId("t1"), ground.update}}}};
}
template <>
std::vector<Reconcile> right(const Ground& ground) {
  return {{{{TaskId("t1"), ground.agent}}}};
}
template <>
std::vector<MessageToExecutor> right(const Ground& ground) {
  return {{ground.agent, ExecutorId("e1"), Bytes("data")}};
}
template <>
std::vector<ShutdownExecutor> right(const Ground& ground) {
  return {{ground.agent, ExecutorId("e1")}};
}
template <>
std::vector<Teardown> right(const Ground&) {
  return {{}};
}
template <>
std::vector<RegisterAgent> right(const Ground&) {
  RegisterAgent request;
  request.agent.id = AgentId("old-A1");
  request.agent.hostname = "host";
  request.agent.ip = "127.0.0.1";
  request.agent.port = 5051;
  request.agent.bus = "tcp://127.0.0.1:6051";
  request.agent.resources = resources("cpus:4;mem:1024");
  request.agent.attributes = {{"rack", "r1"}};
  request.agent.version = "1";
  RunningTask task;
  task.framework_id = FrameworkId("old-F1");
  task.launch = task_launch("t", "cpus:1", "e");
  task.launch.agent_id = request.agent.id;
  task.role = "eng";
  task.state = TaskState::running;
  task.healthy = true;
  request.tasks = {task};
  request.executors = {{FrameworkId("old-F1"), {ExecutorId("e"), resources("cpus:1"), {}}, "eng"}};
  request.frameworks = {framework_info()};
  return {request};
}
template <>
std::vector<UnregisterAgent> right(const Ground&) {
  return {{}};
}
template <>
std::vector<AgentUpdates> right(const Ground& ground) {
  AgentUpdate update;
  update.framework_id = FrameworkId(ground.framework.id);
  update.status.task_id = TaskId("t1");
  update.status.state = TaskState::running;
  update.status.agent_id = ground.agent;
  update.status.executor_id = ExecutorId("e1");
  update.status.source = UpdateSource::executor;
  update.status.update_id = ground.update;
  update.status.timestamp = ground.world.now();
  update.status.healthy = true;
  update.status.exit_status = 0;
  update.latest_state = TaskState::running;
  return {{{update}}};
}
template <>
std::vector<ExecutorMessage> right(const Ground& ground) {
  return {{FrameworkId(ground.framework.id), ExecutorId("e1"), Bytes("data")}};
}
template <>
std::vector<ExecutorExited> right(const Ground& ground) {
  return {{FrameworkId(ground.framework.id), ExecutorId("e1"), 0, "why"}};
}
template <>
std::vector<SetWeights> right(const Ground&) {
  return {{1, {{"eng", 2}}}};
}
template <>
std::vector<SetQuota> right(const Ground&) {
  return {{1, {{"eng", resources("cpus:1"), resources("cpus:4")}}, false}};
}
template <>
std::vector<ReserveResources> right(const Ground& ground) {
  return {{1, ground.agent, with_reservation(resources("cpus:1"), {"eng", true, "", {}})}};
}
template <>
std::vector<UnreserveResources> right(const Ground& ground) {
  return {{1, ground.agent, ground.reserved}};
}
template <>
std::vector<CreateVolumes> right(const Ground& ground) {
  return {{1, ground.agent, volume_on(ground.reserved, "v")}};
}
template <>
std::vector<DestroyVolumes> right(const Ground& ground) {
  return {{1, ground.agent, volume_on(ground.spare, "w")}};
}
template <>
std::vector<TeardownFramework> right(const Ground& ground) {
  return {{1, FrameworkId(ground.framework.id)}};
}
template <>
std::vector<ExplainOffers> right(const Ground& ground) {
  return {{1, ground.framework.id, "eng", resources("cpus:1")}};
}
template <>
std::vector<ReloadModule> right(const Ground&) {
  return {{1, "allocator", "simple"}};
}

template <>
std::vector<DrainAgent> right(const Ground& ground) {
  return {{1, ground.agent, 10min, false}};
}
template <>
std::vector<DeactivateAgent> right(const Ground& ground) {
  return {{1, ground.agent}};
}
template <>
std::vector<ReactivateAgent> right(const Ground& ground) {
  return {{1, ground.agent}};
}
template <>
std::vector<MarkAgentGone> right(const Ground& ground) {
  return {{1, ground.agent}};
}

// ---- what looks wrong and is right
// ---------------------------------------------------------------

template <std::size_t... indices>
std::vector<Message> all_messages(std::index_sequence<indices...>) {
  return {Message(std::variant_alternative_t<indices, AnyMessage>{})...};
}
std::vector<Message> all_messages() {
  return all_messages(std::make_index_sequence<std::variant_size_v<AnyMessage>>());
}

// Of FrameworkInfo, wherever it stands.
const std::vector<Right> framework_rights = {
    {"id", "foreign", "an earlier master gave it"},
    {"name", "empty, hostile, foreign", "it is for people"},
    {"user", "empty, hostile, foreign", "the agent knows its users"},
    {"suppressed_roles", "empty", "nothing is suppressed"},
    {"capabilities", "empty, unknown, twice", "it can do less, or more than we know"},
    {"failover_timeout", "huge", "it is waited for without end"},
    {"hostname", "empty, hostile, foreign", "it is for people"},
    {"webui_url", "empty, hostile, foreign", "it is for people"},
    {"principal", "empty, hostile, foreign", "nobody had to prove who he is"},
    {"labels", "empty, twice", "they are its own"},
    {"labels.key", "hostile, foreign", "they are its own"},
    {"labels.value", "empty, hostile, foreign", "they are its own"},
};

// Of an Accept that launches.
const std::vector<Right> launch_rights = {
    {"operations", "empty, twice, many", "all is given back; each is answered by itself"},
    {"operations.tasks", "empty", "nothing is launched"},
    {"operations.tasks.id", "foreign", "it is the framework's to choose"},
    {"operations.tasks.agent_id", "empty", "the offers say where"},
    {"operations.tasks.executor_id", "empty", "the agent runs it itself"},
    {"operations.tasks.name", "empty, hostile, foreign", "it is for people"},
    {"operations.resources", "*", "a launch reads those of its tasks"},
    {"executors.resources", "empty", "it asks for nothing of its own"},
    {"filters.refuse_duration", "huge, negative", "a year at most; the default"},
};

const std::vector<Right> message_rights = {
    {"Subscribe.framework.id", "empty", "it is a new one"},

    {"Accept/launch.operations.tasks", "twice, many", "each task is answered by itself"},
    {"Accept/reserve.operations", "empty, twice, many", "each is answered by itself"},
    {"Accept/unreserve.operations", "empty, twice, many", "each is answered by itself"},
    {"Accept/create.operations", "empty, twice, many", "each is answered by itself"},

    {"Decline.offers", "empty", "none is declined"},
    {"Decline.filters.refuse_duration", "huge, negative", "a year at most; the default"},
    {"Revive.roles", "empty, twice, many", "empty means all; said twice is said"},
    {"Suppress.roles", "empty, twice, many", "empty means all; said twice is said"},
    {"KillTask.agent_id", "empty", "where the master thinks it is"},
    {"KillTask.policy.grace_period", "huge", "it is given time"},
    {"Acknowledge.updates", "*", "an acknowledgement may come late, for what is over"},
    {"Acknowledge.updates.agent_id", "*", "likewise"},
    {"Acknowledge.updates.task_id", "*", "likewise"},
    {"Acknowledge.updates.update_id.incarnation", "*", "likewise"},
    {"Acknowledge.updates.update_id.sequence", "*", "likewise"},
    {"Reconcile.tasks", "empty, twice, many", "empty means all; each is answered"},
    {"Reconcile.tasks.agent_id", "*", "the answer tells where the task is"},

    {"RegisterAgent.agent.id", "foreign", "an earlier master gave it"},
    {"RegisterAgent.agent.hostname", "empty, hostile, foreign", "it is for people"},
    {"RegisterAgent.agent.ip", "empty, hostile, foreign", "others may know its address"},
    {"RegisterAgent.agent.port", "huge", "every number is one"},
    {"RegisterAgent.agent.bus", "empty, hostile, foreign", "others may know its address"},
    {"RegisterAgent.agent.attributes", "empty, twice", "there may be several of a name"},
    {"RegisterAgent.agent.attributes.name", "hostile, foreign", "frameworks know their names"},
    {"RegisterAgent.agent.attributes.value", "empty, hostile, foreign", "likewise"},
    {"RegisterAgent.agent.version", "empty, hostile, foreign", "it is for people"},
    {"RegisterAgent.tasks", "empty", "nothing runs there"},
    {"RegisterAgent.tasks.framework_id", "foreign", "it is known by its tasks"},
    {"RegisterAgent.tasks.launch.id", "foreign", "it is the framework's to choose"},
    {"RegisterAgent.tasks.launch.agent_id", "empty", "it is the agent's"},
    {"RegisterAgent.tasks.launch.executor_id", "empty, foreign", "it may have ended"},
    {"RegisterAgent.tasks.launch.resources", "empty", "it holds nothing any more"},
    {"RegisterAgent.tasks.launch.name", "empty, hostile, foreign", "it is for people"},
    {"RegisterAgent.tasks.role", "foreign", "the framework may have left it"},
    {"RegisterAgent.executors", "empty", "none runs there"},
    {"RegisterAgent.executors.framework_id", "foreign", "it is known by its executors"},
    {"RegisterAgent.executors.launch.id", "foreign", "it is the framework's to choose"},
    {"RegisterAgent.executors.launch.resources", "empty", "it asks for nothing of its own"},
    {"RegisterAgent.executors.role", "foreign", "the framework may have left it"},
    {"RegisterAgent.frameworks", "empty", "they are known by what runs"},

    {"AgentUpdates.updates", "empty, twice, many", "an update is repeated until acknowledged"},
    {"AgentUpdates.updates.status.agent_id", "*", "the connection says which agent it is"},
    {"AgentUpdates.updates.status.executor_id", "empty, foreign", "it may have ended"},
    {"AgentUpdates.updates.status.message", "*", "it is for people, and the framework's"},
    {"AgentUpdates.updates.status.source", "unknown", "a newer agent may know more"},
    {"AgentUpdates.updates.status.reason", "unknown", "a newer agent may know more"},
    {"AgentUpdates.updates.status.update_id.incarnation", "*", "every number is one"},
    {"AgentUpdates.updates.status.update_id.sequence", "*", "every number is one"},
    {"AgentUpdates.updates.status.timestamp", "negative", "the agent's clock is its own"},
    {"AgentUpdates.updates.status.exit_status", "*", "the task's to choose"},
    {"AgentUpdates.updates.latest_state", "unknown", "none newer is known"},
    {"ExecutorExited.exit_status", "*", "the executor's to choose"},
    {"ExecutorExited.reason", "*", "it is for people"},

    {"SetWeights.weights", "empty", "the answer tells what holds"},
    {"SetWeights.weights.role", "foreign", "a role needs nobody in it"},
    {"SetQuota.quotas", "empty", "the answer tells what holds"},
    {"SetQuota.quotas.role", "foreign", "a role needs nobody in it"},
    {"SetQuota.quotas.guarantee", "empty", "none"},
    {"SetQuota.quotas.limit", "empty", "none"},
    {"ExplainOffers.role", "empty", "each of its roles"},
    {"ExplainOffers.wants", "empty", "anything that is worth an offer"},
    {"DrainAgent.within", "huge", "a year at most"},
    {"ReloadModule.name", "empty", "that of the one that serves"},
};

std::vector<Right> all_rights() {
  std::vector<Right> rights = message_rights;
  for (const Message& message : all_messages()) {
    if (message_direction(message) != "operator -> master") continue;
    rights.push_back({std::string(message_name(message)) + ".request", "huge", "his own number"});
  }
  const auto add = [&](const std::string& prefix, const std::vector<Right>& more) {
    for (Right right : more) {
      right.path = prefix + right.path;
      rights.push_back(std::move(right));
    }
  };
  add("Subscribe.framework.", framework_rights);
  add("RegisterAgent.frameworks.", framework_rights);
  add("Accept/launch.", launch_rights);
  add("Accept/launch_group.", launch_rights);
  for (const std::string kind : {"reserve", "unreserve", "create"}) {
    add("Accept/" + kind + ".", {{"operations.tasks*", "*", "only launches read them"},
                                 {"executors*", "*", "only launches read them"},
                                 {"filters*", "*", "they were walked"}});
  }
  return rights;
}

// ---- what the master makes of it
// -----------------------------------------------------------------

// All that a wrong request must not change. Offers that go back are made again under other ids.
std::string what_holds(World& world) {
  ClusterSnapshot cluster = world.machine().snapshot(world.now());
  cluster.metrics.clear();
  for (OfferSnapshot& offer : cluster.offers) offer.id = {};
  return encode(cluster);
}

// An update that the master makes says of which task and agent it speaks. That a task is what it
// was, or ends with its agent, is no error.
std::string words_of(const TaskStatus& status) {
  const bool of_master = status.source == UpdateSource::master;
  const bool proper =
      status.state == TaskState::running || status.reason == UpdateReason::agent_removed;
  if (!of_master || proper) return "";
  return "task_id=" + status.task_id.value + " agent_id=" + status.agent_id.value + " " +
         status.message + "\n";
}

// Everything that was said about the request, to whoever.
std::string said(World& world) {
  std::string text;
  for (const master::Output& output : world.take_log()) {
    const auto* event = std::get_if<Event>(&output);
    if (event != nullptr && event->severity != Severity::info) text += to_text(*event) + "\n";
    const auto* send = std::get_if<master::Send>(&output);
    if (send == nullptr) continue;
    if (const auto* refused = std::get_if<Refused>(&send->message)) text += refused->reason;
    if (const auto* error = std::get_if<FrameworkError>(&send->message)) text += error->message;
    if (const auto* told = std::get_if<RequestRefused>(&send->message)) text += told->problem;
    if (const auto* told = std::get_if<OperatorAnswer>(&send->message)) text += told->error;
    if (const auto* updates = std::get_if<Updates>(&send->message)) {
      for (const TaskStatus& status : updates->updates) text += words_of(status);
    }
  }
  return text;
}

// Who says such a message: for the first word of a connection, somebody new.
template <class T>
PeerId speaker(Ground& ground) {
  if constexpr (std::is_same_v<T, Subscribe>) return ground.world.connect(PeerRole::scheduler);
  if constexpr (std::is_same_v<T, RegisterAgent>) return ground.world.connect(PeerRole::agent);
  const std::string_view direction = message_direction(Message(T{}));
  if (direction == "scheduler -> master") return ground.framework.peer;
  if (direction == "operator -> master") return ground.quiet;
  return ground.there.peer;
}

// Names the operation of an Accept, of which each reads other fields.
template <class T>
std::string name_of(const T& message) {
  std::string name(message_name(Message(message)));
  if constexpr (std::is_same_v<T, Accept>) {
    name += "/" + std::string(to_text(message.operations.at(0).kind));
  }
  return name;
}

template <class T>
void expect_right(const T& right) {
  Ground ground;
  const PeerId peer = speaker<T>(ground);
  ground.world.take_log();
  ground.world.say(peer, right);
  // Whose framework an operator ends is told so.
  const bool ends_framework = std::is_same_v<T, TeardownFramework>;
  EXPECT_EQ(said(ground.world), ends_framework ? "framework c-F1 was torn down by an operator" : "")
      << "this one is right";
}

template <class T>
void spoil_each_field(const std::string& name, const T& right, Allowed& allowed) {
  for_each_wrong(right, [&](const Spoiled& wrong, const T& message) {
    const std::string where = name + "." + wrong.path + " " + wrong.way;
    const bool is_right = allowed.covers(name, wrong);
    ASSERT_TRUE(is_right || wrong.way != "nothing to spoil") << where;
    Ground ground;
    const PeerId peer = speaker<T>(ground);
    ground.world.take_log();
    const std::string before = what_holds(ground.world);
    ground.world.say(peer, message);  // checks the invariants
    if (is_right) return;
    const std::string words = said(ground.world);
    EXPECT_TRUE(name_field(words, wrong)) << where << " is not named: " << words;
    EXPECT_EQ(what_holds(ground.world), before) << where << " has changed something: " << words;
  });
}

// ---- every message to a master
// -------------------------------------------------------------------

template <class T>
void spoil_message() {
  const Message message = T{};
  const std::string_view direction = message_direction(message);
  // The opening of a connection is defended in peers_test.cpp.
  if (!direction.ends_with("-> master") && direction != "agent <-> master") return;
  SCOPED_TRACE(message_name(message));
  Allowed allowed(all_rights());
  for (const T& each : right<T>(Ground())) {
    expect_right(each);
    spoil_each_field(name_of(each), each, allowed);
  }
  allowed.expect_all_used(std::string(message_name(message)));
}

template <std::size_t... indices>
void spoil_all(std::index_sequence<indices...>) {
  (spoil_message<std::variant_alternative_t<indices, AnyMessage>>(), ...);
}

TEST(BadRequests, are_named_and_change_nothing_whatever_field_is_wrong) {
  spoil_all(std::make_index_sequence<std::variant_size_v<AnyMessage>>());
}

}  // namespace
}  // namespace mesolite::testing
