#include "mesolite/base/reservations.hpp"

#include <algorithm>
#include <utility>

namespace mesolite {
namespace {

// Visits each part, the plain scalars too; parts may be empty.
template <class Visit>
void for_each_part(const Resources& resources, Visit&& visit) {
  for (std::size_t i = 0; i < scalar_count; ++i) {
    Resource part;
    part.key.name = scalar_names[i];
    part.amount = resources.plain()[i];
    visit(std::move(part));
  }
  for (const Resource& part : resources.others()) visit(Resource(part));
}

// The same parts, each after change(part).
template <class Change>
Resources changed(const Resources& resources, Change&& change) {
  Resources result;
  for_each_part(resources, [&](Resource part) {
    change(part);
    result.add(std::move(part));
  });
  return result;
}

bool has_plain(const Resources& resources) {
  return Resources(resources.plain()) != Resources();
}

bool is_made(const ResourceKey& key) {
  return key.volume || (key.reserved() && key.reservations.back().dynamic);
}

// Dynamic reservations are made on top of static ones, never below.
void unmake(Resource& part) {
  part.key.volume.reset();
  part.key.shared = false;
  auto& reservations = part.key.reservations;
  while (!reservations.empty() && reservations.back().dynamic) reservations.pop_back();
}

}  // namespace

Resources with_reservation(const Resources& resources, const Reservation& reservation) {
  return changed(resources, [&](Resource& part) { part.key.reservations.push_back(reservation); });
}

Result<Resources> without_reservation(const Resources& resources) {
  if (has_plain(resources)) {
    return failure(Resources(resources.plain()).to_text() + " is not reserved");
  }
  for (const Resource& part : resources.others()) {
    if (!part.key.reserved()) return failure(part.key.name + " is not reserved");
    if (part.key.volume) return failure("volume '" + part.key.volume->id + "' lies on it");
  }
  return changed(resources, [](Resource& part) {
    if (part.key.reserved()) part.key.reservations.pop_back();
  });
}

Result<Resources> without_volumes(const Resources& volumes) {
  if (has_plain(volumes)) {
    return failure(Resources(volumes.plain()).to_text() + " is no volume");
  }
  for (const Resource& part : volumes.others()) {
    if (!part.key.volume) return failure(part.key.name + " is no volume");
  }
  return changed(volumes, [](Resource& part) {
    part.key.volume.reset();
    part.key.shared = false;
  });
}

namespace {

// What of `from` serves as `wanted`, which has the same name and kind.
Resource common(const Resource& from, const Resource& wanted) {
  Resource part = from;
  part.amount = std::min(from.amount, wanted.amount);
  Ranges without = from.ranges;
  without -= wanted.ranges;
  part.ranges -= without;
  std::erase_if(part.items, [&](const std::string& item) {
    return !std::binary_search(wanted.items.begin(), wanted.items.end(), item);
  });
  return part;
}

// The same quantity under another key.
Resources as(Resource part, const ResourceKey& key) {
  part.key = key;
  Resources result;
  result.add(std::move(part));
  return result;
}

}  // namespace

std::optional<Resources> pick(const Resources& available, const Resources& wanted) {
  Resources picked;
  Resources missing = wanted;
  for (const Resource& part : available.others()) {
    const ResourceKey& key = part.key;
    if (!key.reserved() || key.volume || key.revocable || key.shared) continue;
    for_each_part(Resources(missing), [&](const Resource& lacking) {
      if (lacking.key.name != key.name || lacking.kind != part.kind) return;
      const Resource found = common(part, lacking);
      picked += as(found, key);
      missing -= as(found, lacking.key);
    });
  }
  if (!available.contains(missing)) return std::nullopt;
  return picked + missing;
}

Resources made_at_run_time(const Resources& resources) {
  Resources made;
  for (const Resource& part : resources.others()) {
    if (is_made(part.key)) made.add(part);
  }
  return made;
}

Resources as_started(const Resources& resources) {
  return changed(resources, unmake);
}

Result<Resources> with_made(const Resources& started_with, const Resources& made) {
  const Resources below = as_started(made);
  if (!started_with.contains(below)) {
    return failure(below.to_text() + " was reserved or holds volumes, but there is only " +
                   started_with.to_text());
  }
  return started_with - below + made;
}

}  // namespace mesolite
