#include "kernel/master/roles.hpp"

namespace mesolite::master {

RoleHandle Roles::ensure(std::string_view name) {
  const auto [entry, added] = by_name_.try_emplace(std::string(name));
  if (added) {
    roles_.push_back({std::string(name), 1.0});
    entry->second = RoleHandle{roles_.size()};
  }
  return entry->second;
}

RoleHandle Roles::find(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  return found == by_name_.end() ? RoleHandle{} : found->second;
}

}  // namespace mesolite::master
