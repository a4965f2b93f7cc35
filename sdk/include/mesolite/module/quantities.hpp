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
