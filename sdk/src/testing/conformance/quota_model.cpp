#include "sdk/src/testing/conformance/quota_model.hpp"

#include <algorithm>

namespace mesolite::testing {
namespace {

std::string_view parent_of(std::string_view role) {
  const std::size_t slash = role.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : role.substr(0, slash);
}

}  // namespace

bool QuotaModel::in_force() const {
  return std::any_of(roles_.begin(), roles_.end(), [](const RoleState& role) {
    return role.limit.has_value() || !role.guarantee.empty();
  });
}

// Held unreserved in the role or below it, and reserved to one of these, held or not.
Quantities QuotaModel::consumed(std::string_view role, const QuotaMoment& moment) {
  Quantities sum;
  for (const auto& [holder, resources] : moment.holdings) {
    if (role_within(holder, role)) sum += quota_part(resources);
  }
  for (const Resources& total : moment.totals) {
    for (const Resource& resource : total.others()) {
      if (!resource.key.reserved() || !role_within(resource.key.role(), role)) continue;
      Resources reserved;
      reserved.add(resource);
      sum += reserved;
    }
  }
  return sum;
}

Quantities QuotaModel::needed(std::string_view role, const QuotaMoment& moment) const {
  Quantities own;
  Quantities children;
  for (const RoleState& each : roles_) {
    if (each.name == role) own = excess(Quantities(each.guarantee), consumed(role, moment));
    if (parent_of(each.name) == role) children += needed(each.name, moment);
  }
  return larger(own, children);
}

Quantities QuotaModel::surplus(const QuotaMoment& moment) const {
  Quantities sum;
  for (const Resources& free : moment.free) sum += quota_part(free);
  sum -= needed("", moment);
  return sum;
}

std::string QuotaModel::broken(const QuotaMoment& before, const QuotaMoment& after) const {
  for (const RoleState& role : roles_) {
    if (!role.limit) continue;
    const Quantities limit(*role.limit);
    bool exceeded = false;
    consumed(role.name, after).for_each([&](std::string_view name, std::int64_t amount) {
      const bool limited = limit.of(name) > 0;
      const bool grown = amount > consumed(role.name, before).of(name);
      exceeded = exceeded || (limited && grown && amount > limit.of(name));
    });
    if (exceeded) return "a limit of quota is never exceeded";
  }
  const Quantities then = surplus(before);
  const Quantities now = surplus(after);
  bool eaten = false;
  needed("", after).for_each([&](std::string_view name, std::int64_t) {
    eaten = eaten || now.of(name) < std::min<std::int64_t>(then.of(name), 0);
  });
  return eaten ? "what is guaranteed by quota is kept free for its role" : "";
}

}  // namespace mesolite::testing
