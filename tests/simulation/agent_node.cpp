#include "tests/simulation/agent_node.hpp"

#include <algorithm>
#include <utility>

#include "kernel/agent/state.hpp"

namespace mesolite::simulation {

namespace {

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
bool waits_for_disk(const agent::Output& output) {
  return !std::holds_alternative<agent::Checkpoint>(output) &&
         !std::holds_alternative<agent::RecoverContainers>(output) &&
         !std::holds_alternative<agent::ReconnectMaster>(output) &&
         !std::holds_alternative<Event>(output);
}

}  // namespace

AgentNode::AgentNode(Surroundings& around, Host host, std::uint64_t incarnation,
                     std::function<void()> ended)
    : around_(around),
      host_(host),
      ended_(std::move(ended)),
      machine_(agent_configuration(host_.name, incarnation), now()),
      order_([this](Waiting waiting) { leave(std::move(waiting)); }) {
  around_.network.add(*this);
  around_.network.listen(host_.name, id);
  around_.network.connect(id, "master");
  host_.containers.serve([this](agent::Input input) {
    step(std::move(input));
    end_turn();
  });
  recover();
}

void AgentNode::recover() {
  if (host_.disk.records().empty()) around_.witness.agent_forgets(host_.name);
  agent::Durable durable;
  for (const auto& [key, value] : host_.disk.records()) {
    const Status added = durable.add(key, value.view());
    if (!added) around_.witness.accuse(host_.name + ": " + added.error().message);
  }
  for (const std::string& stray : durable.drop_strays()) {
    around_.witness.accuse(host_.name + ": " + stray);
  }
  machine_.recover(now(), std::move(durable), agent::RecoveryMode::reconnect, outbox_);
  later(0s, [](AgentNode&) {});  // a turn
}

AgentNode::~AgentNode() {
  host_.containers.serve({});
  around_.witness.agent_dies(host_.name);
  around_.network.remove(*this);
}

void AgentNode::connected() {
  ++link_;
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
      if (waits_for_disk(output)) {
        order_.add({std::move(output), link_});
      } else {
        std::visit([this](auto& what) { perform(what); }, output);
      }
    }
  }
  flush();
  machine_.check_invariants();
  check_load();
  alarm_.set(machine_.next_deadline());
}

// ---- what comes out
// ------------------------------------------------------------------------------

// What was to go over a connection that is gone, the machine says again.
void AgentNode::leave(Waiting waiting) {
  const bool stale = waiting.link != link_;
  if (stale && std::holds_alternative<agent::SendToMaster>(waiting.output)) return;
  std::visit([this](auto& what) { perform(what); }, waiting.output);
}

void AgentNode::perform(agent::SendToMaster& send) {
  if (const auto* said = std::get_if<AgentUpdates>(&send.message)) {
    for (const AgentUpdate& update : said->updates) {
      const bool end = is_terminal(update.status.state) && !update.status.update_id.empty();
      if (!end) continue;
      around_.witness.end_is_told({update.framework_id, update.status.task_id}, update.status.state,
                                  host_.name);
    }
  }
  to_master_.push_back(std::move(send.message));
}

void AgentNode::perform(agent::ReconnectMaster&) {
  ++link_;
  flush();
  around_.network.connect(id, "master");
}

void AgentNode::perform(agent::SendToPeer& send) {
  to_peers_[send.peer].push_back(std::move(send.message));
}

void AgentNode::perform(agent::DisconnectPeer& cut) {
  flush();
  around_.network.disconnect(cut.peer);
}

void AgentNode::perform(agent::Launch& start) {
  host_.containers.launch(start);
}

void AgentNode::perform(agent::Terminate& end) {
  host_.containers.terminate(end.container);
}

void AgentNode::perform(agent::Destroy& end) {
  host_.containers.destroy(end.container);
}

void AgentNode::perform(agent::RetireSandbox& left) {
  host_.containers.forget(left.container);
}

void AgentNode::perform(agent::RecoverContainers& left) {
  host_.containers.recover(left);
}

void AgentNode::perform(agent::RunCheck& check) {
  agent::Checked outcome{check.container, check.number, !around_.chance(0.3), "looked at"};
  later(around_.between(1ms, 3s),
        [outcome = std::move(outcome)](AgentNode& self) { self.step(outcome); });
}

void AgentNode::perform(agent::Finished&) {
  flush();
  finished_ = true;
  around_.network.close(id);
  ended_();
}

void AgentNode::perform(Event& event) {
  around_.happened(host_.name, event);
}

void AgentNode::flush() {
  around_.network.send(id, std::exchange(to_master_, {}));
  for (const auto& [peer, messages] : std::exchange(to_peers_, {})) {
    around_.network.send_to(peer, messages);
  }
}

void AgentNode::perform(agent::Checkpoint& record) {
  order_.persisting(record.number);
  host_.disk.write(std::move(record.key), std::move(record.value));
  const Time durable = around_.timeline.now() + around_.write_time();
  last_durable_ = std::max(last_durable_, durable);
  later(last_durable_ - around_.timeline.now(), [number = record.number](AgentNode& self) {
    self.host_.disk.finish();
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
    around_.witness.accuse(host_.name + " runs " + sum.to_text() + ", but has " + total.to_text());
  }
}

}  // namespace mesolite::simulation
