// BestFitAllocator: packs the cluster, so that whole agents stay free. See the README.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "mesolite/module/ledger_allocator.hpp"
#include "mesolite/module/tournament.hpp"

namespace mesolite::best_fit {

// [modules.best-fit]
struct Parameters {
  std::int64_t choices = 16;  // frameworks with the lowest shares that an agent is scored for
  MESOLITE_FIELDS(choices);
};

class BestFitAllocator final : public LedgerAllocator {
 public:
  // Refuses fewer than one choice.
  static Result<std::unique_ptr<BestFitAllocator>> create(const Parameters& parameters, Host& host);
  BestFitAllocator(const Parameters& parameters, Host& host)
      : LedgerAllocator(host), parameters_(parameters) {}

 private:
  struct Key {
    double share = 0;
    std::uint64_t arrival = 0;  // of the framework: its handle
    std::uint64_t role = 0;

    friend auto operator<=>(const Key&, const Key&) = default;
  };

  std::optional<Index> pick(Index agent, const IndexSet& candidates) override;
  void observe(const AllocateRequest& request) override;
  void follow(const Ledger::News& news) override;
  void arrange(std::vector<Index>& agents) override;
  void given(Index client, const Resources& part) override;

  void follow_client(Index client);
  void follow_needs();
  double waste(Index agent, Index client) const;

  const Parameters parameters_;
  Tournament<Key> order_;                        // of clients, by their numbers
  std::vector<std::optional<Quantities>> need_;  // by client; of those of whom it is known
  const AllocateRequest* request_ = nullptr;     // of the call under way
  std::vector<std::pair<double, Index>> fullness_;
};

}  // namespace mesolite::best_fit
