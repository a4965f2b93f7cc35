// HierarchicalAllocator: dominant resource fairness over the tree of roles. See the README.
#pragma once

#include "mesolite/module/ledger_allocator.hpp"
#include "share_tree.hpp"

namespace mesolite::hierarchical {

class HierarchicalAllocator final : public LedgerAllocator {
 public:
  HierarchicalAllocator(const Nothing&, Host& host) : LedgerAllocator(host) {}

 private:
  std::optional<Index> pick(Index, const IndexSet& candidates) override {
    return tree_.pick(candidates);
  }
  void follow(const Ledger::News& news) override { tree_.follow(ledger_, news); }
  void given(Index client, const Resources& part) override { tree_.charge(ledger_, client, part); }

  ShareTree tree_;
};

}  // namespace mesolite::hierarchical
