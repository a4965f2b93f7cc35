// Offers each free agent to whoever was offered something the longest ago.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mesolite/module/ledger_allocator.hpp"

// The defaults are what an operator may set in [modules.my-allocator].
struct MyParameters {
  bool log_offers = false;
  MESOLITE_FIELDS(log_offers);
};

class MyAllocator final : public mesolite::LedgerAllocator {
 public:
  MyAllocator(const MyParameters& parameters, mesolite::Host& host)
      : LedgerAllocator(host), parameters_(parameters) {}

 private:
  std::optional<Index> pick(Index agent, const mesolite::IndexSet& candidates) override;
  void given(Index client, const mesolite::Resources& part) override;

  MyParameters parameters_;
  std::vector<std::uint64_t> last_turn_;  // by client: a framework in one of its roles
  std::uint64_t turn_ = 0;
};
