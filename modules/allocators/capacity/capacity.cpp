#include "capacity.hpp"

#include <cmath>

namespace mesolite::capacity {

Result<std::unique_ptr<CapacityAllocator>> CapacityAllocator::create(const Parameters& parameters,
                                                                     Host& host) {
  auto queues = Queues::create(parameters);
  if (!queues) return tl::unexpected(queues.error());
  return std::make_unique<CapacityAllocator>(std::move(*queues), host);
}

// ---- following the ledger
// ------------------------------------------------------------------------

void CapacityAllocator::follow(const Ledger::News& news) {
  if (news.totals) {
    bound_queues();
    for (Index client = 0; client < ledger_.clients_size(); ++client) follow_client(client);
  }
  news.clients.for_each([&](Index client) { follow_client(client); });
}

void CapacityAllocator::follow_client(Index index) {
  const Ledger::Client& client = ledger_.client(index);
  if (!client.exists) return order_.remove(index);
  const auto counts = [&](std::string_view name) { return ledger_.counts(name); };
  const double share = queues_.fair() ? dominant_share(client.held, ledger_.total(), counts) : 0;
  order_.set(index, {share, ledger_.framework(client.framework).state.handle.value, client.role});
}

void CapacityAllocator::given(Index client, const Resources&) {
  follow_client(client);
}

// Maxima are parts of the cluster, whose size has changed.
void CapacityAllocator::bound_queues() {
  for (const auto& [queue, percent] : queues_.maxima()) {
    Room room;
    ledger_.total().for_each(
        [&, &name_of_queue = queue](std::string_view name, std::int64_t whole) {
          const double most = queues_.maximum(name_of_queue) * static_cast<double>(whole);
          room.bound(name, static_cast<std::int64_t>(std::floor(most)));
        });
    ledger_.set_maximum(queue, room);
  }
}

// ---- who is next
// ---------------------------------------------------------------------------------

std::optional<CapacityAllocator::Index> CapacityAllocator::pick(Index, const IndexSet& candidates) {
  RoleTree::Index queue = RoleTree::root;
  while (const auto child = next(queue, candidates).child) queue = *child;
  const IndexSet& members = ledger_.tree()[queue].members;
  return order_.best(
      [&](Index client) { return members.contains(client) && candidates.contains(client); });
}

// REQUIRES: there is a candidate in the queue or below it.
CapacityAllocator::Turn CapacityAllocator::next(RoleTree::Index index,
                                                const IndexSet& candidates) const {
  const RoleTree& tree = ledger_.tree();
  const RoleTree::Node& queue = tree[index];
  std::optional<Turn> best;
  if (queue.members.intersects(candidates)) {
    best = turn_of(held_directly(index), queues_.share_left(queue.name));
  }
  for (const RoleTree::Index child : queue.children) {
    if (!tree[child].clients.intersects(candidates)) continue;
    Turn turn = turn_of(tree[child].consumed, queues_.share(tree[child].name));
    turn.priority_negated = -queues_.priority(tree[child].name);
    turn.order = child;
    turn.child = child;
    if (!best || turn < *best) best = turn;
  }
  return *best;
}

CapacityAllocator::Turn CapacityAllocator::turn_of(const Quantities& held, double share) const {
  const auto counts = [&](std::string_view name) { return ledger_.counts(name); };
  const double used = dominant_share(held, ledger_.total(), counts);
  Turn turn;
  turn.served = used >= share;
  turn.use = share > 0 ? used / share : used;
  return turn;
}

Quantities CapacityAllocator::held_directly(RoleTree::Index index) const {
  const RoleTree::Node& queue = ledger_.tree()[index];
  Quantities held = queue.consumed;
  for (const RoleTree::Index child : queue.children) held -= ledger_.tree()[child].consumed;
  return held;
}

}  // namespace mesolite::capacity
