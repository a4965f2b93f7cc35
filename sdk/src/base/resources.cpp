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

// Adds one quantity to whatever has its key. REQUIRES: it does not belong among the plain.
void insert(std::vector<Resource>& list, Resource resource) {
  const auto place = position(list, resource.key);
  if (place == list.end() || place->key != resource.key) {
    list.insert(place, std::move(resource));
    return;
  }
  unite(*place, resource);
  if (place->empty()) list.erase(place);
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
  for (const Resource& resource : others()) append(full_name(resource.key), value_text(resource));
  return text;
}

const Resources::List& Resources::no_others() {
  static const List none;
  return none;
}

std::shared_ptr<const Resources::List> Resources::share(List list) {
  if (list.empty()) return nullptr;
  return std::make_shared<const List>(std::move(list));
}

void Resources::add(Resource resource) {
  if (resource.empty()) return;
  if (is_plain(resource)) {
    plain_[plain_index(resource.key.name)] += resource.amount;
    return;
  }
  List list = others();
  insert(list, std::move(resource));
  others_ = share(std::move(list));
}

std::int64_t Resources::scalar(std::string_view name) const {
  const std::size_t index = plain_index(name);
  std::int64_t total = index < scalar_count ? plain_[index] : 0;
  for (const Resource& resource : others()) {
    if (resource.key.name == name) total += resource.amount;
  }
  return total;
}

Ranges Resources::ranges(std::string_view name) const {
  Ranges all;
  for (const Resource& resource : others()) {
    if (resource.key.name == name) all += resource.ranges;
  }
  return all;
}

bool Resources::empty() const {
  return others_ == nullptr &&
         std::all_of(plain_.begin(), plain_.end(), [](std::int64_t amount) { return amount == 0; });
}

bool Resources::contains(const Resources& other) const {
  for (std::size_t i = 0; i < scalar_count; ++i) {
    if (plain_[i] < other.plain_[i]) return false;
  }
  if (other.others_ == nullptr || other.others_ == others_) return true;
  return std::all_of(other.others_->begin(), other.others_->end(), [this](const Resource& part) {
    const Resource* whole = find(others(), part.key);
    return whole != nullptr && covers(*whole, part);
  });
}

Resources& Resources::operator+=(const Resources& other) {
  for (std::size_t i = 0; i < scalar_count; ++i) plain_[i] += other.plain_[i];
  if (others_ == nullptr) {
    others_ = other.others_;
  } else if (other.others_ != nullptr) {
    List list = *others_;
    for (const Resource& resource : *other.others_) insert(list, resource);
    others_ = share(std::move(list));
  }
  return *this;
}

Resources& Resources::operator-=(const Resources& other) {
  for (std::size_t i = 0; i < scalar_count; ++i) {
    MESOLITE_CHECK(plain_[i] >= other.plain_[i], "what is subtracted is contained");
    plain_[i] -= other.plain_[i];
  }
  if (other.others_ == nullptr) return *this;
  if (other.others_ == others_) {
    others_ = nullptr;
    return *this;
  }
  List list = others();
  for (const Resource& part : *other.others_) {
    const auto place = position(list, part.key);
    MESOLITE_CHECK(place != list.end() && place->key == part.key && covers(*place, part),
                   "what is subtracted is contained");
    remove(*place, part);
    if (place->empty()) list.erase(place);
  }
  others_ = share(std::move(list));
  return *this;
}

template <class Keep>
Resources Resources::filtered(const Scalars& plain, const Keep& keep) const {
  Resources part(plain);
  const List& all = others();
  if (std::all_of(all.begin(), all.end(), keep)) {
    part.others_ = others_;
    return part;
  }
  List list;
  std::copy_if(all.begin(), all.end(), std::back_inserter(list), keep);
  part.others_ = share(std::move(list));
  return part;
}

Resources Resources::available_to(std::string_view role) const {
  return filtered(plain_, [role](const Resource& resource) {
    return !resource.key.reserved() || role_within(role, resource.key.role());
  });
}

Resources Resources::unreserved() const {
  return filtered(plain_, [](const Resource& resource) { return !resource.key.reserved(); });
}

Resources Resources::reserved_to(std::string_view role) const {
  return filtered({}, [role](const Resource& resource) {
    return resource.key.reserved() && resource.key.role() == role;
  });
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
  for (const Resource& resource : others()) {
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
    resources.others_ = share(std::move(others));
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
