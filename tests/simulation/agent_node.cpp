#include "tests/simulation/agent_node.hpp"

#include <algorithm>
#include <utility>

#include "kernel/agent/state.hpp"

namespace mesolite::simulation {

namespace {

constexpr std::int32_t status_killed = 9;       // by SIGKILL
constexpr std::int32_t status_terminated = 15;  // by SIGTERM
constexpr std::int32_t status_exited_with_1 = 256;

agent::Configuration agent_configuration(const std::string& name, std::uint64_t incarnation) {
  agent::Configuration settings;
  settings.info.hostname = name;
  settings.info.bus = "sim://" + name;
  settings.info.resources = *Resources::parse("cpus:8;mem:8192;disk:10000;ports:[31000-31099]");
  settings.seed = incarnation;
  settings.incarnation = incarnation;
  settings.work_dir = "/work/" + name;
  settings.runtime_dir = "/run/" + name;
  settings.executor_endpoint = name;
  settings.executor_registration_timeout = 20s;
  settings.usage_interval = 1h;
  settings.update_retry_min = 5s;
  settings.update_retry_max = 40s;
  return settings;
}

// Whether it waits for what was written before it.
bool rests_on_disk(const agent::Output& output) {
  return std::holds_alternative<agent::SendToMaster>(output) ||
         std::holds_alternative<agent::SendToPeer>(output) ||
         std::holds_alternative<agent::DisconnectPeer>(output) ||
         std::holds_alternative<agent::Launch>(output);
}

}  // namespace

AgentNode::AgentNode(Surroundings& around, std::string name, std::uint64_t incarnation, Disk& disk,
                     std::function<void()> ended)
    : around_(around),
      name_(std::move(name)),
      clock_(around.scenario.hosts, around.random),
      disk_(disk),
      ended_(std::move(ended)),
      machine_(agent_configuration(name_, incarnation), now()),
      order_([this](agent::Output output) { leave(std::move(output)); }) {
  around_.network.add(*this);
  around_.network.listen(name_, id);
  around_.network.connect(id, "master");
}

AgentNode::~AgentNode() {
  around_.witness.place_dies(name_);
  around_.network.remove(*this);
}

void AgentNode::connected() {
  epoch_ = 0;  // whose bus this is, Welcome says
  step(agent::MasterConnected{});
}
void AgentNode::disconnected() {
  step(agent::MasterDisconnected{});
}
void AgentNode::received(Message message) {
  if (const auto* welcome = std::get_if<Welcome>(&message)) epoch_ = welcome->master.epoch;
  step(agent::ReceivedFromMaster{std::move(message)});
}
void AgentNode::received_from(PeerId peer, Message message) {
  step(agent::ReceivedFromPeer{peer, std::move(message)});
}
void AgentNode::peer_lost(PeerId peer) {
  step(agent::PeerLost{peer});
}
void AgentNode::shut_down() {
  step(agent::ShutdownRequested{});
  end_turn();
}

void AgentNode::step(agent::Input input) {
  machine_.step(now(), std::move(input), outbox_);
}

void AgentNode::end_turn() {
  machine_.advance(now(), outbox_);
  while (!outbox_.empty()) {
    for (agent::Output& output : std::exchange(outbox_, {})) {
      rests_on_disk(output) ? order_.add(std::move(output)) : perform(output);
    }
  }
  flush();
  machine_.check_invariants();
  check_load();
  alarm_.set(machine_.next_deadline());
}

// ---- what comes out
// ------------------------------------------------------------------------------

// What rests on nothing that was written before it.
void AgentNode::perform(agent::Output& output) {
  if (std::holds_alternative<agent::ReconnectMaster>(output)) {
    flush();
    around_.network.connect(id, "master");
  } else if (const auto* end = std::get_if<agent::Terminate>(&output)) {
    const auto container = containers_.find(end->container);
    if (container == containers_.end() || container->second.stubborn) return;
    exit_in(end->container, around_.between(1ms, 2s), status_terminated);
  } else if (const auto* destroy = std::get_if<agent::Destroy>(&output)) {
    exit_in(destroy->container, around_.between(1ms, 50ms), status_killed);
  } else if (auto* record = std::get_if<agent::Checkpoint>(&output)) {
    persist(*record);
  } else if (std::holds_alternative<agent::Finished>(output)) {
    flush();
    finished_ = true;
    around_.network.close(id);
    ended_();
  } else if (const auto* event = std::get_if<Event>(&output)) {
    around_.happened(name_, *event);
  }
}

void AgentNode::leave(agent::Output output) {
  if (auto* send = std::get_if<agent::SendToMaster>(&output)) {
    send_to_master(std::move(send->message));
  } else if (auto* sent = std::get_if<agent::SendToPeer>(&output)) {
    to_peers_[sent->peer].push_back(std::move(sent->message));
  } else if (const auto* cut = std::get_if<agent::DisconnectPeer>(&output)) {
    flush();
    around_.network.disconnect(cut->peer);
  } else if (const auto* start = std::get_if<agent::Launch>(&output)) {
    launch(*start);
  }
}

void AgentNode::send_to_master(Message message) {
  if (const auto* said = std::get_if<AgentUpdates>(&message)) {
    for (const AgentUpdate& update : said->updates) {
      const bool end = is_terminal(update.status.state) && !update.status.update_id.empty();
      if (!end) continue;
      around_.witness.end_is_told({update.framework_id, update.status.task_id}, update.status.state,
                                  name_);
    }
  }
  to_master_.push_back(std::move(message));
}

void AgentNode::flush() {
  around_.network.send(id, std::exchange(to_master_, {}));
  for (const auto& [peer, messages] : std::exchange(to_peers_, {})) {
    around_.network.send_to(peer, messages);
  }
}

void AgentNode::persist(agent::Checkpoint& record) {
  order_.persisting(record.number);
  disk_.write(std::move(record.key), std::move(record.value));
  const Time durable = around_.timeline.now() + around_.write_time();
  last_durable_ = std::max(last_durable_, durable);
  later(last_durable_ - around_.timeline.now(), [number = record.number](AgentNode& self) {
    self.disk_.finish();
    self.step(agent::Checkpointed{number});
    self.order_.durable(number);
  });
}

void AgentNode::later(Duration wait, std::function<void(AgentNode&)> work) {
  around_.timeline.in(wait, [network = &around_.network, node = id, work = std::move(work)] {
    auto* self = static_cast<AgentNode*>(network->find(node));
    if (self == nullptr) return;
    work(*self);
    self->end_turn();
  });
}

// ---- containers
// ----------------------------------------------------------------------------------

void AgentNode::launch(const agent::Launch& output) {
  const ContainerId container = output.context.id;
  const Duration wait = around_.between(1ms, 300ms);
  if (around_.chance(around_.scenario.hosts.launch_fails)) {
    return later(wait, [container](AgentNode& self) {
      self.step(agent::Launched{container, failure("no such program")});
    });
  }
  containers_[container].context = output.context;
  containers_[container].stubborn =
      around_.random.chance(around_.scenario.hosts.terminations_ignored);
  later(wait, [container, environment = output.environment](AgentNode& self) {
    self.start(container, environment);
  });
}

void AgentNode::start(const ContainerId& container,
                      const std::map<std::string, std::string>& environment) {
  Container& started = containers_.at(container);
  started.running = true;
  step(agent::Launched{container, std::int64_t{4711}});
  const ContainerContext& context = started.context;
  if (environment.contains("MESOS_AGENT_ENDPOINT")) {
    ExecutorSettings settings;
    settings.framework_id = context.framework_id;
    settings.executor_id = context.executor_id;
    settings.endpoint = environment.at("MESOS_AGENT_ENDPOINT");
    settings.token = environment.at("MESOS_EXECUTOR_AUTHENTICATION_TOKEN");
    const ExecutorNode::Host host{name_, clock_};
    started.executor = std::make_unique<ExecutorNode>(around_, settings, host, [this, container] {
      later(1ms, [container](AgentNode& self) { self.exit(container, 0); });
    });
    return;
  }
  around_.witness.task_starts({context.framework_id, context.task_id}, name_);
  const std::uint64_t milliseconds = around_.scenario.work.task_time_ms.draw(around_.random);
  exit_in(container, Duration(std::chrono::milliseconds(milliseconds)),
          around_.random.chance(0.8) ? 0 : status_exited_with_1);
}

void AgentNode::exit_in(const ContainerId& container, Duration wait, std::int32_t status) {
  later(wait, [container, status](AgentNode& self) { self.exit(container, status); });
}

void AgentNode::exit(const ContainerId& container, std::int32_t status) {
  const auto found = containers_.find(container);
  if (found == containers_.end() || !found->second.running) return;
  const ContainerContext& context = found->second.context;
  if (!found->second.executor) around_.witness.task_ends({context.framework_id, context.task_id});
  containers_.erase(found);
  step(agent::Exited{container, status, {}});
}

void AgentNode::crash_some_executor() {
  std::vector<ContainerId> executors;
  for (const auto& [container, state] : containers_) {
    if (state.executor) executors.push_back(container);
  }
  if (executors.empty()) return;
  exit_in(executors[around_.random.below(executors.size())], 1ms, status_killed);
}

// What runs here is not more than there is, whatever the master's books say. The limits of an
// executor's container may be wider for a moment: they follow its tasks when these have ended.
void AgentNode::check_load() const {
  Resources sum;
  for (const auto& [framework_id, framework] : machine_.state().frameworks) {
    if (around_.witness.is_over(framework_id)) continue;
    for (const auto& [executor_id, executor] : framework->executors) {
      sum += executor->info.resources + executor->tasks_resources;
    }
    for (const auto& [task_id, task] : framework->tasks) {
      if (task->container != nullptr) sum += task->launch.resources;
    }
  }
  const Resources& total = machine_.state().info.resources;
  if (!total.contains(sum)) {
    around_.witness.accuse(name_ + " runs " + sum.to_text() + ", but has " + total.to_text());
  }
}

}  // namespace mesolite::simulation
