#include "kernel/master/allocation.hpp"

#include <algorithm>

#include "kernel/master/state.hpp"

namespace mesolite::master {

Allocation::Allocation(const Configuration& configuration)
    : interval_(configuration.allocation_interval) {
  changes_.settings = AllocatorSettings{configuration.minimum_allocatable,
                                        configuration.fair_sharing_excluded, configuration.seed};
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
  return role;
}

AgentState agent_state(const Agent& agent) {
  return {agent.handle,         agent.info.id,         agent.info.hostname,
          agent.info.resources, agent.info.attributes, agent.connected()};
}

FrameworkState framework_state(const Framework& framework) {
  return {framework.handle,     framework.info.id,          framework.info.name,
          framework.roles,      framework.suppressed_roles, framework.info.capabilities,
          framework.connected()};
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
  if (changed()) return std::max(now, not_before_);
  if (deadline_) return std::max(*deadline_, not_before_);
  return std::nullopt;
}

void Allocation::call(State& state) {
  under_way_ = take_changes(state);
  deadline_.reset();
  not_before_ = after(state.now, interval_);
  ++state.counters.allocations;
  state.outbox->emplace_back(Allocate{{state.now, *under_way_, false}});
}

// ---- the answer
// ----------------------------------------------------------------------------------

void Allocation::answered(State& state, const Result<AllocateResponse>& response) {
  if (!under_way_) return;  // an answer that nobody asked for
  AllocatorChanges told = std::move(*under_way_);
  under_way_.reset();
  if (!response) {
    note(state, Severity::error, "allocator_failed", {{"error", response.error().message}});
    prepend(changes_, std::move(told));
    not_before_ = after(state.now, allocator_pause);
    deadline_ = not_before_;
    return;
  }
  for (const Holding& holding : response->allocations) offer(state, holding);
  if (response->next_deadline) {
    // An allocator that asks for the past would keep us calling without end.
    deadline_ = std::max(*response->next_deadline, after(state.now, 1ms));
  }
}

namespace {

// Why a holding cannot become an offer, or "" if it can.
std::string problem_of(const Framework& framework, const Agent& agent, const Holding& holding) {
  if (!framework.connected()) return "the framework is not connected";
  if (!agent.connected()) return "the agent is not connected";
  const auto& roles = framework.roles;
  if (std::find(roles.begin(), roles.end(), holding.role) == roles.end()) {
    return "the role is none of the framework's";
  }
  const std::string invalid = holding.resources.invalid();
  if (!invalid.empty()) return invalid;
  if (holding.resources.empty()) return "nothing is given";
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
  const std::string problem = problem_of(*framework, *agent, holding);
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

}  // namespace mesolite::master
