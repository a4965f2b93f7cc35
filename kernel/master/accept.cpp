// Accept: what a framework does with offers. The offers are used up in any case: what their
// operations do not take goes back with the filter, and a task that cannot be launched is answered
// with an update that says why.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "kernel/master/access.hpp"
#include "kernel/master/reservations.hpp"
#include "kernel/master/state.hpp"
#include "kernel/master/tasks.hpp"
#include "kernel/master/validation.hpp"

namespace mesolite::master {

namespace {

using ExecutorsByName = std::unordered_map<std::string_view, const ExecutorLaunch*>;

// The offers of one Accept, together.
class Basket {
 public:
  Basket(State& state, Framework& framework, const OfferRecord& first)
      : state_(state), framework_(framework), agent_(*first.agent), role_(first.role) {}

  void add(OfferRecord& offer) { left_ += take_offer(state_, offer); }

  void launch(std::vector<TaskLaunch> tasks, const ExecutorsByName& executors);
  void launch_group(std::vector<TaskLaunch> tasks, const ExecutorsByName& executors);
  // None of them is launched, and each is told why.
  void refuse(const std::vector<TaskLaunch>& tasks, const std::string& problem) {
    for (const TaskLaunch& task : tasks) {
      answer(task, TaskState::error, UpdateReason::task_invalid, problem);
    }
  }
  // Reserves, unreserves, creates or destroys; why not, or "".
  std::string operate(OperationKind kind, const Resources& resources);

  // What is left goes back.
  void release(std::optional<Time> until) {
    state_.allocation.released(holding(std::exchange(left_, {})), until);
  }

 private:
  Holding holding(Resources resources) const {
    return {framework_.handle, role_, agent_.handle, std::move(resources)};
  }
  // Why a task cannot be launched with what is left, or "" if it can. `need` becomes what it takes,
  // its executor with it where that is to be started.
  std::string problem_of(const TaskLaunch& task, const ExecutorsByName& executors,
                         Resources& need) const;
  // Why it may not run as the user that it names, or "".
  std::string user_problem(const TaskLaunch& task, const ExecutorsByName& executors) const;
  std::string executor_problem(const TaskLaunch& task, const ExecutorsByName& executors,
                               Resources& need) const;
  const Executor* running_executor(const ExecutorId& id) const {
    const auto found = agent_.executors.find(ExecutorKey(framework_.handle, id));
    return found == agent_.executors.end() ? nullptr : &found->second;
  }
  // REQUIRES: problem_of() had nothing to say.
  void book(TaskLaunch task, const ExecutorsByName& executors, RunTasks& message);
  // Where the next task to launch is written: with what is on its way to the agent already, if it
  // is of the same framework and role.
  RunTasks& outgoing(bool group);
  void answer(const TaskLaunch& task, TaskState task_state, UpdateReason reason,
              std::string message);

  State& state_;
  Framework& framework_;
  Agent& agent_;
  const RoleHandle role_;
  Resources left_;
};

// Looks into what is packed only if somebody may be denied something.
std::string Basket::user_problem(const TaskLaunch& task, const ExecutorsByName& executors) const {
  constexpr auto action = authorization::Action::run_task_as_user;
  if (state_.configuration.acls.allows_all(action)) return "";
  const auto refused = [&](const CommandInfo* command) -> std::string {
    if (command == nullptr || command->user.empty()) return "";  // the framework's, as it came in
    return refusal(state_, framework_, action, command->user);
  };
  const auto info = unpack(task);
  if (!info) return info.error().message;
  std::string denied = refused(info->command ? &*info->command : nullptr);
  const auto found = executors.find(task.executor_id.value);
  if (!denied.empty() || found == executors.end()) return denied;
  const auto executor = unpack(*found->second);
  return executor ? refused(&executor->command) : executor.error().message;
}

std::string Basket::executor_problem(const TaskLaunch& task, const ExecutorsByName& executors,
                                     Resources& need) const {
  if (task.executor_id.empty()) return "";
  if (const Executor* running = running_executor(task.executor_id)) {
    if (running->role == role_) return "";
    return "executor_id: '" + task.executor_id.value + "' runs there in the role '" +
           state_.roles[running->role].name + "', but the offers are to '" +
           state_.roles[role_].name + "'";
  }
  if (!valid_id(task.executor_id.value)) {
    return "executor_id: is not 1 to 128 of letters, digits and . _ : -";
  }
  const auto found = executors.find(task.executor_id.value);
  if (found == executors.end()) {
    return "executor_id: '" + task.executor_id.value +
           "' does not run there and is not one of the request's executors";
  }
  const std::string problem = found->second->resources.invalid();
  if (!problem.empty()) return "executor '" + task.executor_id.value + "': resources: " + problem;
  need += found->second->resources;
  return "";
}

std::string Basket::problem_of(const TaskLaunch& task, const ExecutorsByName& executors,
                               Resources& need) const {
  if (!valid_id(task.id.value)) return "id: is not 1 to 128 of letters, digits and . _ : -";
  if (!task.agent_id.empty() && task.agent_id != agent_.info.id) {
    return "agent_id: is " + task.agent_id.value + ", but the offers are of " +
           agent_.info.id.value;
  }
  if (find_task(framework_, task.id) != nullptr || framework_.unreachable_tasks.contains(task.id)) {
    return "id: '" + task.id.value + "' names a task that has not ended yet";
  }
  if (framework_.tasks.size() >= state_.configuration.tasks_per_framework_max) {
    return "the framework has " + std::to_string(framework_.tasks.size()) +
           " tasks already, which is the most it may have";
  }
  std::string problem = invalid_text("name", task.name);
  if (problem.empty()) problem = invalid_notes(task.notes);
  if (!problem.empty()) return problem;
  problem = task.resources.invalid();
  if (!problem.empty()) return "resources: " + problem;
  if (task.resources.empty()) return "resources: are none";
  need = task.resources;
  const std::string of_executor = executor_problem(task, executors, need);
  if (!of_executor.empty()) return of_executor;
  if (left_.contains(need)) return "";
  return "resources: takes " + need.to_text() + ", but the offers have " +
         (left_.empty() ? "nothing" : left_.to_text()) + " left";
}

void Basket::answer(const TaskLaunch& task, TaskState task_state, UpdateReason reason,
                    std::string message) {
  TaskStatus status =
      master_status(state_, task.id, agent_.info.id, {task_state, reason, std::move(message)});
  status.executor_id = task.executor_id;
  send_status(state_, framework_, std::move(status));
}

RunTasks& Basket::outgoing(bool group) {
  Peer& peer = *state_.peers.find(agent_.peer);
  const std::string& role = state_.roles[role_].name;
  const auto fits = [&](const RunTasks& last) {
    return !group && !last.group && last.tasks.size() < gathered_items_max &&
           last.framework.id == framework_.info.id && last.role == role;
  };
  RunTasks& message = state_.peers.gather<RunTasks>(peer, fits);
  if (message.tasks.empty()) {
    message.framework = framework_.info;
    message.role = role;
    message.group = group;
  }
  return message;
}

void Basket::book(TaskLaunch task, const ExecutorsByName& executors, RunTasks& message) {
  if (!task.executor_id.empty() && running_executor(task.executor_id) == nullptr) {
    // Described to the agent only when it is to be started: an executor that ended meanwhile is not
    // started anew behind the master's back.
    const ExecutorLaunch& executor = *executors.at(task.executor_id.value);
    message.executors.push_back(executor);
    left_ -= executor.resources;
    add_executor(agent_, framework_, task.executor_id, {role_, executor.resources});
  }
  left_ -= task.resources;
  task.agent_id = agent_.info.id;
  TaskLaunch kept;  // what the master remembers: all but the detail
  kept.id = task.id;
  kept.executor_id = task.executor_id;
  kept.resources = task.resources;
  kept.name = task.name;
  kept.notes = task.notes;
  add_task(framework_, agent_, std::move(kept), role_, TaskState::staging);
  ++state_.counters.tasks_launched;
  message.tasks.push_back(std::move(task));
}

void Basket::launch(std::vector<TaskLaunch> tasks, const ExecutorsByName& executors) {
  for (TaskLaunch& task : tasks) {
    Resources need;
    std::string problem = problem_of(task, executors, need);
    std::string denied = problem.empty() ? user_problem(task, executors) : "";
    if (!denied.empty()) {
      answer(task, TaskState::error, UpdateReason::task_unauthorized, std::move(denied));
    } else if (problem.empty()) {
      book(std::move(task), executors, outgoing(false));
    } else {
      answer(task, TaskState::error, UpdateReason::task_invalid, std::move(problem));
    }
  }
}

// All or none: what one task lacks, the others do not get.
void Basket::launch_group(std::vector<TaskLaunch> tasks, const ExecutorsByName& executors) {
  const Resources before = left_;
  std::string problem;
  std::size_t culprit = 0;
  std::unordered_map<std::string_view, bool> ids;
  for (std::size_t i = 0; i < tasks.size() && problem.empty(); ++i) {
    culprit = i;
    Resources need;
    problem = problem_of(tasks[i], executors, need);
    if (problem.empty()) problem = user_problem(tasks[i], executors);
    if (!problem.empty()) break;
    if (tasks[i].executor_id != tasks[0].executor_id) {
      problem = "executor_id: a group has one executor for all its tasks";
    } else if (!ids.emplace(tasks[i].id.value, true).second) {
      problem = "id: stands twice in the group";
    } else {
      // The executor is started once: it counts with the first task.
      left_ -= i == 0 ? need : tasks[i].resources;
    }
  }
  left_ = before;
  for (std::size_t i = 0; i < tasks.size() && !problem.empty(); ++i) {
    const bool own = i == culprit;
    answer(tasks[i], TaskState::error,
           own ? UpdateReason::task_invalid : UpdateReason::task_group_failed,
           own ? problem : "task '" + tasks[culprit].id.value + "' of its group: " + problem);
  }
  if (!problem.empty() || tasks.empty()) return;
  RunTasks& message = outgoing(true);
  for (TaskLaunch& task : tasks) book(std::move(task), executors, message);
}

std::string Basket::operate(OperationKind kind, const Resources& resources) {
  using authorization::Action;
  const bool of_volumes = kind == OperationKind::create || kind == OperationKind::destroy;
  std::string denied =
      refusal(state_, framework_, of_volumes ? Action::create_volume : Action::reserve,
              state_.roles[role_].name);
  if (!denied.empty()) return denied;
  const Claim claim{framework_.info.principal, state_.roles[role_].name};
  const auto conversion = conversion_of(kind, resources, agent_, claim);
  if (!conversion) return conversion.error().message;
  if (!left_.contains(conversion->before)) {
    return "takes " + conversion->before.to_text() + ", but the offers have " +
           (left_.empty() ? "nothing" : left_.to_text()) + " left";
  }
  left_ -= conversion->before;
  left_ += conversion->after;
  // The framework holds it before and after, as something else.
  state_.allocation.held(holding(conversion->after));
  state_.allocation.released(holding(conversion->before));
  convert(state_, agent_, *conversion);
  return "";
}

// ---- the request
// ---------------------------------------------------------------------------------

std::string invalid_executors(const std::vector<ExecutorLaunch>& executors) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < executors.size(); ++i) {
    const std::string& id = executors[i].id.value;
    if (!seen.insert(id).second) {
      return list_item("executors", i) + "id: '" + id + "' stands twice";
    }
  }
  return "";
}

// Why these offers cannot be used together, or "".
std::string problem_of(const State& state, const Framework& framework,
                       const std::vector<OfferId>& ids) {
  if (ids.empty()) return "offers: are none";
  const OfferRecord* first = nullptr;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::string field = "offers[" + std::to_string(i) + "]: ";
    const OfferRecord* offer = state.offers.find(ids[i]);
    if (offer == nullptr || offer->framework != &framework) {
      return field + std::to_string(ids[i].value) +
             " is not, or is no longer, an offer to this framework";
    }
    if (first == nullptr) first = offer;
    if (offer->agent != first->agent) return field + "is of another agent than the first";
    if (offer->role != first->role) return field + "is of another role than the first";
    if (std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(i), ids[i]) !=
        ids.begin() + static_cast<std::ptrdiff_t>(i)) {
      return field + "stands twice";
    }
  }
  return "";
}

// The offers that are there go back, and each task hears that it will not be launched.
void refuse(State& state, Framework& framework, const Accept& request, const std::string& problem) {
  refuse_request(state, framework, "Accept", problem);
  const std::optional<Time> until = refused_until(state, request.filters);
  for (const OfferId id : request.offers) {
    OfferRecord* offer = state.offers.find(id);
    if (offer != nullptr && offer->framework == &framework) return_offer(state, *offer, until);
  }
  const TaskState told = for_framework(framework, TaskState::dropped);
  for (const PackedOperation& operation : request.operations) {
    for (const TaskLaunch& task : operation.tasks) {
      TaskStatus status = master_status(state, task.id, task.agent_id,
                                        {told, UpdateReason::invalid_offers, problem});
      status.executor_id = task.executor_id;
      send_status(state, framework, std::move(status));
    }
  }
}

// Why an operation cannot be carried out, or ""; of tasks, updates tell.
std::string apply(Basket& basket, PackedOperation operation, const ExecutorsByName& executors) {
  switch (operation.kind) {
    case OperationKind::launch:
      basket.launch(std::move(operation.tasks), executors);
      return "";
    case OperationKind::launch_group:
      basket.launch_group(std::move(operation.tasks), executors);
      return "";
    case OperationKind::reserve:
    case OperationKind::unreserve:
    case OperationKind::create:
    case OperationKind::destroy: {
      const std::string problem = basket.operate(operation.kind, operation.resources);
      return problem.empty() ? "" : "resources: " + problem;
    }
    default: {
      const std::string problem =
          "kind: '" + std::string(to_text(operation.kind)) + "' is not supported by this master";
      basket.refuse(operation.tasks, problem);
      return problem;
    }
  }
}

}  // namespace

void accept_offers(State& state, Framework& framework, Accept request) {
  std::string problem = problem_of(state, framework, request.offers);
  if (problem.empty()) problem = invalid_executors(request.executors);
  if (!problem.empty()) return refuse(state, framework, request, problem);
  ExecutorsByName executors;
  for (const ExecutorLaunch& executor : request.executors) {
    executors.try_emplace(executor.id.value, &executor);
  }
  Basket basket(state, framework, *state.offers.find(request.offers.front()));
  for (const OfferId id : request.offers) {
    ++state.counters.offers_accepted;
    basket.add(*state.offers.find(id));
  }
  for (std::size_t i = 0; i < request.operations.size(); ++i) {
    const std::string wrong = apply(basket, std::move(request.operations[i]), executors);
    if (!wrong.empty()) {
      refuse_request(state, framework, "Accept", list_item("operations", i) + wrong);
    }
  }
  basket.release(refused_until(state, request.filters));
}

}  // namespace mesolite::master
