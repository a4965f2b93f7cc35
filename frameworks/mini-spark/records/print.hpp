// Records as people read them: for text files and for the commands of pipe().
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <ostream>
#include <sstream>
#include <string>
#include <tuple>

#include "frameworks/mini-spark/records/traits.hpp"

namespace mesolite::spark {

template <class T>
concept Printed = requires(std::ostream& out, const T& value) {
  out << value;
};

template <class T>
void print_record(std::string& out, const T& record);

namespace detail {

template <class... Parts>
void print_parts(std::string& out, const Parts&... parts) {
  const char* separator = "(";
  const auto print = [&](const auto& part) {
    out += separator;
    print_record(out, part);
    separator = ",";
  };
  if constexpr (sizeof...(Parts) == 0) out += separator;
  (print(parts), ...);
  out += ')';
}

}  // namespace detail

// "(a,b)" for pairs, tuples and structs with MESOLITE_FIELDS, "[a, b]" for containers, as Spark
// prints them; numbers so that they can be read back; what has operator<< as that says.
template <class T>
void print_record(std::string& out, const T& record) {
  if constexpr (Text<T>) {
    out += record;
  } else if constexpr (std::same_as<T, bool>) {
    out += record ? "true" : "false";
  } else if constexpr (std::same_as<T, char>) {
    out += record;
  } else if constexpr (std::is_arithmetic_v<T>) {
    std::array<char, 64> digits{};
    out.append(digits.data(),
               std::to_chars(digits.data(), digits.data() + digits.size(), record).ptr);
  } else if constexpr (is_pair<T>) {
    detail::print_parts(out, record.first, record.second);
  } else if constexpr (is_tuple<T>) {
    std::apply([&](const auto&... parts) { detail::print_parts(out, parts...); }, record);
  } else if constexpr (is_optional<T>) {
    record ? print_record(out, *record) : void(out += "none");
  } else if constexpr (Printed<T>) {
    std::ostringstream text;
    text << record;
    out += text.view();
  } else if constexpr (Described<T>) {
    std::apply([&](const auto&... parts) { detail::print_parts(out, parts...); },
               tie_fields(record));
  } else {
    const char* separator = "[";
    for (const auto& each : record) {
      out += separator;
      print_record(out, each);
      separator = ", ";
    }
    out += *separator == '[' ? "[]" : "]";
  }
}

}  // namespace mesolite::spark
