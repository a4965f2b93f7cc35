#include "kernel/master/allocation.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "kernel/master/state.hpp"

namespace mesolite::master {

Allocation::Allocation(const Configuration& configuration)
    : interval_(configuration.allocation_interval),
      settings_{configuration.minimum_allocatable, configuration.fair_sharing_excluded,
                configuration.seed, configuration.filter_gpu_resources} {
  changes_.settings = settings_;
}

// ---- what changes
// --------------------------------------------------------------------------------

void Allocation::role_changed(RoleHandle role) {
  roles_.push_back(role);
}

void Allocation::agent_changed(Agent& agent) {
  if (!std::exchange(agent.told.listed, true)) agents_.push_back(agent.handle);
}

void Allocation::framework_changed(Framework& framework) {
  if (!std::exchange(framework.told.listed, true)) frameworks_.push_back(framework.handle);
}

void Allocation::held(Holding holding) {
  changes_.held.push_back(std::move(holding));
}

void Allocation::released(Holding holding, std::optional<Time> refused_until) {
  if (holding.resources.empty()) return;
  if (!refused_until && !changes_.released.empty()) {
    // Tasks end by the hundred: what one framework leaves on one agent is told as one.
    Release& last = changes_.released.back();
    Holding& of = last.holding;
    if (!last.refused_until && of.framework == holding.framework && of.role == holding.role &&
        of.agent == holding.agent) {
      of.resources += holding.resources;
      return;
    }
  }
  changes_.released.push_back({std::move(holding), refused_until});
}

void Allocation::interest(Interest interest) {
  changes_.interests.push_back(std::move(interest));
}

void Allocation::agent_removed(const Agent& agent) {
  if (agent.told.known) std::erase(agents_, agent.handle);
  changes_.agents_removed.push_back(agent.handle);
}

void Allocation::framework_removed(const Framework& framework) {
  if (framework.told.known) std::erase(frameworks_, framework.handle);
  changes_.frameworks_removed.push_back(framework.handle);
}

bool Allocation::changed() const {
  return !roles_.empty() || !agents_.empty() || !frameworks_.empty() || !changes_.held.empty() ||
         !changes_.released.empty() || !changes_.interests.empty() ||
         !changes_.agents_removed.empty() || !changes_.frameworks_removed.empty();
}

// ---- telling
// -------------------------------------------------------------------------------------

namespace {

RoleState role_state(const State& state, RoleHandle handle) {
  RoleState role;
  role.handle = handle;
  role.name = state.roles[handle].name;
  role.weight = state.roles[handle].weight;
  role.guarantee = state.roles[handle].guarantee;
  role.limit = state.roles[handle].limit;
  return role;
}

AgentState agent_state(const Agent& agent) {
  return {agent.handle,         agent.info.id,         agent.info.hostname,
          agent.info.resources, agent.info.attributes, agent.offerable()};
}

FrameworkState framework_state(const Framework& framework) {
  return {framework.handle,     framework.info.id,          framework.info.name,
          framework.roles,      framework.suppressed_roles, framework.info.capabilities,
          framework.connected()};
}

// Who holds how much of an agent: offers, tasks (orphans too) and executors.
void tell_holdings(const Agent& agent, std::vector<Holding>& holdings) {
  std::map<std::pair<FrameworkHandle, RoleHandle>, Resources> held;
  for (const OfferRecord& offer : agent.offers) {
    held[{offer.framework->handle, offer.role}] += offer.resources;
  }
  for (const Task& task : agent.tasks) {
    if (!is_terminal(task.state)) held[{task.framework->handle, task.role}] += task.resources;
  }
  for (const auto& [key, executor] : agent.executors) {
    held[{key.first, executor.role}] += executor.resources;
  }
  for (auto& [who, resources] : held) {
    if (resources.empty()) continue;
    holdings.push_back({who.first, who.second, agent.handle, std::move(resources)});
  }
}

// All that an allocator can be told, but for what was declined: a fresh one may offer it again
// before its time.
AllocatorChanges everything(const State& state, const AllocatorSettings& settings) {
  AllocatorChanges changes;
  changes.settings = settings;
  for (std::uint64_t role = 1; role <= state.roles.size(); ++role) {
    changes.roles.push_back(role_state(state, RoleHandle{role}));
  }
  state.agents.for_each([&](const Agent& agent) {
    changes.agents.push_back(agent_state(agent));
    tell_holdings(agent, changes.held);
  });
  state.frameworks.for_each([&](const Framework& framework) {
    changes.frameworks.push_back(framework_state(framework));
  });
  return changes;
}

template <class T>
void prepend(std::vector<T>& items, std::vector<T> earlier) {
  if (earlier.empty()) return;
  earlier.insert(earlier.end(), std::make_move_iterator(items.begin()),
                 std::make_move_iterator(items.end()));
  items = std::move(earlier);
}

// What was told in vain, and then what has changed since.
void prepend(AllocatorChanges& changes, AllocatorChanges earlier) {
  if (!changes.settings) changes.settings = std::move(earlier.settings);
  prepend(changes.roles, std::move(earlier.roles));
  prepend(changes.agents, std::move(earlier.agents));
  prepend(changes.frameworks, std::move(earlier.frameworks));
  prepend(changes.held, std::move(earlier.held));
  prepend(changes.released, std::move(earlier.released));
  prepend(changes.interests, std::move(earlier.interests));
  prepend(changes.frameworks_removed, std::move(earlier.frameworks_removed));
  prepend(changes.agents_removed, std::move(earlier.agents_removed));
}

// Interests are applied after framework states, which are read when they are told: what an interest
// says and a later request has taken back is left out.
void settle(const State& state, std::vector<Interest>& interests) {
  for (Interest& interest : interests) {
    const Framework* framework = state.frameworks.find(interest.framework);
    std::erase_if(interest.roles, [&](RoleHandle role) {
      if (framework == nullptr) return true;
      const auto& suppressed = framework->suppressed_roles;
      const bool wanted = std::find(suppressed.begin(), suppressed.end(), role) == suppressed.end();
      return wanted != interest.wanted;
    });
  }
  std::erase_if(interests, [](const Interest& interest) { return interest.roles.empty(); });
}

}  // namespace

AllocatorChanges Allocation::take_changes(State& state) {
  AllocatorChanges changes = std::exchange(changes_, {});
  settle(state, changes.interests);
  for (const RoleHandle role : std::exchange(roles_, {})) {
    changes.roles.push_back(role_state(state, role));
  }
  // Something that was removed before it could ever be told of is told as far as its handle, so
  // that all that refers to it means something until its removal is read.
  for (const AgentHandle handle : std::exchange(agents_, {})) {
    Agent* agent = state.agents.find(handle);
    AgentState gone;
    gone.handle = handle;
    gone.active = false;
    changes.agents.push_back(agent != nullptr ? agent_state(*agent) : std::move(gone));
    if (agent != nullptr) agent->told = {.known = true, .listed = false};
  }
  for (const FrameworkHandle handle : std::exchange(frameworks_, {})) {
    Framework* framework = state.frameworks.find(handle);
    FrameworkState gone;
    gone.handle = handle;
    gone.active = false;
    changes.frameworks.push_back(framework != nullptr ? framework_state(*framework)
                                                      : std::move(gone));
    if (framework != nullptr) framework->told = {.known = true, .listed = false};
  }
  return changes;
}

std::optional<Time> Allocation::next_call(Time now) const {
  if (under_way_) return std::nullopt;
  if (reload_phase_ == ReloadPhase::ready) return now;
  if (rebuild_due_ || changed()) return std::max(now, not_before_);
  if (deadline_) return std::max(*deadline_, not_before_);
  return std::nullopt;
}

void Allocation::call(State& state) {
  const bool candidate = reload_phase_ == ReloadPhase::ready;
  under_way_ = Call{take_changes(state), rebuild_due_ || candidate, candidate};
  if (candidate) reload_phase_ = ReloadPhase::asked;
  if (!candidate) {
    rebuild_due_ = false;
    deadline_.reset();
    not_before_ = after(state.now, interval_);
  }
  ++state.counters.allocations;
  Allocate output{{state.now, {}, false}, under_way_->rebuild, candidate};
  output.request.changes = under_way_->rebuild ? everything(state, settings_) : under_way_->told;
  state.outbox->emplace_back(std::move(output));
}

// ---- the answer
// ----------------------------------------------------------------------------------

void Allocation::answered(State& state, const Allocated& answer) {
  if (!under_way_) return;  // an answer that nobody asked for
  Call call = std::move(*under_way_);
  under_way_.reset();
  if (call.candidate) return candidate_answered(state, std::move(call), answer.response);
  if (!answer.response) return call_failed(state, call, answer);
  if (call.rebuild) {
    note(state, Severity::info, "allocator_rebuilt",
         {{"agents", std::to_string(state.agents.size())},
          {"frameworks", std::to_string(state.frameworks.size())}});
  }
  take_in(state, *answer.response);
}

void Allocation::call_failed(State& state, const Call& failed, const Allocated& answer) {
  if (answer.forgotten) {
    // If it has been started again meanwhile, there is nothing to wait for.
    if (!rebuild_due_) not_before_ = after(state.now, allocator_pause);
    rebuild_due_ = true;
    return;
  }
  note(state, Severity::error, "allocator_failed", {{"error", answer.response.error().message}});
  rebuild_due_ = rebuild_due_ || failed.rebuild;
  prepend(changes_, failed.told);
  not_before_ = after(state.now, allocator_pause);
  deadline_ = not_before_;
}

void Allocation::started(State& state) {
  rebuild_due_ = true;
  not_before_ = state.now;
}

void Allocation::take_in(State& state, const AllocateResponse& response) {
  for (const Holding& holding : response.allocations) offer(state, holding);
  if (response.next_deadline) {
    // An allocator that asks for the past would keep us calling without end.
    deadline_ = std::max(*response.next_deadline, after(state.now, 1ms));
  }
}

namespace {

// Why a holding cannot become an offer, or "" if it can.
std::string problem_of(const State& state, const Framework& framework, const Agent& agent,
                       const Holding& holding) {
  if (!framework.connected()) return "the framework is not connected";
  if (!agent.offerable()) return "nothing of the agent is to be offered";
  const auto& roles = framework.roles;
  if (std::find(roles.begin(), roles.end(), holding.role) == roles.end()) {
    return "the role is none of the framework's";
  }
  const std::string invalid = holding.resources.invalid();
  if (!invalid.empty()) return invalid;
  if (holding.resources.empty()) return "nothing is given";
  const std::string& role = state.roles[holding.role].name;
  if (holding.resources.available_to(role) != holding.resources) {
    return "gives what is reserved to others than '" + role + "'";
  }
  const Resources free = free_resources(agent);
  if (!free.contains(holding.resources)) {
    return "gives " + holding.resources.to_text() + " where " +
           (free.empty() ? "nothing" : free.to_text()) + " is free";
  }
  return "";
}

}  // namespace

void Allocation::offer(State& state, const Holding& holding) {
  Framework* framework = state.frameworks.find(holding.framework);
  Agent* agent = state.agents.find(holding.agent);
  if (agent == nullptr) return;  // its removal, told next, takes the holding with it
  if (framework == nullptr) {
    const auto& removed = changes_.frameworks_removed;
    const bool meanwhile =
        std::find(removed.begin(), removed.end(), holding.framework) != removed.end();
    return meanwhile ? released(holding) : refuse(state, holding, "the framework is not known");
  }
  const std::string problem = problem_of(state, *framework, *agent, holding);
  if (problem.empty()) {
    return make_offer(state, *framework, *agent, holding.role, holding.resources);
  }
  // What has changed while the call was under way is no mistake of the allocator.
  const bool meanwhile = !framework->told.current() || !agent->told.current();
  meanwhile ? released(holding) : refuse(state, holding, problem);
}

void Allocation::refuse(State& state, const Holding& holding, const std::string& problem) {
  ++state.counters.allocations_refused;
  note(state, Severity::error, "allocation_refused",
       {{"agent", std::to_string(holding.agent.value)},
        {"framework", std::to_string(holding.framework.value)},
        {"problem", problem}});
  // It is told that this is free again, but not at once: the same mistake would come without end.
  released(holding);
  not_before_ = std::max(not_before_, after(state.now, allocator_pause));
}

// ---- replacement
// ---------------------------------------------------------------------------------

namespace {

// Why the first answer of an allocator speaks against it, or "". What has changed since it was
// asked does not.
std::string problem_of(const State& state, const AllocateResponse& response) {
  std::map<AgentHandle, Resources> given;
  for (const Holding& holding : response.allocations) {
    const Framework* framework = state.frameworks.find(holding.framework);
    const Agent* agent = state.agents.find(holding.agent);
    if (framework == nullptr || agent == nullptr) continue;
    Resources& sum = given[holding.agent];
    std::string problem = problem_of(state, *framework, *agent, holding);
    if (problem.empty() && !free_resources(*agent).contains(sum + holding.resources)) {
      problem = "gives " + (sum + holding.resources).to_text() + " where " +
                free_resources(*agent).to_text() + " is free";
    }
    sum += holding.resources;
    const bool settled = framework->told.current() && agent->told.current();
    if (!problem.empty() && settled) return agent->info.id.value + ": " + problem;
  }
  return "";
}

}  // namespace

Status Allocation::reload(State& state, Reload reload) {
  if (reload_phase_ != ReloadPhase::none) {
    return failure("another allocator is being loaded: try again when that is over");
  }
  reload_phase_ = ReloadPhase::loading;
  reload_ = std::move(reload);
  state.outbox->emplace_back(LoadAllocator{reload_.name});
  return {};
}

void Allocation::loaded(State& state, const Result<std::string>& title) {
  if (reload_phase_ != ReloadPhase::loading) return;  // that nobody asked for
  if (!title) return finish_reload(state, failure("name", title.error()));
  candidate_ = *title;
  reload_phase_ = ReloadPhase::ready;
}

void Allocation::candidate_answered(State& state, Call call,
                                    const Result<AllocateResponse>& response) {
  std::string problem = response ? "" : response.error().message;
  if (response) {
    problem = problem_of(state, *response);
    if (!problem.empty()) problem = candidate_ + ": its first answer makes no sense: " + problem;
  }
  state.outbox->emplace_back(SeatAllocator{problem.empty()});
  if (!problem.empty()) {
    prepend(changes_, std::move(call.told));  // of which the one that serves knows nothing yet
    return finish_reload(state, failure(problem));
  }
  rebuild_due_ = false;
  deadline_.reset();
  take_in(state, *response);
  finish_reload(state, "the allocator is now " + candidate_ + ", and knows of " +
                           std::to_string(state.agents.size()) + " agents and " +
                           std::to_string(state.frameworks.size()) + " frameworks");
}

void Allocation::finish_reload(State& state, const Answer& answer) {
  reload_phase_ = ReloadPhase::none;
  if (answer) {
    note(state, Severity::info, "allocator_replaced", {{"allocator", candidate_}});
  } else {
    note(state, Severity::error, "allocator_not_replaced", {{"problem", answer.error().message}});
  }
  answer_question(state, reload_.question, answer);
}

}  // namespace mesolite::master
