// FaultyAllocator: a real allocator that at times throws, or gives away what is not free; and the
// ledger of what it does when it is in its right mind.
#pragma once

#include <memory>
#include <vector>

#include "tests/simulation/ledger.hpp"
#include "tests/simulation/surroundings.hpp"

namespace mesolite::simulation {

class FaultyAllocator final : public Allocator {
 public:
  FaultyAllocator(Surroundings& around, std::unique_ptr<Allocator> allocator)
      : around_(around), allocator_(std::move(allocator)) {}

  Result<AllocateResponse> allocate(const AllocateRequest& request) override;
  Result<ExplainAnswer> explain(const ExplainRequest& request) override;

  const Ledger& ledger() const { return ledger_; }
  // It has answered: it knows what its master knows.
  bool informed() const { return informed_; }

 private:
  // What it is told of its own lies is not for the sane part.
  void forget_lies(AllocatorChanges& changes);
  void lie(AllocateResponse& response);

  Surroundings& around_;
  const std::unique_ptr<Allocator> allocator_;
  Ledger ledger_;
  std::vector<Holding> lies_;  // that are not released yet
  bool informed_ = false;
};

}  // namespace mesolite::simulation
