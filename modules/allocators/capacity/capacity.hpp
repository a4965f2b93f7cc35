// CapacityAllocator: queues with a guaranteed share, an elastic maximum and a priority. See the
// README.
#pragma once

#include <compare>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "mesolite/module/ledger_allocator.hpp"
#include "mesolite/module/tournament.hpp"
#include "queues.hpp"

namespace mesolite::capacity {

class CapacityAllocator final : public LedgerAllocator {
 public:
  // Refuses shares that do not fit into each other.
  static Result<std::unique_ptr<CapacityAllocator>> create(const Parameters& parameters,
                                                           Host& host);
  CapacityAllocator(Queues queues, Host& host)
      : LedgerAllocator(host), queues_(std::move(queues)) {}

 private:
  // A child of a queue, or (without one) those directly in it. Compared, the least is next.
  struct Turn {
    bool served = false;  // it has its share
    std::int64_t priority_negated = 0;
    double use = 0;  // what it holds as a part of its share; of the cluster, if it has none
    std::uint64_t order = 0;
    std::optional<RoleTree::Index> child;

    friend bool operator<(const Turn& a, const Turn& b) {
      return std::tie(a.served, a.priority_negated, a.use, a.order) <
             std::tie(b.served, b.priority_negated, b.use, b.order);
    }
  };
  struct Key {
    double share = 0;           // 0 in a fifo queue
    std::uint64_t arrival = 0;  // of the framework: its handle
    std::uint64_t role = 0;

    friend auto operator<=>(const Key&, const Key&) = default;
  };

  std::optional<Index> pick(Index agent, const IndexSet& candidates) override;
  void follow(const Ledger::News& news) override;
  void given(Index client, const Resources& part) override;

  Turn next(RoleTree::Index queue, const IndexSet& candidates) const;
  Turn turn_of(const Quantities& held, double share) const;
  Quantities held_directly(RoleTree::Index queue) const;
  void follow_client(Index client);
  void bound_queues();

  const Queues queues_;
  Tournament<Key> order_;  // of clients, by their numbers
};

}  // namespace mesolite::capacity
