#include "tests/simulation/scheduler_node.hpp"

#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::simulation {

Character Character::draw(const Surroundings& around) {
  static const std::vector<std::string> names = {"ops", "eng", "eng/web", "eng/db", "*"};
  Random& random = around.random;
  Character character;
  const std::uint64_t first = random.below(names.size());
  character.roles = {names[first]};
  if (random.chance(0.3)) character.roles.push_back(names[(first + 1) % names.size()]);
  character.capabilities = {FrameworkCapability::multi_role};
  character.partition_aware = random.chance(0.6);
  if (character.partition_aware) {
    character.capabilities.push_back(FrameworkCapability::partition_aware);
  }
  if (random.chance(0.5)) {
    character.capabilities.push_back(FrameworkCapability::task_killing_state);
  }
  character.checkpoint = random.chance(0.8);
  const Duration timeouts[] = {0s, 5s, 30s, 2min};
  character.failover_timeout = timeouts[random.below(4)];
  character.tasks_open_max = around.scenario.work.tasks_open_max.draw(random);
  return character;
}

SchedulerNode::SchedulerNode(Surroundings& around, std::string name, Character character,
                             SchedulerMemory memory)
    : around_(around),
      name_(std::move(name)),
      character_(std::move(character)),
      clock_(around.scenario.hosts, around.random),
      memory_(std::move(memory)) {
  ++memory_.instance;
  memory_.tasks_named = 0;
  options_.framework.name = name_;
  options_.framework.id = memory_.framework_id;
  options_.framework.failover_timeout = character_.failover_timeout;
  options_.framework.checkpoint = character_.checkpoint;
  options_.framework.roles = character_.roles;
  options_.framework.capabilities = character_.capabilities;
  options_.master = "sim://master";
  auto authentication = make_client_authentication(options_);
  MESOLITE_CHECK(authentication.has_value(), "no authenticator is needed for 'none'");
  authentication_ = std::move(*authentication);
  session_ = std::make_unique<SchedulerSession>(options_, *authentication_, around_.random.next());
  around_.network.add(*this);
  session_->start();
  end_turn();
  live();
}

SchedulerNode::~SchedulerNode() {
  around_.network.remove(*this);
}

void SchedulerNode::connected() {
  session_->connected(now());
}
void SchedulerNode::disconnected() {
  session_->disconnected(now());
}
void SchedulerNode::received(Message message) {
  session_->received(now(), std::move(message));
}

void SchedulerNode::end_turn() {
  session_->advance(now());
  carry_out();
  session_->end_turn();
  carry_out();
  if (!ended_) alarm_.set(session_->next_deadline());
}

void SchedulerNode::carry_out() {
  std::vector<Message> messages;
  for (auto outputs = session_->take(); !outputs.empty(); outputs = session_->take()) {
    for (SchedulerOutput& output : outputs) perform(output, messages);
  }
  around_.network.send(id, messages);
}

void SchedulerNode::perform(SchedulerOutput& output, std::vector<Message>& messages) {
  if (std::holds_alternative<Locate>(output)) {
    session_->located(now(), std::string("master"));
  } else if (const auto* target = std::get_if<Connect>(&output)) {
    around_.network.connect(id, target->endpoint);
  } else if (const auto* follow = std::get_if<FollowEpoch>(&output)) {
    epoch_ = follow->epoch;
  } else if (auto* send = std::get_if<Send>(&output)) {
    messages.push_back(std::move(send->message));
  } else if (const auto* callback = std::get_if<SchedulerCallback>(&output)) {
    tell(*callback);
  } else {
    // CloseLink or Ended: what was said before still leaves.
    ended_ = ended_ || std::holds_alternative<Ended>(output);
    around_.network.send(id, std::exchange(messages, {}));
    around_.network.close(id);
  }
}

// ---- what it hears
// -------------------------------------------------------------------------------

void SchedulerNode::tell(const SchedulerCallback& callback) {
  if (const auto* registered = std::get_if<Registered>(&callback)) {
    memory_.framework_id = registered->framework_id;
    if (character_.checkpoint) around_.witness.framework_keeps(memory_.framework_id);
    subscribed_now();
  } else if (std::holds_alternative<Reregistered>(callback)) {
    subscribed_now();
  } else if (const auto* offers = std::get_if<Offers>(&callback)) {
    offered(offers->offers);
  } else if (const auto* rescinded = std::get_if<RescindOffers>(&callback)) {
    if (around_.random.chance(0.3)) return;  // it does not listen
    for (const OfferId offer : rescinded->offers) {
      std::erase_if(kept_, [&](const Offer& kept) { return kept.id == offer; });
    }
  } else if (const auto* updates = std::get_if<Updates>(&callback)) {
    for (const TaskStatus& status : updates->updates) updated(status);
    session_->delivered(*updates);
  }
}

void SchedulerNode::subscribed_now() {
  if (around_.calm) session_->suppress({});
  ask_about_open_tasks();
}

void SchedulerNode::updated(const TaskStatus& status) {
  const bool by_reconciliation = status.reason == UpdateReason::reconciliation;
  auto known = memory_.tasks.find(status.task_id);
  if (known == memory_.tasks.end()) {
    if (is_terminal(status.state) || status.state == TaskState::unknown) return;
    // Launched by an instance that it knew nothing of.
    known = memory_.tasks.emplace(status.task_id, KnownTask{status.agent_id}).first;
    ++memory_.open;
  }
  TaskState& state = known->second.state;
  const bool revived = is_terminal(state) && !is_terminal(status.state);
  // A successor of the master knows less than it did.
  const bool same_master = around_.scenario.crashes.masters == Duration(0);
  if (revived && !by_reconciliation && same_master) {
    around_.witness.accuse("task " + status.task_id.value + " of " + name_ + " was " +
                           std::string(to_text(state)) + " and is now " +
                           std::string(to_text(status.state)));
  }
  if (is_terminal(state)) return;
  state = status.state;
  // No master knows of it: the scheduler gives it up.
  if (status.state == TaskState::unknown && by_reconciliation) state = TaskState::gone;
  if (is_terminal(state)) --memory_.open;
}

void SchedulerNode::retire() {
  session_->suppress({});
  kept_.clear();
  end_turn();
}

void SchedulerNode::tear_down() {
  session_->stop(false);
  end_turn();
}

}  // namespace mesolite::simulation
