#include "tests/kernel/master/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "mesolite/base/check.hpp"

namespace mesolite::testing {

master::Configuration world_configuration() {
  master::Configuration configuration;
  configuration.info.id = "master";
  configuration.info.cluster = "c";
  configuration.info.epoch = 1;
  configuration.cluster_name = "test";
  return configuration;
}

Resources resources(std::string_view text) {
  Result<Resources> parsed = Resources::parse(text);
  MESOLITE_CHECK(parsed.has_value(), "a test writes resources down correctly");
  return std::move(*parsed);
}

TaskLaunch task_launch(std::string_view id, std::string_view needs, std::string_view executor) {
  TaskLaunch task;
  task.id = TaskId(id);
  task.name = id;
  task.resources = resources(needs);
  task.executor_id = ExecutorId(executor);
  return task;
}

namespace {

master::Durable left_behind(const std::optional<World::Registry>& registry) {
  master::Durable durable;
  if (!registry) return durable;
  durable.complete = true;
  for (const auto& [key, value] : *registry) {
    const Status added = durable.add(key, value);
    EXPECT_TRUE(added) << added.error().message;
  }
  return durable;
}

}  // namespace

World::World(master::Configuration configuration, std::optional<Registry> registry, Time start)
    : now_(start),
      mechanism_(configuration.mechanisms.front()),
      master_(std::move(configuration), now_, left_behind(registry)),
      registry_(std::move(registry).value_or(Registry{})) {}

RunningTask running_task(const World::Party& framework, std::string_view id, std::string_view needs,
                         TaskState state) {
  RunningTask task;
  task.framework_id = FrameworkId(framework.id);
  task.launch = task_launch(id, needs);
  task.role = "*";
  task.state = state;
  return task;
}

// ---- turns
// ---------------------------------------------------------------------------------------

void World::carry_out(master::Output output) {
  if (auto* send = std::get_if<master::Send>(&output)) {
    deliver(send->peer, std::move(send->message));
  } else if (auto* cut = std::get_if<master::Disconnect>(&output)) {
    cut_[cut->peer] = true;
    log_.push_back(*cut);
    answers_.push_back(master::PeerLost{cut->peer});
  } else if (auto* allocate = std::get_if<master::Allocate>(&output)) {
    const std::size_t released = allocate->request.changes.released.size();
    if (released > 0) released_ = released;
    SimpleAllocator& asked = allocate->candidate ? candidate_ : allocator_;
    if (allocate->rebuild) asked = SimpleAllocator{};
    Result<AllocateResponse> response = asked.allocate(allocate->request);
    if (!response) ADD_FAILURE() << "the allocator was told nonsense: " << response.error().message;
    answers_.push_back(master::Allocated{std::move(response)});
  } else if (auto* load = std::get_if<master::LoadAllocator>(&output)) {
    const bool known = load->name.empty() || load->name == "simple";
    answers_.push_back(master::AllocatorLoaded{known ? Result<std::string>("allocator 'simple'")
                                                     : failure("there is no such allocator")});
  } else if (auto* seat = std::get_if<master::SeatAllocator>(&output)) {
    if (seat->adopt) allocator_ = std::move(candidate_);
  } else if (auto* explain = std::get_if<master::Explain>(&output)) {
    answers_.push_back(master::Explained{explain->number, allocator_.explain(explain->request)});
  } else if (auto* authenticate = std::get_if<master::Authenticate>(&output)) {
    AuthenticationAnswer answer;
    answer.state = AuthenticationState::accepted;
    answer.principal = authenticate->token.principal;
    answers_.push_back(master::Authenticated{authenticate->peer, answer});
  } else if (auto* event = std::get_if<Event>(&output)) {
    log_.push_back(*event);
    events_.push_back(std::move(*event));
  } else if (auto* decision = std::get_if<authorization::Decision>(&output)) {
    decisions_.push_back(std::move(*decision));
  } else if (auto* persist = std::get_if<master::Persist>(&output)) {
    if (persist->value.empty()) {
      registry_.erase(persist->key);
    } else {
      registry_[persist->key] = persist->value.data;
    }
    persists_ = persist->number;
    answers_.push_back(master::Persisted{persist->number});
  }
}

void World::deliver(PeerId peer, Message message) {
  if (const Ping* ping = std::get_if<Ping>(&message)) {
    const bool muted = std::find(muted_.begin(), muted_.end(), peer) != muted_.end();
    if (!muted) answers_.push_back(master::Received{peer, Pong{ping->sequence}});
    return;
  }
  log_.push_back(master::Send{peer, message});
  mailboxes_[peer].push_back(std::move(message));
}

void World::turn() {
  master::Outbox outbox;
  master_.advance(now_, outbox);
  while (true) {
    for (master::Output& output : outbox) carry_out(std::move(output));
    outbox.clear();
    if (answers_.empty()) break;
    for (master::Input& answer : std::exchange(answers_, {})) {
      master_.step(now_, std::move(answer), outbox);
    }
    master_.advance(now_, outbox);
  }
  master_.check_invariants();
}

void World::input(master::Input input) {
  master::Outbox outbox;
  master_.step(now_, std::move(input), outbox);
  for (master::Output& output : outbox) carry_out(std::move(output));
  for (master::Input& answer : std::exchange(answers_, {})) {
    master::Outbox more;
    master_.step(now_, std::move(answer), more);
    for (master::Output& output : more) carry_out(std::move(output));
  }
  turn();
}

void World::pass(Duration wait) {
  const Time end = now_ + wait;
  while (true) {
    const std::optional<Time> next = master_.next_deadline();
    if (!next || *next > end) break;
    now_ = std::max(now_, *next);
    turn();
  }
  now_ = end;
  turn();
}

// ---- peers
// ---------------------------------------------------------------------------------------

PeerId World::connect(PeerRole role, std::string principal) {
  const PeerId peer{++last_peer_};
  Hello hello;
  hello.role = role;
  hello.mechanism = mechanism_;
  hello.principal = std::move(principal);
  say(peer, std::move(hello));
  take<Welcome>(peer);
  return peer;
}

World::Party World::add_agent(std::string_view total, std::string hostname) {
  const PeerId peer = connect(PeerRole::agent);
  RegisterAgent request;
  request.agent.hostname = std::move(hostname);
  request.agent.resources = resources(total);
  say(peer, std::move(request));
  return {peer, take<AgentRegistered>(peer).agent_id.value};
}

World::Party World::add_framework(FrameworkInfo info) {
  const PeerId peer = connect(PeerRole::scheduler);
  say(peer, Subscribe{std::move(info)});
  return {peer, take<Subscribed>(peer).framework_id.value};
}

// ---- what came out
// -------------------------------------------------------------------------------

void World::complain(std::string_view what, PeerId peer) const {
  ADD_FAILURE() << "no " << what << " waits for peer " << peer.value;
}

Offer World::take_offer(PeerId peer) {
  Offers message = take<Offers>(peer);
  EXPECT_EQ(message.offers.size(), 1u);
  return message.offers.empty() ? Offer{} : std::move(message.offers.front());
}

TaskStatus World::take_update(PeerId peer) {
  Updates message = take<Updates>(peer);
  EXPECT_EQ(message.updates.size(), 1u);
  return message.updates.empty() ? TaskStatus{} : std::move(message.updates.front());
}

bool World::noted(std::string_view name) {
  const bool found = !last_event(name).empty();
  events_.clear();
  return found;
}

std::string World::last_event(std::string_view name) const {
  const auto found = std::find_if(events_.rbegin(), events_.rend(),
                                  [&](const Event& event) { return event.name == name; });
  return found == events_.rend() ? "" : to_text(*found);
}

// ---- short cuts
// ----------------------------------------------------------------------------------

void World::launch(const Party& framework, const Offer& offer, std::vector<TaskLaunch> tasks,
                   std::vector<ExecutorLaunch> executors) {
  Accept accept;
  accept.offers = {offer.id};
  accept.operations.push_back({OperationKind::launch, std::move(tasks), {}});
  accept.executors = std::move(executors);
  say(framework.peer, std::move(accept));
}

UpdateId World::update(const Party& agent, const Party& framework, std::string_view task,
                       TaskState state, TaskState latest) {
  AgentUpdate update;
  update.framework_id = FrameworkId(framework.id);
  update.status.task_id = TaskId(task);
  update.status.state = state;
  update.status.source = UpdateSource::agent;
  update.status.update_id = {7, ++last_update_};
  update.latest_state = latest;
  say(agent.peer, AgentUpdates{{update}});
  return update.status.update_id;
}

OperatorAnswer World::ask(Message request) {
  if (operator_.empty()) operator_ = connect(PeerRole::operator_client);
  say(operator_, std::move(request));
  return take<OperatorAnswer>(operator_);
}

void World::acknowledge(const Party& framework, const Party& agent, std::string_view task,
                        UpdateId update) {
  say(framework.peer, Acknowledge{{{AgentId(agent.id), TaskId(task), update}}});
}

}  // namespace mesolite::testing
