#include "weighted_random.hpp"

namespace mesolite::weighted_random {

void WeightedRandomAllocator::observe(const AllocateRequest& request) {
  if (request.changes.settings) random_ = Random(request.changes.settings->seed);
}

std::optional<WeightedRandomAllocator::Index> WeightedRandomAllocator::pick(
    Index, const IndexSet& candidates) {
  RoleTree::Index node = RoleTree::root;
  while (const auto child = draw(node, candidates).child) node = *child;
  IndexSet members = candidates;
  members &= ledger_.tree()[node].members;
  std::uint64_t before = random_.below(members.count());
  std::optional<Index> drawn;
  members.for_each([&](Index client) {
    if (!drawn && before-- == 0) drawn = client;
  });
  return drawn;
}

// REQUIRES: there is a candidate at the node or below it.
WeightedRandomAllocator::Lot WeightedRandomAllocator::draw(RoleTree::Index node,
                                                           const IndexSet& candidates) {
  const RoleTree& tree = ledger_.tree();
  double sum = 0;
  lots_.clear();
  const auto add = [&](const Lot& lot) {
    lots_.push_back(lot);
    sum += lot.weight;
  };
  if (tree[node].members.intersects(candidates)) add({std::nullopt, 1});
  for (const RoleTree::Index child : tree[node].children) {
    if (tree[child].clients.intersects(candidates)) add({child, tree[child].weight});
  }
  double left = random_.unit() * sum;
  for (const Lot& lot : lots_) {
    left -= lot.weight;
    if (left < 0) return lot;
  }
  return lots_.back();  // rounding
}

}  // namespace mesolite::weighted_random
