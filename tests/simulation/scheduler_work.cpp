// What a scheduler does of its own accord: it takes offers or leaves them, kills, asks, is quiet
// for a while, and makes mistakes.
#include <utility>

#include "mesolite/base/reservations.hpp"
#include "tests/simulation/scheduler_node.hpp"

namespace mesolite::simulation {

namespace {

const Resources& resources_of_task() {
  static const Resources resources = *Resources::parse("cpus:0.5;mem:128");
  return resources;
}

const Resources& resources_of_executor() {
  static const Resources resources = *Resources::parse("cpus:0.1;mem:32");
  return resources;
}

const Resources& resources_to_reserve() {
  static const Resources resources = *Resources::parse("cpus:0.5;mem:128;disk:100");
  return resources;
}

const Resources& absurd_resources() {
  static const Resources resources = *Resources::parse("cpus:1000");
  return resources;
}

Check quick_check() {
  Check check;
  check.kind = CheckKind::tcp;
  check.port = 80;
  check.delay = 100ms;
  check.interval = 1s;
  check.grace_period = 1s;
  return check;
}

}  // namespace

// ---- offers
// --------------------------------------------------------------------------------------

void SchedulerNode::offered(const std::vector<Offer>& offers) {
  for (const Offer& offer : offers) {
    const bool hesitates = around_.chance(around_.scenario.work.hesitations);
    hesitates ? kept_.push_back(offer) : answer(offer);
  }
}

void SchedulerNode::answer(const Offer& offer) {
  const bool wanted = !around_.calm && memory_.open < character_.tasks_open_max;
  if (wanted && around_.random.chance(0.8)) return launch(offer);
  Filters filters;
  if (around_.random.chance(0.5)) filters.refuse_duration = around_.between(0s, 20s);
  session_->decline({offer.id}, filters);
}

TaskInfo SchedulerNode::task_for(const Offer& offer, const ExecutorId& executor) {
  TaskInfo task;
  task.id =
      TaskId("i" + std::to_string(memory_.instance) + "t" + std::to_string(++memory_.tasks_named));
  task.name = task.id.value;
  task.agent_id = offer.agent_id;
  task.resources = resources_of_task();
  if (executor.empty()) {
    task.command.emplace();
    task.command->value = "work";
    if (around_.random.chance(0.1)) task.max_completion_time = around_.between(1s, 20s);
    if (around_.random.chance(0.2)) task.health_check = quick_check();
    if (around_.random.chance(0.1)) task.check = quick_check();
  } else {
    task.executor.emplace();
    task.executor->id = executor;
    task.executor->command.value = "executor";
    task.executor->resources = resources_of_executor();
  }
  memory_.tasks[task.id] = {offer.agent_id, TaskState::staging};
  ++memory_.open;
  return task;
}

std::vector<Offer> SchedulerNode::joined(const Offer& offer) {
  std::vector<Offer> offers = {offer};
  std::erase_if(kept_, [&](const Offer& kept) {
    const bool together = kept.agent_id == offer.agent_id && kept.role == offer.role &&
                          kept.id != offer.id && around_.random.chance(0.8);
    if (together) offers.push_back(kept);
    return together;
  });
  return offers;
}

Operation SchedulerNode::conversion(const std::string& role, Resources& left) {
  Resources reserved;
  Resources volumes;
  Resources disks;
  for (const Resource& part : left.others()) {
    if (!part.key.reserved() || !part.key.reservations.back().dynamic) continue;
    (part.key.volume ? volumes : reserved).add(part);
    if (part.key.name != "disk" || part.key.volume) continue;
    Resource disk = part;
    disk.key.volume = Volume{"v" + std::to_string(around_.random.below(1'000)), "data", ""};
    disks.add(std::move(disk));
  }
  const auto becomes = [&](OperationKind kind, Resources what, const Resources& before,
                           const Resources& after) {
    left -= before;
    left += after;
    return Operation{kind, {}, std::move(what)};
  };
  if (!volumes.empty() && around_.random.chance(0.5)) {
    return becomes(OperationKind::destroy, volumes, volumes, *without_volumes(volumes));
  }
  if (!disks.empty() && around_.random.chance(0.5)) {
    return becomes(OperationKind::create, disks, *without_volumes(disks), disks);
  }
  if (!reserved.empty() && around_.random.chance(0.7)) {
    return becomes(OperationKind::unreserve, reserved, reserved, *without_reservation(reserved));
  }
  // A mistake where there is not so much, or the role is "*".
  const Resources& plain = resources_to_reserve();
  const Resources made = with_reservation(plain, {role, true, "", {}});
  const bool possible = role != "*" && left.contains(plain);
  return becomes(OperationKind::reserve, made, possible ? plain : Resources(),
                 possible ? made : Resources());
}

Operation SchedulerNode::launch_operation(const Offer& offer, Resources left) {
  Random& random = around_.random;
  const bool group = random.chance(around_.scenario.work.groups);
  Operation operation;
  operation.kind = group ? OperationKind::launch_group : OperationKind::launch;
  const std::uint64_t count = 1 + random.below(3);
  ExecutorId executor;
  for (std::uint64_t i = 0; i < count; ++i) {
    if ((i == 0 || !group) && random.chance(0.5)) {
      executor = ExecutorId("e" + std::to_string(random.below(2)));
    }
    operation.tasks.push_back(task_for(offer, executor));
    TaskInfo& task = operation.tasks.back();
    if (const auto picked = pick(left, task.resources)) {
      left -= *picked;
      task.resources = *picked;
    }
    if (group || !random.chance(around_.scenario.work.mistakes)) continue;
    task.resources = absurd_resources();
    around_.witness.task_is_impossible({memory_.framework_id, task.id});
  }
  return operation;
}

void SchedulerNode::launch(const Offer& offer) {
  Random& random = around_.random;
  std::vector<OfferId> ids;
  Resources left;
  for (const Offer& used : joined(offer)) {
    ids.push_back(used.id);
    left += used.resources;
  }
  std::vector<Operation> operations;
  if (random.chance(around_.scenario.work.conversions)) {
    operations.push_back(conversion(offer.role, left));
  }
  operations.push_back(launch_operation(offer, std::move(left)));
  Filters filters;
  if (random.chance(0.5)) filters.refuse_duration = around_.between(0s, 5s);
  session_->accept(now(), ids, std::move(operations), filters);
  if (!around_.chance(around_.scenario.work.mistakes)) return;
  // These offers are used up, and more cannot be bought with one that is added.
  if (!kept_.empty() && random.chance(0.5)) ids.push_back(kept_.front().id);
  accept_wrongly(std::move(ids), task_for(offer, {}));
}

void SchedulerNode::accept_wrongly(std::vector<OfferId> offers, TaskInfo task) {
  around_.witness.task_is_impossible({memory_.framework_id, task.id});
  Operation operation;
  operation.kind = OperationKind::launch;
  operation.tasks.push_back(std::move(task));
  session_->accept(now(), std::move(offers), {std::move(operation)}, Filters{});
}

// ---- now and then
// --------------------------------------------------------------------------------

void SchedulerNode::live() {
  around_.timeline.in(around_.between(500ms, 5s), [network = &around_.network, node = id] {
    auto* self = static_cast<SchedulerNode*>(network->find(node));
    if (self == nullptr || self->ended_) return;
    self->act();
    self->end_turn();
    self->live();
  });
}

void SchedulerNode::act() {
  if (around_.calm ? memory_.open > 0 : around_.random.chance(0.3)) ask_about_open_tasks();
  if (around_.calm) return;
  if (around_.random.chance(0.4)) kill_some_task();
  if (around_.random.chance(0.1)) session_->suppress({});
  if (around_.random.chance(0.3)) session_->revive({});
  if (around_.random.chance(0.1)) session_->suppress({character_.roles.back()});
  if (around_.random.chance(0.5)) {
    for (const Offer& offer : std::exchange(kept_, {})) answer(offer);
  }
  if (!around_.random.chance(around_.scenario.work.mistakes)) return;
  session_->revive({"nobody's"});
  session_->decline({OfferId{1'000'000'007}}, Filters{});
  session_->kill(TaskId("never-heard-of"), {});
  session_->send_message(AgentId("c-A1"), ExecutorId("e0"), "hello");
  session_->shutdown_executor(AgentId("c-A2"), ExecutorId("e1"));
}

void SchedulerNode::kill_some_task() {
  for (const auto& [task, known] : memory_.tasks) {
    if (is_terminal(known.state) || !around_.random.chance(0.1)) continue;
    std::optional<KillPolicy> policy;
    if (around_.random.chance(0.3)) policy = KillPolicy{around_.between(0s, 4s)};
    return session_->kill(task, policy);
  }
}

void SchedulerNode::ask_about_open_tasks() {
  if (around_.random.chance(0.5)) session_->reconcile({});
  std::vector<TaskReference> references;
  for (const auto& [task, known] : memory_.tasks) {
    if (!is_terminal(known.state)) references.push_back({task, known.agent});
  }
  if (!references.empty()) session_->reconcile(std::move(references));
}

}  // namespace mesolite::simulation
