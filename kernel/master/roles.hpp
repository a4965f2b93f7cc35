// Roles: the names in which frameworks share the cluster, as small handles.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mesolite/module/allocator.hpp"

namespace mesolite::master {

struct Role {
  std::string name;
  double weight = 1.0;
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
  std::size_t size() const { return roles_.size(); }
  bool full() const { return roles_.size() >= roles_max; }

 private:
  std::vector<Role> roles_;  // by handle - 1
  std::unordered_map<std::string, RoleHandle> by_name_;
};

}  // namespace mesolite::master
