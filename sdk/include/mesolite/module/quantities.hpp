// Quantities: sums of scalar resources by name, in thousandths, whatever their reservation. Ports
// and sets have none. A value.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/resources.hpp"

namespace mesolite {

class Quantities {
 public:
  Quantities() = default;
  explicit Quantities(const Resources& resources) { *this += resources; }

  Quantities& operator+=(const Resources& resources) { return add(resources, 1); }
  Quantities& operator-=(const Resources& resources) { return add(resources, -1); }
  Quantities& operator+=(const Quantities& other) { return add(other, 1); }
  Quantities& operator-=(const Quantities& other) { return add(other, -1); }

  std::int64_t of(std::string_view name) const {
    for (std::size_t i = 0; i < scalar_count; ++i) {
      if (scalar_names[i] == name) return plain_[i];
    }
    const auto place = others_.find(name);
    return place == others_.end() ? 0 : place->second;
  }
  const Scalars& plain() const { return plain_; }
  // Of names other than the plain four; may hold zeros.
  const std::map<std::string, std::int64_t, std::less<>>& others() const { return others_; }

  // Calls visit(name, amount) for each that is not zero.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < scalar_count; ++i) {
      if (plain_[i] != 0) visit(scalar_names[i], plain_[i]);
    }
    for (const auto& [name, amount] : others_) {
      if (amount != 0) visit(std::string_view(name), amount);
    }
  }
  // Nothing of any name.
  bool empty() const {
    bool empty = true;
    for_each([&](std::string_view, std::int64_t) { empty = false; });
    return empty;
  }
  void set(std::string_view name, std::int64_t amount) {
    for (std::size_t i = 0; i < scalar_count; ++i) {
      if (scalar_names[i] == name) {
        plain_[i] = amount;
        return;
      }
    }
    others_[std::string(name)] = amount;
  }

  friend bool operator==(const Quantities&, const Quantities&) = default;

 private:
  Quantities& add(const Resources& resources, std::int64_t sign) {
    for (std::size_t i = 0; i < scalar_count; ++i) plain_[i] += sign * resources.plain()[i];
    for (const Resource& resource : resources.others()) {
      if (resource.kind == ResourceKind::scalar) add(resource.key.name, sign * resource.amount);
    }
    return *this;
  }

  Quantities& add(const Quantities& other, std::int64_t sign) {
    for (std::size_t i = 0; i < scalar_count; ++i) plain_[i] += sign * other.plain_[i];
    for (const auto& [name, amount] : other.others_) others_[name] += sign * amount;
    return *this;
  }

  void add(const std::string& name, std::int64_t amount) {
    const auto place = std::find(scalar_names.begin(), scalar_names.end(), name);
    if (place == scalar_names.end()) {
      others_[name] += amount;
    } else {
      plain_[static_cast<std::size_t>(place - scalar_names.begin())] += amount;
    }
  }

  Scalars plain_{};
  std::map<std::string, std::int64_t, std::less<>> others_;
};

// What quota counts of resources that somebody holds or could hold: neither reserved (reservations
// count as such) nor revocable.
inline bool counts_for_quota(const Resource& resource) {
  return resource.kind == ResourceKind::scalar && !resource.key.reserved() &&
         !resource.key.revocable;
}
inline Quantities quota_part(const Resources& resources) {
  Quantities part{Resources(resources.plain())};
  for (const Resource& resource : resources.others()) {
    if (counts_for_quota(resource)) {
      part.set(resource.key.name, part.of(resource.key.name) + resource.amount);
    }
  }
  return part;
}

// By name: how much of `a` there is beyond `b`, at least nothing.
inline Quantities excess(const Quantities& a, const Quantities& b) {
  Quantities result;
  a.for_each([&](std::string_view name, std::int64_t amount) {
    if (amount > b.of(name)) result.set(name, amount - b.of(name));
  });
  return result;
}

// By name: the larger of the two. REQUIRES: none is negative.
inline Quantities larger(Quantities a, const Quantities& b) {
  b.for_each([&](std::string_view name, std::int64_t amount) {
    if (amount > a.of(name)) a.set(name, amount);
  });
  return a;
}

// The largest part that `held` is of `total` in any scalar that `counts` (dominant share: Ghodsi et
// al., NSDI 2011).
template <class Counts>
double dominant_share(const Quantities& held, const Quantities& total, Counts&& counts) {
  double share = 0;
  const auto consider = [&](std::string_view name, std::int64_t part, std::int64_t whole) {
    if (part <= 0 || whole <= 0 || !counts(name)) return;
    share = std::max(share, static_cast<double>(part) / static_cast<double>(whole));
  };
  for (std::size_t i = 0; i < scalar_count; ++i) {
    consider(scalar_names[i], held.plain()[i], total.plain()[i]);
  }
  for (const auto& [name, amount] : held.others()) consider(name, amount, total.of(name));
  return share;
}

}  // namespace mesolite
