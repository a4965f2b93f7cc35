// Quota as its definition has it, counted anew each time: what allocators keep up to date in their
// own ways is checked against this.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesolite/module/allocator.hpp"
#include "mesolite/module/quantities.hpp"

namespace mesolite::testing {

// One moment of a cluster, as far as quota looks at it.
struct QuotaMoment {
  std::vector<Resources> totals;                            // of all agents
  std::vector<Resources> free;                              // of active agents
  std::vector<std::pair<std::string, Resources>> holdings;  // by role
};

class QuotaModel {
 public:
  explicit QuotaModel(std::vector<RoleState> roles) : roles_(std::move(roles)) {}

  // Which rule was broken on the way from one moment to a later one, or "".
  std::string broken(const QuotaMoment& before, const QuotaMoment& after) const;
  bool in_force() const;

 private:
  static Quantities consumed(std::string_view role, const QuotaMoment& moment);
  Quantities needed(std::string_view role, const QuotaMoment& moment) const;
  Quantities surplus(const QuotaMoment& moment) const;

  std::vector<RoleState> roles_;
};

}  // namespace mesolite::testing
