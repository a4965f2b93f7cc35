// Spoiler: takes a right message and makes it wrong in one field, in every way that its type can be
// wrong. It walks the list that MESOLITE_FIELDS keeps, so no field can be forgotten.
//
//   for_each_wrong(right, [](const Spoiled& where, const auto& message) { … });
//
// A list, map or optional must not be empty in the right message: what is in it could not be
// spoiled. The path of such a one is reported with the way "nothing to spoil".
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesolite/protocol/messages.hpp"

namespace mesolite::harness {

struct Spoiled {
  std::string path;   // "framework.roles"
  std::string field;  // "roles": its last name
  std::string way;    // "empty", "huge", …
};

class Spoiler {
 public:
  // Of all the ways in which a message can be spoiled, in order, this one.
  explicit Spoiler(std::size_t number) : number_(number) {}

  template <class T>
  void walk(T& value) {
    if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, Bytes>) {
      // Both values are right, and bytes are for others to read.
    } else if constexpr (NamedEnum<T>) {
      spoil("unknown", value, T{});
    } else if constexpr (std::is_floating_point_v<T>) {
      spoil("no number", value, std::numeric_limits<T>::quiet_NaN());
      spoil("negative", value, T(-1));
      spoil("infinite", value, std::numeric_limits<T>::infinity());
    } else if constexpr (std::is_arithmetic_v<T>) {
      spoil("huge", value, std::numeric_limits<T>::max());
      if constexpr (std::is_signed_v<T>) spoil("negative", value, std::numeric_limits<T>::min());
    } else if constexpr (std::is_same_v<T, Duration>) {
      spoil("huge", value, Duration::max());
      spoil("negative", value, Duration(-1s));
    } else if constexpr (std::is_same_v<T, Time>) {
      spoil("negative", value, Time(Duration(-1s)));
    } else if constexpr (std::is_same_v<T, Resources>) {
      walk_resources(value);
    } else if constexpr (std::is_same_v<T, Attribute>) {
      walk_named("name", value.name);
      walk_named("value", value.value);
    } else if constexpr (std::is_same_v<T, std::string>) {
      walk_text(value);
    } else if constexpr (Described<T>) {
      for_each_field(value,
                     [this](std::string_view name, auto& member) { walk_named(name, member); });
    } else {
      walk_other(value);
    }
  }

  // What was spoiled; none if there are not that many ways.
  const std::optional<Spoiled>& spoiled() const { return spoiled_; }

 private:
  template <class T>
  void walk_named(std::string_view name, T& member) {
    path_.emplace_back(name);
    walk(member);
    path_.pop_back();
  }

  // Whether it is this way's turn.
  bool turn(std::string_view way) {
    if (spoiled_ || count_++ != number_) return false;
    Spoiled& spoiled = spoiled_.emplace();
    for (const std::string& name : path_) spoiled.path += (spoiled.path.empty() ? "" : ".") + name;
    spoiled.field = path_.back();
    spoiled.way = way;
    return true;
  }

  template <class T>
  void spoil(std::string_view way, T& value, T bad) {
    if (turn(way)) value = std::move(bad);
  }

  void walk_text(std::string& text) {
    spoil("empty", text, std::string());
    spoil("huge", text, std::string(100'000, 'x'));
    spoil("hostile", text, std::string("../ \n"));
    spoil("foreign", text, std::string("nosuch"));
  }

  static Resource one(std::string name, std::int64_t amount) {
    Resource part;
    part.key.name = std::move(name);
    part.amount = amount;
    return part;
  }

  void walk_resources(Resources& resources) {
    spoil("empty", resources, Resources());
    for (const auto& [way, scalar, amount] :
         {std::tuple("negative", Scalar::cpus, std::int64_t{-1}),
          std::tuple("huge", Scalar::mem, std::numeric_limits<std::int64_t>::max()),
          std::tuple("a part of a gpu", Scalar::gpus, std::int64_t{500})}) {
      if (turn(way)) resources.set_plain(scalar, amount);
    }
    if (turn("a negative custom scalar")) resources.add(one("widgets", -5));
    if (turn("without a name")) resources.add(one("", 1000));
    Resource part = one("disk", 1000);
    part.key.reservations = {{"../x", true, "", {}}};
    if (turn("reserved to what is no role")) resources.add(part);
    part.key.reservations = {{"a", true, "", {}}, {"b", true, "", {}}};
    if (turn("reserved to unrelated roles")) resources.add(part);
    part.key.reservations.clear();
    part.key.volume = Volume{"v", "data", ""};
    if (turn("an unreserved volume")) resources.add(part);
  }

  template <class Tag>
  void walk_other(TextId<Tag>& id) {
    walk_text(id.value);
  }
  template <class Tag>
  void walk_other(NumberId<Tag>& id) {
    walk(id.value);
    spoil("none", id.value, std::uint64_t{0});
  }
  template <class T>
  void walk_other(std::optional<T>& value) {
    if (!value) return (void)turn("nothing to spoil");
    walk(*value);
  }
  template <class T>
  void walk_other(std::vector<T>& values) {
    if (values.empty()) return (void)turn("nothing to spoil");
    walk(values.front());
    spoil("empty", values, std::vector<T>());
    if (turn("twice")) values.push_back(T(values.front()));
    if (turn("many")) values.assign(2'000, T(values.front()));
  }
  template <class T>
  void walk_other(std::map<std::string, T>& values) {
    if (values.empty()) return (void)turn("nothing to spoil");
    walk(values.begin()->second);
    spoil("empty", values, std::map<std::string, T>());
    if (turn("with a huge key")) values[std::string(100'000, 'x')] = values.begin()->second;
  }

  const std::size_t number_;
  std::size_t count_ = 0;
  std::vector<std::string> path_;
  std::optional<Spoiled> spoiled_;
};

template <class T, class Visit>
void for_each_wrong(const T& right, Visit&& visit) {
  for (std::size_t number = 0;; ++number) {
    T message = right;
    Spoiler spoiler(number);
    spoiler.walk(message);
    if (!spoiler.spoiled()) return;
    visit(*spoiler.spoiled(), message);
  }
}

}  // namespace mesolite::harness
