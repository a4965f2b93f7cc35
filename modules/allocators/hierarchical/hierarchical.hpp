// HierarchicalAllocator: dominant resource fairness over the tree of roles. See the README.
#pragma once

#include "mesolite/module/allocator.hpp"
#include "mesolite/module/host.hpp"
#include "mesolite/module/ledger.hpp"
#include "share_tree.hpp"

namespace mesolite::hierarchical {

class HierarchicalAllocator final : public Allocator {
 public:
  HierarchicalAllocator(const Nothing&, Host& host) : host_(host) {}

  Result<AllocateResponse> allocate(const AllocateRequest& request) override;

 private:
  void offer_agent(Ledger::Index agent, std::vector<Holding>& allocations);

  Host& host_;
  Ledger ledger_;
  ShareTree tree_;
  IndexSet candidates_;  // of the agent in hand; a member to be allocated once
};

}  // namespace mesolite::hierarchical
