#include "tests/simulation/scheduler_node.hpp"

#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::simulation {

namespace {

constexpr std::size_t tasks_open_max = 60;

}  // namespace

SchedulerNode::SchedulerNode(Surroundings& around, std::string name, SchedulerMemory memory)
    : around_(around),
      name_(std::move(name)),
      memory_(std::move(memory)),
      partition_aware_(name_.back() % 2 == 0) {
  options_.framework.name = name_;
  options_.framework.id = memory_.framework_id;
  options_.framework.failover_timeout = 30s;
  options_.framework.roles = {name_.back() % 3 == 0 ? "eng/" + name_ : "ops"};
  if (partition_aware_) {
    options_.framework.capabilities = {FrameworkCapability::partition_aware};
  }
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
  session_->connected(around_.timeline.now());
}
void SchedulerNode::disconnected() {
  session_->disconnected(around_.timeline.now());
}
void SchedulerNode::received(Message message) {
  session_->received(around_.timeline.now(), std::move(message));
}

void SchedulerNode::end_turn() {
  session_->advance(around_.timeline.now());
  carry_out();
  session_->end_turn();
  carry_out();
  if (!ended_) alarm_.set(session_->next_deadline());
}

void SchedulerNode::carry_out() {
  std::vector<Message> messages;
  for (auto outputs = session_->take(); !outputs.empty(); outputs = session_->take()) {
    for (SchedulerOutput& output : outputs) {
      if (std::holds_alternative<Locate>(output)) {
        session_->located(around_.timeline.now(), std::string("master"));
      } else if (const auto* target = std::get_if<Connect>(&output)) {
        around_.network.connect(id, target->endpoint);
      } else if (std::holds_alternative<CloseLink>(output)) {
        around_.network.close(id);
      } else if (auto* send = std::get_if<Send>(&output)) {
        messages.push_back(std::move(send->message));
      } else if (const auto* callback = std::get_if<SchedulerCallback>(&output)) {
        tell(*callback);
      } else if (std::holds_alternative<Ended>(output)) {
        ended_ = true;
        around_.network.close(id);
      }
    }
  }
  around_.network.send(id, messages);
}

void SchedulerNode::tell(const SchedulerCallback& callback) {
  if (const auto* registered = std::get_if<Registered>(&callback)) {
    memory_.framework_id = registered->framework_id;
    ask_about_open_tasks();
  } else if (std::holds_alternative<Reregistered>(callback)) {
    ask_about_open_tasks();
  } else if (const auto* offers = std::get_if<Offers>(&callback)) {
    for (const Offer& offer : offers->offers) offered(offer);
  } else if (const auto* updates = std::get_if<Updates>(&callback)) {
    for (const TaskStatus& status : updates->updates) updated(status);
    session_->delivered(*updates);
  }
}

// ---- what it does
// --------------------------------------------------------------------------------

std::size_t SchedulerNode::tasks_open() const {
  std::size_t open = 0;
  for (const auto& [task, known] : memory_.tasks) open += is_terminal(known.state) ? 0 : 1;
  return open;
}

void SchedulerNode::offered(const Offer& offer) {
  const bool wanted = !around_.calm && tasks_open() < tasks_open_max;
  if (wanted && around_.random.chance(0.7)) return launch(offer);
  if (wanted && around_.random.chance(0.05)) return;  // forgets to answer
  Filters filters;
  if (around_.random.chance(0.3)) filters.refuse_duration = around_.between(0s, 20s);
  session_->decline({offer.id}, filters);
}

void SchedulerNode::launch(const Offer& offer) {
  std::vector<TaskInfo> tasks;
  const std::uint64_t count = 1 + around_.random.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    TaskInfo task;
    task.id = TaskId("t" + std::to_string(++memory_.tasks_named));
    task.name = task.id.value;
    task.agent_id = offer.agent_id;
    const bool absurd = around_.random.chance(0.02);
    task.resources = *Resources::parse(absurd ? "cpus:1000" : "cpus:0.5;mem:128");
    if (around_.random.chance(0.5)) {
      task.executor.emplace();
      task.executor->id = ExecutorId("e" + std::to_string(around_.random.below(2)));
      task.executor->command.value = "executor";
      task.executor->resources = *Resources::parse("cpus:0.1;mem:32");
    } else {
      task.command.emplace();
      task.command->value = "work";
    }
    memory_.tasks[task.id] = {offer.agent_id, TaskState::staging};
    tasks.push_back(std::move(task));
  }
  const Time now = around_.timeline.now();
  session_->accept(now, {offer.id}, {Operation::launch(std::move(tasks))}, Filters{});
  // An offer that is used a second time launches nothing.
  if (around_.random.chance(0.02)) session_->accept(now, {offer.id}, {}, Filters{});
}

void SchedulerNode::updated(const TaskStatus& status) {
  const auto known = memory_.tasks.find(status.task_id);
  if (known == memory_.tasks.end()) return;  // of a past that it has forgotten
  TaskState& state = known->second.state;
  const bool revived = is_terminal(state) && !is_terminal(status.state);
  const bool by_reconciliation = status.reason == UpdateReason::reconciliation;
  // A successor of the master knows less than it did; without a registry that cannot be helped.
  const bool same_master = around_.torments.master_crashes == Duration(0);
  if (revived && !by_reconciliation && same_master) {
    around_.witness.accuse("task " + status.task_id.value + " of " + name_ + " was " +
                           std::string(to_text(state)) + " and is now " +
                           std::string(to_text(status.state)));
  }
  if (!is_terminal(state)) state = status.state;
  // No master knows of it: the scheduler gives it up.
  if (status.state == TaskState::unknown && by_reconciliation) state = TaskState::gone;
}

void SchedulerNode::ask_about_open_tasks() {
  std::vector<TaskReference> references;
  for (const auto& [task, known] : memory_.tasks) {
    if (!is_terminal(known.state)) references.push_back({task, known.agent});
  }
  if (!references.empty()) session_->reconcile(std::move(references));
}

// Now and then it asks about its tasks, kills one, or is quiet for a while.
void SchedulerNode::live() {
  around_.timeline.in(around_.between(1s, 10s), [network = &around_.network, node = id] {
    auto* self = static_cast<SchedulerNode*>(network->find(node));
    if (self == nullptr || self->ended_) return;
    Surroundings& around = self->around_;
    if (around.calm || around.random.chance(0.3)) self->ask_about_open_tasks();
    if (!around.calm && around.random.chance(0.5)) {
      for (const auto& [task, known] : self->memory_.tasks) {
        if (is_terminal(known.state) || !around.random.chance(0.1)) continue;
        self->session_->kill(task, {});
        break;
      }
    }
    if (!around.calm && around.random.chance(0.1)) self->session_->suppress({});
    if (!around.calm && around.random.chance(0.3)) self->session_->revive({});
    self->end_turn();
    self->live();
  });
}

void SchedulerNode::retire() {
  session_->suppress({});
  end_turn();
}

}  // namespace mesolite::simulation
