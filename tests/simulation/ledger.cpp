#include "tests/simulation/ledger.hpp"

#include <set>

namespace mesolite::simulation {

namespace {

Ledger::Key key_of(const Holding& holding) {
  return {holding.agent, holding.framework, holding.role};
}

}  // namespace

void Ledger::give(const Holding& holding) {
  held_[key_of(holding)] += holding.resources;
}

void Ledger::take(const Holding& holding) {
  Resources& held = held_[key_of(holding)];
  if (!held.contains(holding.resources)) {
    problem_ = "the allocator is told of a release of what it does not hold: " +
               holding.resources.to_text() + " of " + held.to_text();
    return;
  }
  held -= holding.resources;
  if (held.empty()) held_.erase(key_of(holding));
}

void Ledger::told(const AllocatorChanges& changes) {
  for (const RoleState& role : changes.roles) roles_[role.handle] = role;
  for (const Holding& holding : changes.held) give(holding);
  for (const Release& release : changes.released) {
    if (problem_.empty()) take(release.holding);
  }
  const std::set<AgentHandle> removed(changes.agents_removed.begin(), changes.agents_removed.end());
  if (removed.empty()) return;
  std::erase_if(held_,
                [&](const auto& entry) { return removed.contains(std::get<0>(entry.first)); });
}

void Ledger::answered(const AllocateResponse& response) {
  for (const Holding& holding : response.allocations) give(holding);
  check_limits(response);
}

Resources Ledger::held_within(const RoleState& role) const {
  Resources sum;
  for (const auto& [key, resources] : held_) {
    const auto holder = roles_.find(std::get<2>(key));
    if (holder != roles_.end() && role_within(holder->second.name, role.name))
      sum += resources.unreserved();
  }
  return sum;
}

// What is reserved to a role is its own, whether it holds it or not; what is not, is limited.
// A limit may be set below what is held; then nothing more is given, and that is all.
void Ledger::check_limits(const AllocateResponse& response) {
  for (const auto& [handle, role] : roles_) {
    if (!role.limit) continue;
    Resources given;
    for (const Holding& holding : response.allocations) {
      const auto holder = roles_.find(holding.role);
      const bool within = holder != roles_.end() && role_within(holder->second.name, role.name);
      if (within) given += holding.resources.unreserved();
    }
    if (given.empty()) continue;
    const Resources held = held_within(role);
    for (const std::string_view name : scalar_names) {
      const std::int64_t limit = role.limit->scalar(name);
      if (limit == 0 || given.scalar(name) == 0 || held.scalar(name) <= limit) continue;
      problem_ = "role " + role.name + " holds " + held.to_text() + ", above its limit of " +
                 role.limit->to_text();
    }
  }
}

}  // namespace mesolite::simulation
