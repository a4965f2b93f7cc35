// What mini-spark needs to know of a record's type.
#pragma once

#include <concepts>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "mesolite/protocol/fields.hpp"

namespace mesolite::spark {

template <class T>
inline constexpr bool is_pair = false;
template <class A, class B>
inline constexpr bool is_pair<std::pair<A, B>> = true;

template <class T>
inline constexpr bool is_tuple = false;
template <class... Parts>
inline constexpr bool is_tuple<std::tuple<Parts...>> = true;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
concept Pair = is_pair<T>;

template <class T>
concept Text = std::same_as<T, std::string> || std::same_as<T, std::string_view>;

// A value that its bytes make whole.
template <class T>
concept Bits = std::is_trivially_copyable_v<T> && !std::is_pointer_v<T> && !Text<T>;

// A container whose elements can be put in at its end.
template <class T>
concept Container = std::ranges::sized_range<T> && !Text<T> && std::default_initializable<T> &&
                    requires(T container, std::ranges::range_value_t<T> element) {
  container.insert(container.end(), std::move(element));
};

// What a record becomes that outlives its task: views own, all else stays.
template <class T>
struct Owned {
  using type = T;
};
template <>
struct Owned<std::string_view> {
  using type = std::string;
};
template <class A, class B>
struct Owned<std::pair<A, B>> {
  using type = std::pair<typename Owned<A>::type, typename Owned<B>::type>;
};
template <class T>
using owned_t = typename Owned<T>::type;

template <class T>
concept Owning = std::same_as<T, owned_t<T>>;

// The key and the value of a record that is a pair; of another, nothing that anything matches.
struct NoPair {};
template <class T>
struct PairTypes {
  using Key = NoPair;
  using Value = NoPair;
};
template <class K, class V>
struct PairTypes<std::pair<K, V>> {
  using Key = K;
  using Value = V;
};

// Bytes that a record takes, with what it points to.
template <class T>
std::size_t memory_of(const T& record) {
  if constexpr (std::same_as<T, std::string>) {
    return sizeof(T) + (record.capacity() > 15 ? record.capacity() : 0);
  } else if constexpr (is_pair<T>) {
    return memory_of(record.first) + memory_of(record.second);
  } else if constexpr (is_tuple<T> || Described<T>) {
    const auto sum = [](const auto&... parts) { return (std::size_t{0} + ... + memory_of(parts)); };
    if constexpr (is_tuple<T>) {
      return std::apply(sum, record);
    } else {
      return std::apply(sum, tie_fields(record));
    }
  } else if constexpr (is_optional<T>) {
    return sizeof(T) + (record ? memory_of(*record) : 0);
  } else if constexpr (Container<T>) {
    using Element = std::ranges::range_value_t<T>;
    if constexpr (std::is_trivially_copyable_v<Element>) {
      return sizeof(T) + record.size() * sizeof(Element);
    } else {
      std::size_t sum = sizeof(T);
      for (const auto& element : record) sum += memory_of(element);
      return sum;
    }
  } else {
    return sizeof(T);
  }
}

}  // namespace mesolite::spark
