// LedgerAllocator: an allocator that needs nothing but a policy. The ledger keeps the books, this
// class walks the agents that have something to give, and the policy says who is next:
//
//   class MyAllocator final : public mesolite::LedgerAllocator {
//    public:
//     MyAllocator(const MyParameters&, mesolite::Host& host) : LedgerAllocator(host) {}
//
//    private:
//     std::optional<Index> pick(Index agent, const IndexSet& candidates) override { … }
//   };
//
// An agent's whole free part goes to one client, as far as it may have it; what is left of it (what
// is reserved to others, or beyond a limit) goes on to the next. Clients to whom something is
// guaranteed that they lack are asked first. A resource; not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mesolite/module/allocator.hpp"
#include "mesolite/module/host.hpp"
#include "mesolite/module/ledger.hpp"
#include "mesolite/module/ledger_explain.hpp"

namespace mesolite {

class LedgerAllocator : public Allocator {
 public:
  Result<AllocateResponse> allocate(const AllocateRequest& request) final {
    observe(request);
    for (const std::string& problem : ledger_.apply(request)) {
      host_.log(Severity::warning, problem);
    }
    follow(ledger_.take_news());
    std::vector<Index> agents;
    ledger_.take_touched().for_each([&](Index agent) { agents.push_back(agent); });
    arrange(agents);

    AllocateResponse response;
    if (!ledger_.owed().empty()) {
      for (const Index agent : agents) offer_agent(agent, Asked::owed, response.allocations);
    }
    for (const Index agent : agents) offer_agent(agent, Asked::all, response.allocations);
    ledger_.take_news();  // of our own allocations, which the policy has been told of already
    response.next_deadline = ledger_.next_deadline();
    return response;
  }

  Result<ExplainAnswer> explain(const ExplainRequest& request) final {
    ExplainAnswer answer;
    std::vector<RoleHandle> roles = request.roles;
    if (const auto framework = ledger_.find_framework(request.framework); framework) {
      const auto& own = ledger_.framework(*framework).state.roles;
      if (roles.empty()) roles = own;
    }
    for (const RoleHandle role : roles) {
      const auto client = ledger_.find_client(request.framework, role);
      if (!client) continue;
      answer.roles.push_back({role, LedgerExplainer(ledger_, *client, request.wants).reasons()});
    }
    return answer;
  }

 protected:
  using Index = Ledger::Index;

  // `host` outlives it.
  explicit LedgerAllocator(Host& host) : host_(host) {}

  // The candidate whose turn it is to be offered the agent; none if the policy gives it to nobody.
  // `candidates` is not empty.
  virtual std::optional<Index> pick(Index agent, const IndexSet& candidates) = 0;

  // A call begins; the ledger does not know of it yet.
  virtual void observe(const AllocateRequest&) {}
  // What has changed in the ledger with this call, for orders that a policy keeps.
  virtual void follow(const Ledger::News&) {}
  // The order in which agents are given away; by their numbers unless said otherwise.
  virtual void arrange(std::vector<Index>&) {}
  // The client was given this; the ledger has booked it already.
  virtual void given(Index, const Resources&) {}

  Host& host_;
  Ledger ledger_;

 private:
  enum class Asked { owed, all };

  void offer_agent(Index agent, Asked asked, std::vector<Holding>& allocations) {
    if (!ledger_.offerable(agent)) return;
    ledger_.candidates(agent, candidates_);
    if (asked == Asked::owed) candidates_ &= ledger_.owed();
    while (ledger_.offerable(agent) && !candidates_.empty()) {
      const std::optional<Index> client = pick(agent, candidates_);
      if (!client) return;
      candidates_.erase(*client);  // one offer of an agent to each, in a pass
      const Resources part = ledger_.offer(agent, *client);
      if (part.empty()) continue;
      allocations.push_back(ledger_.allocate(agent, *client, part));
      given(*client, part);
    }
  }

  IndexSet candidates_;  // of the agent in hand; a member to be allocated once
};

}  // namespace mesolite
