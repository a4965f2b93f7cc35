// Ledger: the bookkeeping that every allocator needs, so that its author writes policy alone. It
// takes in AllocatorChanges and answers what is free on an agent, for whom, and when to ask again.
//
//   Result<AllocateResponse> allocate(const AllocateRequest& request) override {
//     for (const std::string& problem : ledger_.apply(request)) host_.log(Severity::warning,
//     problem); AllocateResponse response; ledger_.take_touched().for_each([&](Ledger::Index agent)
//     {
//       for (client in the order of your policy, out of ledger_.candidates(agent)) {
//         const Resources part = ledger_.offer(agent, client);
//         if (!part.empty()) response.allocations.push_back(ledger_.allocate(agent, client, part));
//       }
//     });
//     response.next_deadline = ledger_.next_deadline();
//     return response;
//   }
//
// Agents, roles, frameworks and clients (a framework in one of its roles) are numbered from 0;
// numbers of what is gone are used again, at the earliest in the next apply(). The cost of a change
// follows the change and not the cluster. A resource, owned by its allocator; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "mesolite/module/allocator.hpp"
#include "mesolite/module/index_set.hpp"
#include "mesolite/module/quantities.hpp"
#include "mesolite/module/refusals.hpp"
#include "mesolite/module/role_tree.hpp"

namespace mesolite {

class Ledger {
 public:
  using Index = IndexSet::Index;

  struct Role {
    RoleState state;
    RoleTree::Index node = RoleTree::root;
    IndexSet clients;
  };

  struct Framework {
    FrameworkState state;
    bool known = false;          // else only what it holds is
    std::vector<Index> clients;  // one for each role that it is in or holds something in
  };

  struct Client {
    Index framework = 0;
    Index role = 0;
    bool subscribed = false;  // the framework is in the role; else it only holds something there
    bool suppressed = false;
    Quantities held;
    Quantities consumed;           // of what is held, what quota counts here
    std::uint32_t parts = 0;       // agents on which it holds something
    std::uint32_t refusals = 0;    // in force
    std::uint32_t generation = 0;  // of its refusals; outlives the client
    bool exists = false;
  };

  struct Part {
    Index client = 0;
    Resources resources;
  };

  struct Agent {
    AgentState state;
    Resources free;  // total less the parts
    std::vector<Part> parts;
    Refusals refusals;
    Quantities headroom;                // as it counts in headroom_
    std::optional<Time> expiry_queued;  // the earliest of its refusals that waits in expiries_
    bool overdrawn = false;             // the parts exceed the total
    bool has_gpus = false;
    bool has_reserved = false;
    bool has_special = false;  // revocable or shared resources
    bool exists = false;
  };

  // What has changed for those who keep an order of their own; see take_news().
  struct News {
    IndexSet clients;     // new, gone, or holding more or less
    IndexSet roles;       // new, or with other settings
    bool totals = false;  // of the cluster, or which of them count
  };

  Ledger() = default;
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Takes in what has changed, and ends the refusals that are due. What does not fit to what is
  // known is left out and answered in words; normally there is nothing.
  std::vector<std::string> apply(const AllocateRequest& request);

  // The agents to look at in this pass: those that the changes touch and of which something can be
  // offered. They count as looked at.
  IndexSet take_touched();
  News take_news() { return std::exchange(news_, {}); }

  // Whether the agent is active and has something free that is worth an offer.
  bool offerable(Index agent) const { return offerable_.contains(agent); }
  // Clients that may be asked about an agent: active, interested, able to use it, not at a limit,
  // and not refusing all that is free there. What offer() leaves of it for one of them may still be
  // nothing.
  void candidates(Index agent, IndexSet& result);
  // What of an agent's resources the limits of its role, and those above, leave a client; and what
  // the guarantees of others do.
  Resources within_limits(Index client, const Resources& part) const;
  Resources beside_guarantees(Index client, const Resources& part) const;
  // Clients whose roles lack some of what is guaranteed to them: they are asked first.
  const IndexSet& owed();
  // What of the agent can be offered to the client now: what is free, reserved to nobody else,
  // within limits and not kept for guarantees of others. Empty if nothing that is worth an offer or
  // that it does not refuse.
  Resources offer(Index agent, Index client);
  // At least one of the minimums is reached in all its scalars, whatever they are reserved to.
  bool worth_offering(const Resources& resources) const;
  // What of an agent's resources may be offered to the client, whatever is held and by whom: not
  // what is reserved to others, or revocable or shared if it cannot use that.
  Resources usable(const Resources& resources, Index agent, Index client) const;
  // Whether the client is active, in its role and interested.
  bool wants(const Client& client) const;
  bool has(const Client& client, FrameworkCapability capability) const;
  // Books the resources for the client. REQUIRES: they are free on the agent.
  Holding allocate(Index agent, Index client, const Resources& resources);

  // Call again then, even if nothing changes: a refusal ends.
  std::optional<Time> next_deadline() const;

  std::optional<Index> find_agent(AgentHandle handle) const;
  std::optional<Index> find_framework(FrameworkHandle handle) const;
  std::optional<Index> find_client(FrameworkHandle framework, RoleHandle role) const;
  const Agent& agent(Index index) const { return agents_[index]; }
  const Client& client(Index index) const { return clients_[index]; }
  const Framework& framework(Index index) const { return frameworks_[index]; }
  const Role& role(Index index) const { return roles_[index]; }
  std::size_t agents_size() const { return agents_.size(); }  // one past the largest number
  std::size_t clients_size() const { return clients_.size(); }
  std::size_t roles_size() const { return roles_.size(); }
  const AllocatorSettings& settings() const { return settings_; }
  const Quantities& total() const { return total_; }  // of all agents
  const RoleTree& tree() const { return tree_; }
  // An allocator's own limit on a role and all below it, beside those of quota.
  void set_maximum(std::string_view role, const Room& maximum);
  // Whether a scalar counts in shares.
  bool counts(std::string_view name) const;

 private:
  struct Expiry {
    Time at;
    Index agent;
    friend bool operator>(const Expiry& a, const Expiry& b) { return a.at > b.at; }
  };
  using Problems = std::vector<std::string>;

  void apply_settings(const AllocatorSettings& settings);
  void apply_role(const RoleState& state);
  void apply_agent(const AgentState& state);
  void apply_framework(const FrameworkState& state);
  void apply_held(const Holding& holding, Problems& problems);
  void apply_release(const Release& release, Time now, Problems& problems);
  void apply_interest(const Interest& interest);
  void remove_framework(FrameworkHandle handle);
  void remove_agent(AgentHandle handle);
  void expire(Time now);

  Index ensure_role(RoleHandle handle);
  Index ensure_framework(FrameworkHandle handle);
  Index ensure_client(Index framework, Index role);
  std::optional<Index> find_client(Index framework, Index role) const;
  void update_client(Index index);
  void remove_client(Index index);
  void book(Index client, const Resources& resources);
  void unbook(Index client, const Resources& resources);
  void give(Agent& agent, Index client, const Resources& resources);
  bool take_back(Agent& agent, Index client, const Resources& resources);
  void forget_parts(Index client);
  void refuse(Index agent, Index client, const Resources& refused, Time until);
  void withdraw_refusals(Index client);
  void queue_expiry(Index agent);
  void settle(Agent& agent);
  void update_offerable(Index agent);
  void place_role(Role& role);
  void count_reserved(const Resources& less, const Resources& more);
  void refresh_quota();
  void keep_within_quota(IndexSet& result);
  RoleTree::Index node_of(Index client) const { return roles_[clients_[client].role].node; }
  Room surplus() const;
  Resources cut(Index client, const Resources& part);
  bool quota_loosened();
  bool worth_offering(const Room& room) const;
  void keep_reserved(const Agent& agent, IndexSet& result) const;

  AllocatorSettings settings_;
  Quantities total_;
  RoleTree tree_;
  Quantities headroom_;  // free, unreserved and not revocable, on active agents
  // The surplus over what is needed for guarantees, when somebody last got less for its sake.
  std::optional<Room> surplus_felt_;
  std::vector<Role> roles_;
  std::vector<Framework> frameworks_;
  std::vector<Client> clients_;
  std::vector<Agent> agents_;
  std::unordered_map<RoleHandle, Index> role_of_;
  std::unordered_map<FrameworkHandle, Index> framework_of_;
  std::unordered_map<AgentHandle, Index> agent_of_;
  // Places of the vectors above without an owner. Those of clients wait for the next apply(), so
  // that whoever reads the news sees each number stand for one client only.
  std::vector<Index> frameworks_free_;
  std::vector<Index> agents_free_;
  std::vector<Index> clients_free_;
  std::vector<Index> clients_gone_;

  IndexSet willing_;      // clients that want offers
  IndexSet gpu_capable_;  // clients
  IndexSet exhausted_;    // clients whose limits leave nothing that is worth an offer
  IndexSet owed_;         // clients
  IndexSet offerable_;    // agents that are active and have something worth an offer free
  IndexSet touched_;      // agents
  bool all_touched_ = false;
  News news_;
  std::priority_queue<Expiry, std::vector<Expiry>, std::greater<>> expiries_;
};

}  // namespace mesolite

#include "mesolite/module/ledger_book.hpp"     // IWYU pragma: keep
#include "mesolite/module/ledger_changes.hpp"  // IWYU pragma: keep
#include "mesolite/module/ledger_offers.hpp"   // IWYU pragma: keep
#include "mesolite/module/ledger_quota.hpp"    // IWYU pragma: keep
