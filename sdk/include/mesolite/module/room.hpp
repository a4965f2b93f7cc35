// Room: how much more of each scalar somebody may be given; a name that nothing bounds is
// unlimited. A value.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/resources.hpp"
#include "mesolite/module/quantities.hpp"

namespace mesolite {

class Room {
 public:
  static constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

  Room() { plain_.fill(unlimited); }
  // Bounded in the names that the resources hold.
  explicit Room(const Resources& bounds) : Room() {
    Quantities(bounds).for_each(
        [&](std::string_view name, std::int64_t amount) { bound(name, amount); });
  }

  // At most so much, and never less than nothing. The tightest of several bounds holds.
  void bound(std::string_view name, std::int64_t amount) {
    amount = std::max<std::int64_t>(amount, 0);
    for (std::size_t i = 0; i < scalar_count; ++i) {
      if (scalar_names[i] != name) continue;
      plain_[i] = std::min(plain_[i], amount);
      return;
    }
    const auto [place, added] = others_.try_emplace(std::string(name), amount);
    if (!added) place->second = std::min(place->second, amount);
  }

  std::int64_t of(std::string_view name) const {
    for (std::size_t i = 0; i < scalar_count; ++i) {
      if (scalar_names[i] == name) return plain_[i];
    }
    const auto place = others_.find(name);
    return place == others_.end() ? unlimited : place->second;
  }
  bool bounded() const {
    return !others_.empty() || std::any_of(plain_.begin(), plain_.end(), is_bound);
  }
  // Calls visit(name, amount) for each name that is bounded.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < scalar_count; ++i) {
      if (is_bound(plain_[i])) visit(scalar_names[i], plain_[i]);
    }
    for (const auto& [name, amount] : others_) visit(std::string_view(name), amount);
  }

  // What of the resources fits: what quota counts is cut to the room, GPUs to whole ones; what is
  // reserved or revocable fits always. An offer without CPUs or memory would only keep the rest
  // from those who can use it: when there is no room for either, only the reserved and revocable is
  // left.
  Resources cut(const Resources& resources) const {
    Scalars plain = resources.plain();
    for (std::size_t i = 0; i < scalar_count; ++i) {
      if (plain[i] > plain_[i]) plain[i] = whole(scalar_names[i], plain_[i]);
    }
    const auto taken = [&](Scalar scalar) {
      return resources.plain(scalar) > 0 && plain[static_cast<std::size_t>(scalar)] == 0;
    };
    if (taken(Scalar::cpus) || taken(Scalar::mem)) return uncounted(resources);
    if (others_.empty()) return with_plain(resources, plain);
    std::vector<Resource> others = resources.others();
    for (Resource& resource : others) {
      if (!counts_for_quota(resource)) continue;
      resource.amount = std::min(resource.amount, of(resource.key.name));
    }
    return Resources::assemble(plain, std::move(others));
  }

  friend bool operator==(const Room&, const Room&) = default;

 private:
  static bool is_bound(std::int64_t amount) { return amount != unlimited; }
  static std::int64_t whole(std::string_view name, std::int64_t amount) {
    constexpr std::int64_t unit = 1000;
    return name == "gpus" ? amount / unit * unit : amount;
  }
  static Resources uncounted(const Resources& resources) {
    std::vector<Resource> others = resources.others();
    std::erase_if(others, [](const Resource& resource) {
      return !resource.key.reserved() && !resource.key.revocable;
    });
    return Resources::assemble({}, std::move(others));
  }
  static Resources with_plain(Resources resources, const Scalars& plain) {
    for (std::size_t i = 0; i < scalar_count; ++i) {
      resources.set_plain(static_cast<Scalar>(i), plain[i]);
    }
    return resources;
  }

  Scalars plain_;
  std::map<std::string, std::int64_t, std::less<>> others_;
};

}  // namespace mesolite
