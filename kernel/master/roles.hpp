// Roles: the names in which frameworks share the cluster, as small handles, and what operators have
// settled for them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/module/allocator.hpp"
#include "mesolite/protocol/operator_messages.hpp"

namespace mesolite::master {

struct Role {
  std::string name;
  double weight = 1.0;
  Resources guarantee;             // unreserved scalars
  std::optional<Resources> limit;  // unreserved scalars; never empty
};

// A role is never forgotten: what bounds them is this.
inline constexpr std::size_t roles_max = 100'000;

class Roles {
 public:
  // The handle of a role, which is new if nobody named it before.
  RoleHandle ensure(std::string_view name);
  // Empty if nobody ever named it.
  RoleHandle find(std::string_view name) const;
  const Role& operator[](RoleHandle handle) const { return roles_[handle.value - 1]; }
  void set_weight(RoleHandle handle, double weight) { roles_[handle.value - 1].weight = weight; }
  void set_quota(RoleHandle handle, Resources guarantee, std::optional<Resources> limit);
  std::size_t size() const { return roles_.size(); }
  bool full() const { return roles_.size() >= roles_max; }
  const std::vector<Role>& all() const { return roles_; }  // in the order of their handles

 private:
  std::vector<Role> roles_;  // by handle - 1
  std::unordered_map<std::string, RoleHandle> by_name_;
};

// ---- transitions
// ---------------------------------------------------------------------------------

class State;

// The handle of a role that may be new; the allocator is told of new ones.
RoleHandle ensure_role(State& state, std::string_view name);
// Why `names` cannot all be roles here, or "": each is well formed, none stands twice, and there is
// room for those that are new. `list` is the field in which they stand.
std::string invalid_role_names(const State& state, std::string_view list,
                               const std::vector<std::string_view>& names);

Result<std::string> set_weights(State& state, const SetWeights& request);

}  // namespace mesolite::master
