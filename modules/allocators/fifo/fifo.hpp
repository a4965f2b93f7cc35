// FifoAllocator: the role of the highest priority first, and in it who came first. See the README.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "mesolite/module/ledger_allocator.hpp"
#include "mesolite/module/tournament.hpp"

namespace mesolite::fifo {

// [modules.fifo]
struct Parameters {
  // Of roles, and so of all below them unless they have one of their own; 0 for all others.
  std::map<std::string, std::int64_t> priorities;
  MESOLITE_FIELDS(priorities);
};

class FifoAllocator final : public LedgerAllocator {
 public:
  FifoAllocator(const Parameters& parameters, Host& host)
      : LedgerAllocator(host), parameters_(parameters) {}

 private:
  struct Key {
    std::int64_t priority_negated = 0;
    std::uint64_t arrival = 0;  // of the framework: its handle
    std::uint64_t role = 0;

    friend auto operator<=>(const Key&, const Key&) = default;
  };

  std::optional<Index> pick(Index, const IndexSet& candidates) override;
  void follow(const Ledger::News& news) override;
  void follow_client(Index client);
  std::int64_t priority_of(std::string_view role) const;

  const Parameters parameters_;
  Tournament<Key> order_;  // of clients, by their numbers
};

}  // namespace mesolite::fifo
