// The contender of a master without rivals: it leads as soon as it contends.
#pragma once

#include <utility>

#include "kernel/election/election.hpp"

namespace mesolite::election {

class StandaloneContender final : public Contender {
 public:
  explicit StandaloneContender(Leadership leadership) : leadership_(std::move(leadership)) {}

  // Calls `handler` before it returns.
  void contend(const MasterInfo& /*self*/, Handler handler) override { handler(leadership_); }

 private:
  Leadership leadership_;
};

}  // namespace mesolite::election
