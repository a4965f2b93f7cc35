// Ledger: who holds what, from all that an allocator was told and answered: what it ought to
// believe. Beside it stand the limits of roles, which no answer may exceed.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "mesolite/module/allocator.hpp"

namespace mesolite::simulation {

class Ledger {
 public:
  using Key = std::tuple<AgentHandle, FrameworkHandle, RoleHandle>;
  using Holdings = std::map<Key, Resources>;

  void told(const AllocatorChanges& changes);
  void answered(const AllocateResponse& response);

  const Holdings& held() const { return held_; }
  // The first thing that must not be, or "".
  const std::string& problem() const { return problem_; }

 private:
  void give(const Holding& holding);
  void take(const Holding& holding);
  void check_limits(const AllocateResponse& response);
  // Of a role and all below it.
  Resources held_within(const RoleState& role) const;

  std::map<RoleHandle, RoleState> roles_;
  Holdings held_;
  std::string problem_;
};

}  // namespace mesolite::simulation
