// SimpleAllocator: the smallest deterministic allocator that serves tests of the master. Whole
// agents, in order of their handles, to the framework and role that holds least of the cluster's
// cpus (then by handle) and has not declined.
//
// It also is a strict witness: it fails on changes that contradict what it was told before.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "mesolite/module/allocator.hpp"

namespace mesolite::testing {

class SimpleAllocator final : public Allocator {
 public:
  Result<AllocateResponse> allocate(const AllocateRequest& request) override {
    const Status applied = apply(request.changes);
    if (!applied) return failure(applied.error().message);
    std::erase_if(filters_, [&](const Filter& filter) { return filter.until <= request.now; });
    AllocateResponse response;
    for (auto& [handle, agent] : agents_) {
      // What is left when one is served may be reserved to another.
      while (agent.state.active && offer(handle, agent, response)) {
      }
    }
    for (const Filter& filter : filters_) {
      if (!response.next_deadline || filter.until < *response.next_deadline) {
        response.next_deadline = filter.until;
      }
    }
    return response;
  }

  // By (framework, role): what is offered or used on an agent, as this allocator knows it.
  using Key = std::pair<FrameworkHandle, RoleHandle>;
  const std::map<Key, Resources>& held_on(AgentHandle agent) const {
    return agents_.at(agent).held;
  }
  std::size_t agents() const { return agents_.size(); }
  std::size_t frameworks() const { return frameworks_.size(); }

 private:
  struct KnownAgent {
    AgentState state;
    std::map<Key, Resources> held;
  };
  struct Filter {
    Key who;
    AgentHandle agent;
    Resources resources;
    Time until;
  };

  static Resources free(const KnownAgent& agent) {
    Resources left = agent.state.total;
    for (const auto& [key, resources] : agent.held) {
      if (!left.contains(resources)) return {};  // until it is told what else has changed
      left -= resources;
    }
    return left;
  }

  Status apply(const AllocatorChanges& changes) {
    for (const RoleState& role : changes.roles) roles_[role.handle] = role.name;
    for (const AgentState& agent : changes.agents) agents_[agent.handle].state = agent;
    for (const FrameworkState& framework : changes.frameworks) {
      frameworks_[framework.handle] = framework;
      // A framework that is gone takes its filters along.
      if (!framework.active) clear_filters(framework.handle, {});
    }
    for (const Holding& holding : changes.held) {
      if (!known(holding)) return failure("held: names what was never told");
      agents_[holding.agent].held[{holding.framework, holding.role}] += holding.resources;
    }
    for (const Release& release : changes.released) {
      const Status status = take_back(release);
      if (!status) return status;
    }
    for (const Interest& interest : changes.interests) take_in(interest);
    return remove(changes);
  }

  bool known(const Holding& holding) const {
    return roles_.contains(holding.role) && agents_.contains(holding.agent) &&
           frameworks_.contains(holding.framework);
  }

  Status take_back(const Release& release) {
    const Holding& holding = release.holding;
    if (!known(holding)) return failure("released: names what was never told");
    const Key key{holding.framework, holding.role};
    Resources& held = agents_[holding.agent].held[key];
    if (!held.contains(holding.resources)) {
      return failure("released: " + holding.resources.to_text() + " of " + held.to_text());
    }
    held -= holding.resources;
    if (held.empty()) agents_[holding.agent].held.erase(key);
    if (release.refused_until) {
      filters_.push_back({key, holding.agent, holding.resources, *release.refused_until});
    }
    return {};
  }

  void take_in(const Interest& interest) {
    auto& suppressed = frameworks_[interest.framework].suppressed_roles;
    for (const RoleHandle role : interest.roles) {
      std::erase(suppressed, role);
      if (!interest.wanted) suppressed.push_back(role);
    }
    if (interest.wanted) clear_filters(interest.framework, interest.roles);
  }

  void clear_filters(FrameworkHandle framework, const std::vector<RoleHandle>& roles) {
    std::erase_if(filters_, [&](const Filter& filter) {
      const bool named =
          roles.empty() || std::find(roles.begin(), roles.end(), filter.who.second) != roles.end();
      return filter.who.first == framework && named;
    });
  }

  Status remove(const AllocatorChanges& changes) {
    for (const AgentHandle handle : changes.agents_removed) {
      if (agents_.erase(handle) == 0) return failure("agents_removed: never told of");
      std::erase_if(filters_, [&](const Filter& filter) { return filter.agent == handle; });
    }
    for (const FrameworkHandle handle : changes.frameworks_removed) {
      if (frameworks_.erase(handle) == 0) return failure("frameworks_removed: never told of");
      clear_filters(handle, {});
      if (holds_something(handle)) return failure("frameworks_removed: holds something still");
    }
    return {};
  }

  bool holds_something(FrameworkHandle handle) const {
    return std::any_of(agents_.begin(), agents_.end(), [&](const auto& agent) {
      const auto held = agent.second.held.lower_bound(Key{handle, RoleHandle{}});
      return held != agent.second.held.end() && held->first.first == handle;
    });
  }

  bool declined(const Key& who, AgentHandle agent, const Resources& resources) const {
    return std::any_of(filters_.begin(), filters_.end(), [&](const Filter& filter) {
      return filter.who == who && filter.agent == agent && filter.resources.contains(resources);
    });
  }

  std::int64_t share(const Key& who) const {
    std::int64_t cpus = 0;
    for (const auto& [handle, agent] : agents_) {
      const auto found = agent.held.find(who);
      if (found != agent.held.end()) cpus += found->second.plain(Scalar::cpus);
    }
    return cpus;
  }

  // False if there is nothing, or nobody for it.
  bool offer(AgentHandle handle, KnownAgent& agent, AllocateResponse& response) {
    const Resources left = free(agent);
    std::vector<std::tuple<std::int64_t, FrameworkHandle, RoleHandle>> wanting;
    for (const auto& [framework, state] : frameworks_) {
      for (const RoleHandle role : state.roles) {
        const auto& quiet = state.suppressed_roles;
        const bool suppressed = std::find(quiet.begin(), quiet.end(), role) != quiet.end();
        const Key who{framework, role};
        const Resources resources = left.available_to(roles_[role]);
        if (resources.empty()) continue;
        if (state.active && !suppressed && !declined(who, handle, resources)) {
          wanting.emplace_back(share(who), framework, role);
        }
      }
    }
    if (wanting.empty()) return false;
    const auto& [least, framework, role] = *std::min_element(wanting.begin(), wanting.end());
    const Resources resources = left.available_to(roles_[role]);
    agent.held[{framework, role}] += resources;
    response.allocations.push_back({framework, role, handle, resources});
    return true;
  }

  std::map<RoleHandle, std::string> roles_;
  std::map<AgentHandle, KnownAgent> agents_;
  std::map<FrameworkHandle, FrameworkState> frameworks_;
  std::vector<Filter> filters_;
};

}  // namespace mesolite::testing
