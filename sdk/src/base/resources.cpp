#include "mesolite/base/resources.hpp"

#include <algorithm>
#include <iterator>

#include "mesolite/base/check.hpp"
#include "mesolite/base/ids.hpp"

namespace mesolite {
namespace {

constexpr std::int64_t gpu_unit = 1000;  // gpus come whole

// The place of a name among the plain scalars, or scalar_count.
std::size_t plain_index(std::string_view name) {
  const auto found = std::find(scalar_names.begin(), scalar_names.end(), name);
  return static_cast<std::size_t>(found - scalar_names.begin());
}

bool is_plain(const Resource& resource) {
  const ResourceKey& key = resource.key;
  return resource.kind == ResourceKind::scalar && !key.reserved() && !key.volume &&
         !key.revocable && !key.shared && plain_index(key.name) < scalar_count;
}

auto position(std::vector<Resource>& list, const ResourceKey& key) {
  return std::lower_bound(list.begin(), list.end(), key,
                          [](const Resource& r, const ResourceKey& k) { return r.key < k; });
}

const Resource* find(const std::vector<Resource>& list, const ResourceKey& key) {
  const auto found =
      std::lower_bound(list.begin(), list.end(), key,
                       [](const Resource& r, const ResourceKey& k) { return r.key < k; });
  return found != list.end() && found->key == key ? &*found : nullptr;
}

bool covers(const Resource& whole, const Resource& part) {
  if (whole.kind != part.kind) return part.empty();
  if (part.key.volume) return whole.amount == part.amount;  // a volume is never split
  switch (part.kind) {
    case ResourceKind::scalar:
      return whole.amount >= part.amount;
    case ResourceKind::ranges:
      return whole.ranges.contains(part.ranges);
    case ResourceKind::set:
      return std::includes(whole.items.begin(), whole.items.end(), part.items.begin(),
                           part.items.end());
  }
  return false;
}

void unite(Resource& whole, const Resource& part) {
  whole.amount += part.amount;
  whole.ranges += part.ranges;
  std::vector<std::string> items;
  std::set_union(whole.items.begin(), whole.items.end(), part.items.begin(), part.items.end(),
                 std::back_inserter(items));
  whole.items = std::move(items);
}

void remove(Resource& whole, const Resource& part) {
  whole.amount -= part.amount;
  whole.ranges -= part.ranges;
  std::vector<std::string> items;
  std::set_difference(whole.items.begin(), whole.items.end(), part.items.begin(), part.items.end(),
                      std::back_inserter(items));
  whole.items = std::move(items);
}

std::string value_text(const Resource& resource) {
  if (resource.kind == ResourceKind::scalar) return thousandths_to_text(resource.amount);
  if (resource.kind == ResourceKind::ranges) return resource.ranges.to_text();
  std::string text = "{";
  for (const std::string& item : resource.items) {
    if (text.size() > 1) text += ",";
    text += item;
  }
  return text + "}";
}

std::string full_name(const ResourceKey& key) {
  std::string text = key.name;
  if (key.reserved()) text += "(" + std::string(key.role()) + ")";
  if (key.volume) text += "[" + key.volume->id + ":" + key.volume->container_path + "]";
  if (key.revocable) text += "{REV}";
  if (key.shared) text += "<SHARED>";
  return text;
}

}  // namespace

std::string_view ResourceKey::role() const {
  return reservations.empty() ? std::string_view("*") : std::string_view(reservations.back().role);
}

bool Resource::empty() const {
  switch (kind) {
    case ResourceKind::scalar:
      return amount == 0;
    case ResourceKind::ranges:
      return ranges.empty();
    case ResourceKind::set:
      return items.empty();
  }
  return true;
}

std::string Resources::to_text() const {
  std::string text;
  const auto append = [&text](std::string_view name, std::string_view value) {
    if (!text.empty()) text += ";";
    text.append(name).append(":").append(value);
  };
  for (std::size_t i = 0; i < scalar_count; ++i) {
    if (plain_[i] != 0) append(scalar_names[i], thousandths_to_text(plain_[i]));
  }
  for (const Resource& resource : others_) append(full_name(resource.key), value_text(resource));
  return text;
}

void Resources::add(Resource resource) {
  if (resource.empty()) return;
  if (is_plain(resource)) {
    plain_[plain_index(resource.key.name)] += resource.amount;
    return;
  }
  const auto place = position(others_, resource.key);
  if (place == others_.end() || place->key != resource.key) {
    others_.insert(place, std::move(resource));
    return;
  }
  unite(*place, resource);
  if (place->empty()) others_.erase(place);
}

std::int64_t Resources::scalar(std::string_view name) const {
  const std::size_t index = plain_index(name);
  std::int64_t total = index < scalar_count ? plain_[index] : 0;
  for (const Resource& resource : others_) {
    if (resource.key.name == name) total += resource.amount;
  }
  return total;
}

Ranges Resources::ranges(std::string_view name) const {
  Ranges all;
  for (const Resource& resource : others_) {
    if (resource.key.name == name) all += resource.ranges;
  }
  return all;
}

bool Resources::empty() const {
  return others_.empty() &&
         std::all_of(plain_.begin(), plain_.end(), [](std::int64_t amount) { return amount == 0; });
}

bool Resources::contains(const Resources& other) const {
  for (std::size_t i = 0; i < scalar_count; ++i) {
    if (plain_[i] < other.plain_[i]) return false;
  }
  return std::all_of(other.others_.begin(), other.others_.end(), [this](const Resource& part) {
    const Resource* whole = find(others_, part.key);
    return whole != nullptr && covers(*whole, part);
  });
}

Resources& Resources::operator+=(const Resources& other) {
  for (std::size_t i = 0; i < scalar_count; ++i) plain_[i] += other.plain_[i];
  if (others_.empty()) {
    others_ = other.others_;
  } else {
    for (const Resource& resource : other.others_) add(resource);
  }
  return *this;
}

Resources& Resources::operator-=(const Resources& other) {
  for (std::size_t i = 0; i < scalar_count; ++i) {
    MESOLITE_CHECK(plain_[i] >= other.plain_[i], "what is subtracted is contained");
    plain_[i] -= other.plain_[i];
  }
  for (const Resource& part : other.others_) {
    const auto place = position(others_, part.key);
    MESOLITE_CHECK(place != others_.end() && place->key == part.key && covers(*place, part),
                   "what is subtracted is contained");
    remove(*place, part);
    if (place->empty()) others_.erase(place);
  }
  return *this;
}

Resources Resources::available_to(std::string_view role) const {
  Resources available(plain_);
  for (const Resource& resource : others_) {
    if (!resource.key.reserved() || role_within(role, resource.key.role())) {
      available.others_.push_back(resource);
    }
  }
  return available;
}

Resources Resources::unreserved() const {
  Resources free(plain_);
  std::copy_if(others_.begin(), others_.end(), std::back_inserter(free.others_),
               [](const Resource& resource) { return !resource.key.reserved(); });
  return free;
}

Resources Resources::reserved_to(std::string_view role) const {
  Resources reserved;
  std::copy_if(others_.begin(), others_.end(), std::back_inserter(reserved.others_),
               [role](const Resource& resource) {
                 return resource.key.reserved() && resource.key.role() == role;
               });
  return reserved;
}

namespace {

std::string invalid_reservations(const ResourceKey& key) {
  const Reservation* above = nullptr;
  for (const Reservation& reservation : key.reservations) {
    if (reservation.role == "*") return key.name + " is reserved to the role '*'";
    const std::string problem = invalid_role(reservation.role);
    if (!problem.empty()) return key.name + " is reserved to a role that cannot be: " + problem;
    if (above != nullptr && !reservation.dynamic && above->dynamic) {
      return key.name + " has a static reservation upon a dynamic one";
    }
    const bool below = above == nullptr || (reservation.role != above->role &&
                                            role_within(reservation.role, above->role));
    if (!below) {
      return key.name + " is reserved to '" + reservation.role + "', which is not below '" +
             above->role + "'";
    }
    above = &reservation;
  }
  return "";
}

std::string invalid_volume(const Resource& resource) {
  const ResourceKey& key = resource.key;
  if (!key.volume) return "";
  if (!key.reserved()) return "volume " + key.volume->id + " lies on unreserved disk";
  if (key.name != "disk" || resource.kind != ResourceKind::scalar) {
    return "volume " + key.volume->id + " lies on " + key.name + ", and only disk holds volumes";
  }
  if (!valid_id(key.volume->id)) {
    return "volume id '" + key.volume->id + "' cannot be a directory name";
  }
  return "";
}

std::string invalid_resource(const Resource& resource) {
  const ResourceKey& key = resource.key;
  if (key.name.empty()) return "a resource has no name";
  if (resource.amount < 0) return key.name + " is negative";
  if (resource.amount > amount_max) return key.name + " is too large";
  if (key.name == "gpus" && resource.amount % gpu_unit != 0) return "gpus must be whole";
  const std::string problem = invalid_reservations(key);
  return problem.empty() ? invalid_volume(resource) : problem;
}

}  // namespace

std::string Resources::invalid() const {
  for (std::size_t i = 0; i < scalar_count; ++i) {
    if (plain_[i] < 0) return std::string(scalar_names[i]) + " is negative";
    if (plain_[i] > amount_max) return std::string(scalar_names[i]) + " is too large";
  }
  if (plain(Scalar::gpus) % gpu_unit != 0) return "gpus must be whole";
  for (const Resource& resource : others_) {
    const std::string problem = invalid_resource(resource);
    if (!problem.empty()) return problem;
  }
  return "";
}

Resources Resources::assemble(const Scalars& plain, std::vector<Resource> others) {
  Resources resources(plain);
  const auto before = [](const Resource& a, const Resource& b) { return a.key < b.key; };
  const bool ready =
      std::is_sorted(others.begin(), others.end(), before) &&
      std::adjacent_find(others.begin(), others.end(),
                         [](const Resource& a, const Resource& b) { return a.key == b.key; }) ==
          others.end() &&
      std::none_of(others.begin(), others.end(),
                   [](const Resource& resource) { return resource.empty() || is_plain(resource); });
  if (ready) {
    resources.others_ = std::move(others);
  } else {
    for (Resource& resource : others) resources.add(std::move(resource));
  }
  return resources;
}

bool role_within(std::string_view role, std::string_view ancestor) {
  return role.starts_with(ancestor) &&
         (role.size() == ancestor.size() || role[ancestor.size()] == '/');
}

}  // namespace mesolite
