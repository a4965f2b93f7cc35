// The small steps that Ledger's changes and answers are made of. Included by ledger.hpp, not by
// anyone else.
#pragma once

#include <algorithm>

#include "mesolite/module/ledger.hpp"

namespace mesolite {

// ---- names ----

inline Ledger::Index Ledger::ensure_role(RoleHandle handle) {
  const auto [place, added] = role_of_.try_emplace(handle, static_cast<Index>(roles_.size()));
  if (added) {
    roles_.emplace_back().state.handle = handle;
    place_role(roles_.back());
    news_.roles.insert(place->second);
  }
  return place->second;
}

inline Ledger::Index Ledger::ensure_framework(FrameworkHandle handle) {
  const auto [place, added] = framework_of_.try_emplace(handle, 0);
  if (!added) return place->second;
  if (frameworks_free_.empty()) {
    frameworks_free_.push_back(static_cast<Index>(frameworks_.size()));
    frameworks_.emplace_back();
  }
  place->second = frameworks_free_.back();
  frameworks_free_.pop_back();
  frameworks_[place->second].state.handle = handle;
  return place->second;
}

inline Ledger::Index Ledger::ensure_client(Index framework, Index role) {
  if (const auto found = find_client(framework, role)) return *found;
  if (clients_free_.empty()) {
    clients_free_.push_back(static_cast<Index>(clients_.size()));
    clients_.emplace_back();
  }
  const Index index = clients_free_.back();
  clients_free_.pop_back();
  Client& client = clients_[index];
  client.framework = framework;
  client.role = role;
  client.exists = true;
  frameworks_[framework].clients.push_back(index);
  roles_[role].clients.insert(index);
  tree_.set_client(roles_[role].node, index, true);
  news_.clients.insert(index);
  return index;
}

inline std::optional<Ledger::Index> Ledger::find_client(Index framework, Index role) const {
  for (const Index index : frameworks_[framework].clients) {
    if (clients_[index].role == role) return index;
  }
  return std::nullopt;
}

inline std::optional<Ledger::Index> Ledger::find_framework(FrameworkHandle handle) const {
  const auto place = framework_of_.find(handle);
  return place == framework_of_.end() ? std::nullopt : std::optional(place->second);
}

inline std::optional<Ledger::Index> Ledger::find_client(FrameworkHandle framework,
                                                        RoleHandle role) const {
  const auto framework_place = framework_of_.find(framework);
  const auto role_place = role_of_.find(role);
  if (framework_place == framework_of_.end() || role_place == role_of_.end()) return std::nullopt;
  return find_client(framework_place->second, role_place->second);
}

inline std::optional<Ledger::Index> Ledger::find_agent(AgentHandle handle) const {
  const auto place = agent_of_.find(handle);
  return place == agent_of_.end() ? std::nullopt : std::optional(place->second);
}

// Brings what is derived of a client up to date; it ends when it is in no role and holds nothing.
inline void Ledger::update_client(Index index) {
  Client& client = clients_[index];
  if (!client.subscribed && client.parts == 0) return remove_client(index);
  const bool wanted = wants(client);
  if (wanted && !willing_.contains(index)) all_touched_ = true;
  willing_.set(index, wanted);
  gpu_capable_.set(index, has(client, FrameworkCapability::gpu_resources));
}

inline void Ledger::remove_client(Index index) {
  Client& client = clients_[index];
  withdraw_refusals(index);
  std::erase(frameworks_[client.framework].clients, index);
  roles_[client.role].clients.erase(index);
  tree_.set_client(roles_[client.role].node, index, false);
  for (IndexSet* set : {&willing_, &gpu_capable_, &exhausted_, &owed_}) set->erase(index);
  const std::uint32_t generation = client.generation;
  client = {};
  client.generation = generation;
  clients_gone_.push_back(index);
  news_.clients.insert(index);
}

// ---- holdings ----

inline void Ledger::book(Index index, const Resources& resources) {
  Client& client = clients_[index];
  const Quantities consumed = quota_part(resources);
  client.held += resources;
  client.consumed += consumed;
  tree_.charge(roles_[client.role].node, consumed);
  news_.clients.insert(index);
}

inline void Ledger::unbook(Index index, const Resources& resources) {
  Client& client = clients_[index];
  const Quantities consumed = quota_part(resources);
  client.held -= resources;
  client.consumed -= consumed;
  tree_.discharge(roles_[client.role].node, consumed);
  news_.clients.insert(index);
}

inline void Ledger::give(Agent& agent, Index client, const Resources& resources) {
  const auto part = std::find_if(agent.parts.begin(), agent.parts.end(),
                                 [client](const Part& each) { return each.client == client; });
  if (part == agent.parts.end()) {
    agent.parts.push_back({client, resources});
    ++clients_[client].parts;
  } else {
    part->resources += resources;
  }
  book(client, resources);
  if (!agent.overdrawn && agent.free.contains(resources)) {
    agent.free -= resources;
  } else {
    settle(agent);
  }
}

// False, and nothing done, if the client does not hold that much there.
inline bool Ledger::take_back(Agent& agent, Index client, const Resources& resources) {
  const auto part = std::find_if(agent.parts.begin(), agent.parts.end(),
                                 [client](const Part& each) { return each.client == client; });
  if (part == agent.parts.end() || !part->resources.contains(resources)) return false;
  part->resources -= resources;
  unbook(client, resources);
  if (part->resources.empty()) {
    agent.parts.erase(part);
    --clients_[client].parts;
  }
  if (agent.overdrawn) {
    settle(agent);
  } else {
    agent.free += resources;
  }
  return true;
}

// Of a framework that is gone; the kernel releases all it holds before, so this finds nothing.
inline void Ledger::forget_parts(Index client) {
  for (Index i = 0; i < agents_.size() && clients_[client].parts > 0; ++i) {
    const auto& parts = agents_[i].parts;
    const auto part = std::find_if(parts.begin(), parts.end(),
                                   [client](const Part& each) { return each.client == client; });
    if (part == parts.end()) continue;
    const Resources resources = part->resources;
    take_back(agents_[i], client, resources);
    update_offerable(i);
    touched_.insert(i);
  }
}

// Computes what is free anew. An agent that has shrunk below what is held on it has nothing free of
// the scalars that exceed it, and none of the other resources until it fits again.
inline void Ledger::settle(Agent& agent) {
  Resources used;
  for (const Part& part : agent.parts) used += part.resources;
  agent.overdrawn = !agent.state.total.contains(used);
  if (!agent.overdrawn) {
    agent.free = agent.state.total - used;
    return;
  }
  agent.free = {};
  for (std::size_t i = 0; i < scalar_count; ++i) {
    const std::int64_t left = agent.state.total.plain()[i] - used.plain()[i];
    agent.free.set_plain(static_cast<Scalar>(i), std::max<std::int64_t>(left, 0));
  }
}

// To be called whenever what is free on the agent, or whether it counts, has changed.
inline void Ledger::update_offerable(Index index) {
  Agent& agent = agents_[index];
  const bool active = agent.exists && agent.state.active;
  offerable_.set(index, active && worth_offering(agent.free));
  headroom_ -= agent.headroom;
  agent.headroom = active ? quota_part(agent.free) : Quantities();
  headroom_ += agent.headroom;
}

// ---- refusals ----

inline void Ledger::refuse(Index index, Index client, const Resources& refused, Time until) {
  if (agents_[index].refusals.add(client, clients_[client].generation, refused, until)) {
    ++clients_[client].refusals;
  }
  queue_expiry(index);
}

inline void Ledger::withdraw_refusals(Index index) {
  Client& client = clients_[index];
  if (client.refusals == 0) return;
  for (Agent& agent : agents_) agent.refusals.withdraw(index);
  client.refusals = 0;
  ++client.generation;
  all_touched_ = true;
}

inline void Ledger::queue_expiry(Index index) {
  Agent& agent = agents_[index];
  const auto next = agent.refusals.next_expiry();
  if (!next || (agent.expiry_queued && *agent.expiry_queued <= *next)) return;
  agent.expiry_queued = *next;
  expiries_.push({*next, index});
}

}  // namespace mesolite
