// The half of Ledger that answers. Included by ledger.hpp, not by anyone else.
#pragma once

#include <algorithm>

#include "mesolite/base/check.hpp"
#include "mesolite/module/ledger.hpp"

namespace mesolite {

inline IndexSet Ledger::take_touched() {
  all_touched_ = quota_loosened() || all_touched_;
  IndexSet result = all_touched_ ? offerable_ : std::move(touched_);
  result &= offerable_;
  touched_.clear();
  all_touched_ = false;
  return result;
}

inline void Ledger::candidates(Index index, IndexSet& result) {
  const Agent& agent = agents_[index];
  result = willing_;
  if (agent.has_gpus && settings_.filter_gpu_resources) result &= gpu_capable_;
  if (agent.has_reserved) {
    keep_reserved(agent, result);
  } else if (tree_.bounded() && !agent.has_special) {
    keep_within_quota(result);
  }
  agent.refusals.remove_refusing(agent.free, result);
}

inline Resources Ledger::offer(Index agent_index, Index client_index) {
  const Agent& agent = agents_[agent_index];
  Resources part = usable(agent.free, agent_index, client_index);
  if (tree_.bounded()) part = cut(client_index, part);
  if (!worth_offering(part) || agent.refusals.refuses(client_index, part)) return {};
  return part;
}

inline Resources Ledger::usable(const Resources& resources, Index agent_index,
                                Index client_index) const {
  const Agent& agent = agents_[agent_index];
  const Client& client = clients_[client_index];
  if (!agent.has_reserved && !agent.has_special) return resources;
  Resources part = resources.available_to(roles_[client.role].state.name);
  if (!agent.has_special) return part;
  const bool revocable = has(client, FrameworkCapability::revocable_resources);
  const bool shared = has(client, FrameworkCapability::shared_resources);
  std::vector<Resource> others = part.others();
  std::erase_if(others, [&](const Resource& resource) {
    return (resource.key.revocable && !revocable) || (resource.key.shared && !shared);
  });
  return Resources::assemble(part.plain(), std::move(others));
}

inline Holding Ledger::allocate(Index agent_index, Index client_index, const Resources& resources) {
  Agent& agent = agents_[agent_index];
  const Client& client = clients_[client_index];
  MESOLITE_CHECK(agent.free.contains(resources), "what is allocated is free");
  give(agent, client_index, resources);
  update_offerable(agent_index);
  return {frameworks_[client.framework].state.handle, roles_[client.role].state.handle,
          agent.state.handle, resources};
}

inline std::optional<Time> Ledger::next_deadline() const {
  return expiries_.empty() ? std::nullopt : std::optional(expiries_.top().at);
}

inline bool Ledger::counts(std::string_view name) const {
  const auto& excluded = settings_.fair_sharing_excluded;
  return std::find(excluded.begin(), excluded.end(), name) == excluded.end();
}

// When all that is worth an offer is reserved, only the roles it is reserved to, and those below
// them, can be asked.
inline void Ledger::keep_reserved(const Agent& agent, IndexSet& result) const {
  if (worth_offering(agent.free.unreserved())) return;
  IndexSet able;
  for (const Role& role : roles_) {
    if (worth_offering(agent.free.available_to(role.state.name))) able |= role.clients;
  }
  result &= able;
}

inline bool Ledger::worth_offering(const Resources& resources) const {
  if (resources.empty()) return false;
  const auto reached = [&](const Resources& least) {
    for (std::size_t i = 0; i < scalar_count; ++i) {
      const std::int64_t wanted = least.plain()[i];
      if (resources.plain()[i] < wanted && resources.scalar(scalar_names[i]) < wanted) return false;
    }
    return std::all_of(least.others().begin(), least.others().end(), [&](const Resource& resource) {
      return resources.scalar(resource.key.name) >= resource.amount;
    });
  };
  const auto& minimum = settings_.minimum_allocatable;
  return minimum.empty() || std::any_of(minimum.begin(), minimum.end(), reached);
}

inline bool Ledger::wants(const Client& client) const {
  const Framework& framework = frameworks_[client.framework];
  return client.subscribed && !client.suppressed && framework.known && framework.state.active;
}

inline bool Ledger::has(const Client& client, FrameworkCapability capability) const {
  const auto& capabilities = frameworks_[client.framework].state.capabilities;
  return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
}

}  // namespace mesolite
