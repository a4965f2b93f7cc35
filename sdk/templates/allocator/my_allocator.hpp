// Offers each free agent to whoever was offered something the longest ago.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mesolite/module/allocator.hpp"
#include "mesolite/module/host.hpp"
#include "mesolite/module/ledger.hpp"

// The defaults are what an operator may set in [modules.my-allocator].
struct MyParameters {
  bool log_offers = false;
  MESOLITE_FIELDS(log_offers);
};

class MyAllocator final : public mesolite::Allocator {
 public:
  MyAllocator(const MyParameters& parameters, mesolite::Host& host)
      : parameters_(parameters), host_(host) {}

  mesolite::Result<mesolite::AllocateResponse> allocate(
      const mesolite::AllocateRequest& request) override;

 private:
  std::optional<mesolite::Ledger::Index> next_client(mesolite::Ledger::Index agent);

  MyParameters parameters_;
  mesolite::Host& host_;
  mesolite::Ledger ledger_;
  std::vector<std::uint64_t> last_turn_;  // by client
  std::uint64_t turn_ = 0;
};
