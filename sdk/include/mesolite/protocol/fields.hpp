// How plain structs name their fields, once, for every use: the msgpack codec, the JSON side, the
// printer and the tests all walk the same list.
//
// Equality compares all of them.
//
//   struct Ping {
//     std::uint64_t sequence = 0;
//     MESOLITE_FIELDS(sequence);
//   };
//
// A struct with fields is written as a list in declared order. It may only grow at its end: a
// reader takes what is there, leaves the defaults of what is missing, and skips what is more.
// Writer and Reader are abstract; codec.cpp alone knows msgpack. A member that MESOLITE_FIELDS
// forgets is a compile error at the first use.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

// Templates throughout: a struct of which nobody asks for the fields costs the compiler nothing.
// clang-format off
#define MESOLITE_FIELDS(...)                                                                 \
  static constexpr std::string_view mesolite_field_names() { return #__VA_ARGS__; }          \
  template <class Visit>                                                                     \
  constexpr auto mesolite_apply(Visit&& visit) { return visit(__VA_ARGS__); }                \
  template <class Visit>                                                                     \
  constexpr auto mesolite_apply(Visit&& visit) const { return visit(__VA_ARGS__); }          \
  template <class Other>                                                                     \
  bool operator==(const Other& other) const                                                  \
    requires std::same_as<Other, std::remove_cvref_t<decltype(*this)>>                       \
  { return ::mesolite::tie_fields(*this) == ::mesolite::tie_fields(other); }                 \
  using MesoliteDescribed = void /* takes the semicolon */
// clang-format on

// An enum whose values have names. The first must be `unknown`: it stands for every value that a
// newer peer sends and we do not know.
#define MESOLITE_ENUM(Name, ...)                         \
  enum class Name : std::uint8_t { __VA_ARGS__ };        \
  constexpr std::string_view mesolite_enum_names(Name) { \
    return #__VA_ARGS__;                                 \
  }

namespace mesolite {

template <class T>
concept Described = requires {
  typename T::MesoliteDescribed;
  { T::mesolite_field_names() } -> std::same_as<std::string_view>;
};

// A tuple of references to all fields. T may be const.
template <class T>
auto tie_fields(T& object) {
  return object.mesolite_apply([](auto&... members) { return std::tie(members...); });
}

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E value) {
  mesolite_enum_names(value);
};

namespace detail {

// Stands for any member in an aggregate initialisation that is only asked whether it compiles.
struct AnyMember {
  template <class T>
  operator T() const;  // never defined: only named where nothing is evaluated
};

template <class T, class... Members>
consteval std::size_t count_members() {
  if constexpr (requires { T{Members{}..., AnyMember{}}; }) {
    return count_members<T, Members..., AnyMember>();
  } else {
    return sizeof...(Members);
  }
}

struct CountFields {
  template <class... Members>
  constexpr auto operator()(Members&...) const {
    return std::integral_constant<std::size_t, sizeof...(Members)>{};
  }
};

// The name at `index` of a comma-separated list.
constexpr std::string_view name_at(std::string_view names, std::size_t index) {
  for (; index > 0; --index) names.remove_prefix(names.find(',') + 1);
  names = names.substr(0, names.find(','));
  while (!names.empty() && names.front() == ' ') names.remove_prefix(1);
  while (!names.empty() && names.back() == ' ') names.remove_suffix(1);
  return names;
}

template <std::size_t count>
constexpr std::array<std::string_view, count> split_names(std::string_view names) {
  std::array<std::string_view, count> list;
  for (std::size_t i = 0; i < count; ++i) list[i] = name_at(names, i);
  return list;
}

constexpr std::size_t count_names(std::string_view names) {
  if (names.empty()) return 0;
  std::size_t count = 1;
  for (const char c : names) count += c == ',' ? 1 : 0;
  return count;
}

}  // namespace detail

template <Described T>
constexpr std::size_t field_count() {
  constexpr auto count = decltype(std::declval<T&>().mesolite_apply(detail::CountFields{}))::value;
  static_assert(detail::count_members<T>() == count,
                "MESOLITE_FIELDS must name every member of the struct, each once");
  return count;
}

namespace detail {

// Split once, by the compiler: every value on the wire passes by its field's name.
template <class T>
inline constexpr auto field_names = split_names<field_count<T>()>(T::mesolite_field_names());

}  // namespace detail

// Calls visit(name, member) for each field in declared order. T may be const.
template <class T, class Visit>
requires Described<std::remove_const_t<T>>
constexpr void for_each_field(T& object, Visit&& visit) {
  object.mesolite_apply([&visit](auto&... members) {
    [[maybe_unused]] constexpr auto& names = detail::field_names<std::remove_const_t<T>>;
    [[maybe_unused]] std::size_t index = 0;
    (visit(names[index++], members), ...);
    return true;
  });
}

template <NamedEnum E>
constexpr std::size_t enum_count() {
  return detail::count_names(mesolite_enum_names(E{}));
}

// "running"; "unknown" for values outside the enum.
template <NamedEnum E>
constexpr std::string_view to_text(E value) {
  const auto index = static_cast<std::size_t>(value);
  return detail::name_at(mesolite_enum_names(value), index < enum_count<E>() ? index : 0);
}

}  // namespace mesolite
