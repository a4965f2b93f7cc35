// WeightedRandomAllocator: who is next is drawn by lot, down the tree of roles. See the README.
#pragma once

#include "mesolite/base/random.hpp"
#include "mesolite/module/ledger_allocator.hpp"

namespace mesolite::weighted_random {

class WeightedRandomAllocator final : public LedgerAllocator {
 public:
  WeightedRandomAllocator(const Nothing&, Host& host) : LedgerAllocator(host) {}

 private:
  // A child of a node of the tree, or (without one) the clients directly in its role.
  struct Lot {
    std::optional<RoleTree::Index> child;
    double weight = 1;
  };

  void observe(const AllocateRequest& request) override;
  std::optional<Index> pick(Index agent, const IndexSet& candidates) override;
  Lot draw(RoleTree::Index node, const IndexSet& candidates);

  Random random_{0};
  std::vector<Lot> lots_;  // of the draw in hand; a member to be allocated once
};

}  // namespace mesolite::weighted_random
