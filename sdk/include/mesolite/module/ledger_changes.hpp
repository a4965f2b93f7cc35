// The half of Ledger that takes changes in. Included by ledger.hpp, not by anyone else.
#pragma once

#include <algorithm>

#include "mesolite/module/ledger.hpp"

namespace mesolite {

inline std::vector<std::string> Ledger::apply(const AllocateRequest& request) {
  Problems problems;
  clients_free_.insert(clients_free_.end(), clients_gone_.begin(), clients_gone_.end());
  clients_gone_.clear();
  const AllocatorChanges& changes = request.changes;
  if (changes.settings) apply_settings(*changes.settings);
  for (const RoleState& role : changes.roles) apply_role(role);
  for (const AgentState& agent : changes.agents) apply_agent(agent);
  for (const FrameworkState& framework : changes.frameworks) apply_framework(framework);
  for (const Holding& holding : changes.held) apply_held(holding, problems);
  for (const Release& release : changes.released) apply_release(release, request.now, problems);
  for (const Interest& interest : changes.interests) apply_interest(interest);
  for (const FrameworkHandle framework : changes.frameworks_removed) remove_framework(framework);
  for (const AgentHandle agent : changes.agents_removed) remove_agent(agent);
  expire(request.now);
  all_touched_ = all_touched_ || request.everything;
  return problems;
}

inline void Ledger::apply_settings(const AllocatorSettings& settings) {
  settings_ = settings;
  tree_.touch_all();
  news_.totals = true;
  all_touched_ = true;
  for (Index i = 0; i < agents_.size(); ++i) update_offerable(i);
}

inline void Ledger::apply_role(const RoleState& state) {
  const Index index = ensure_role(state.handle);
  Role& role = roles_[index];
  role.state = state;
  place_role(role);
  tree_.set_weight(role.node, state.weight > 0 ? state.weight : 1);
  tree_.set_quota(role.node, state.guarantee, state.limit);
  news_.roles.insert(index);
}

inline void Ledger::apply_agent(const AgentState& state) {
  auto index = find_agent(state.handle);
  if (!index) {
    if (agents_free_.empty()) {
      agents_free_.push_back(static_cast<Index>(agents_.size()));
      agents_.emplace_back();
    }
    index = agents_free_.back();
    agents_free_.pop_back();
    agent_of_.emplace(state.handle, *index);
    agents_[*index].exists = true;
  }
  Agent& agent = agents_[*index];
  if (agent.state.total != state.total) {
    total_ -= agent.state.total;
    total_ += state.total;
    count_reserved(agent.state.total, state.total);
    news_.totals = true;
  }
  agent.state = state;
  const auto& others = state.total.others();
  agent.has_gpus = state.total.scalar("gpus") > 0;
  agent.has_reserved = std::any_of(others.begin(), others.end(),
                                   [](const Resource& part) { return part.key.reserved(); });
  agent.has_special = std::any_of(others.begin(), others.end(), [](const Resource& part) {
    return part.key.revocable || part.key.shared;
  });
  settle(agent);
  update_offerable(*index);
  touched_.insert(*index);
}

inline void Ledger::apply_framework(const FrameworkState& state) {
  const Index index = ensure_framework(state.handle);
  frameworks_[index].state = state;
  frameworks_[index].known = true;
  for (const Index client : frameworks_[index].clients) clients_[client].subscribed = false;
  for (const RoleHandle role : state.roles) {
    clients_[ensure_client(index, ensure_role(role))].subscribed = true;
  }
  const auto contains = [](const std::vector<RoleHandle>& roles, RoleHandle role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  };
  const std::vector<Index> clients = frameworks_[index].clients;  // removals change the original
  for (const Index number : clients) {
    Client& client = clients_[number];
    client.suppressed = contains(state.suppressed_roles, roles_[client.role].state.handle);
    if (!state.active) withdraw_refusals(number);
    update_client(number);
  }
}

inline void Ledger::apply_held(const Holding& holding, Problems& problems) {
  const auto index = find_agent(holding.agent);
  if (!index) {
    problems.push_back("held resources are on agent " + std::to_string(holding.agent.value) +
                       ", which was never told of");
    return;
  }
  const Index client =
      ensure_client(ensure_framework(holding.framework), ensure_role(holding.role));
  give(agents_[*index], client, holding.resources);
  update_offerable(*index);
}

inline void Ledger::apply_release(const Release& release, Time now, Problems& problems) {
  const Holding& holding = release.holding;
  const auto agent = find_agent(holding.agent);
  const auto client = find_client(holding.framework, holding.role);
  if (!agent || !client || !take_back(agents_[*agent], *client, holding.resources)) {
    problems.push_back("framework " + std::to_string(holding.framework.value) + " releases " +
                       holding.resources.to_text() + " on agent " +
                       std::to_string(holding.agent.value) + ", which it does not hold");
    return;
  }
  if (release.refused_until && *release.refused_until > now) {
    refuse(*agent, *client, holding.resources, *release.refused_until);
  }
  update_offerable(*agent);
  touched_.insert(*agent);
  update_client(*client);
}

inline void Ledger::apply_interest(const Interest& interest) {
  for (const RoleHandle role : interest.roles) {
    const auto client = find_client(interest.framework, role);
    if (!client) continue;
    clients_[*client].suppressed = !interest.wanted;
    if (interest.wanted) withdraw_refusals(*client);
    update_client(*client);
  }
}

inline void Ledger::remove_framework(FrameworkHandle handle) {
  const auto place = framework_of_.find(handle);
  if (place == framework_of_.end()) return;
  const Index index = place->second;
  const std::vector<Index> clients = frameworks_[index].clients;
  for (const Index client : clients) {
    forget_parts(client);
    remove_client(client);
  }
  frameworks_[index] = {};
  frameworks_free_.push_back(index);
  framework_of_.erase(place);
}

inline void Ledger::remove_agent(AgentHandle handle) {
  const auto index = find_agent(handle);
  if (!index) return;
  Agent& agent = agents_[*index];
  const std::vector<Part> parts = std::move(agent.parts);
  for (const Part& part : parts) {
    unbook(part.client, part.resources);
    --clients_[part.client].parts;
    update_client(part.client);
  }
  for (Client& client : clients_) {
    const auto number = static_cast<Index>(&client - clients_.data());
    if (client.refusals > 0) client.refusals -= agent.refusals.withdraw(number);
  }
  total_ -= agent.state.total;
  count_reserved(agent.state.total, Resources());
  news_.totals = true;
  agent.exists = false;
  update_offerable(*index);
  agent = {};
  agent_of_.erase(handle);
  agents_free_.push_back(*index);
  touched_.erase(*index);
}

inline void Ledger::expire(Time now) {
  const auto generation = [this](Index client) { return clients_[client].generation; };
  while (!expiries_.empty() && expiries_.top().at <= now) {
    const auto [at, index] = expiries_.top();
    expiries_.pop();
    Agent& agent = agents_[index];
    if (agent.expiry_queued != at) continue;  // an earlier one was queued after it
    agent.expiry_queued.reset();
    agent.refusals.expire(now, generation, [&, index = index](Index client) {
      --clients_[client].refusals;
      touched_.insert(index);
    });
    queue_expiry(index);
  }
}

}  // namespace mesolite
