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

// clang-format off
#define MESOLITE_FIELDS(...)                                                        \
  static constexpr std::string_view mesolite_field_names() { return #__VA_ARGS__; } \
  auto mesolite_tie() { return std::tie(__VA_ARGS__); }                             \
  auto mesolite_tie() const { return std::tie(__VA_ARGS__); }                       \
  template <class Other>                                                            \
  bool operator==(const Other& other) const                                         \
    requires std::same_as<Other, std::remove_cvref_t<decltype(*this)>>              \
  { return mesolite_tie() == other.mesolite_tie(); }                                \
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
concept Described = requires(const T& object) {
  { T::mesolite_field_names() } -> std::same_as<std::string_view>;
  object.mesolite_tie();
};

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

// The I-th name of a comma-separated list.
constexpr std::string_view name_at(std::string_view names, std::size_t index) {
  for (; index > 0; --index) names.remove_prefix(names.find(',') + 1);
  names = names.substr(0, names.find(','));
  while (!names.empty() && names.front() == ' ') names.remove_prefix(1);
  while (!names.empty() && names.back() == ' ') names.remove_suffix(1);
  return names;
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
  constexpr auto count = std::tuple_size_v<decltype(std::declval<T&>().mesolite_tie())>;
  static_assert(detail::count_members<T>() == count,
                "MESOLITE_FIELDS must name every member of the struct, each once");
  return count;
}

// Calls visit(name, member) for each field in declared order. T may be const.
template <class T, class Visit>
requires Described<std::remove_const_t<T>>
constexpr void for_each_field(T& object, Visit&& visit) {
  constexpr auto count = field_count<std::remove_const_t<T>>();
  constexpr auto names = std::remove_const_t<T>::mesolite_field_names();
  auto members = object.mesolite_tie();
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (visit(detail::name_at(names, I), std::get<I>(members)), ...);
  }
  (std::make_index_sequence<count>{});
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
