// Described structs as JSON text on one line: for the event log and the page.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "mesolite/protocol/values.hpp"

namespace mesolite::spark {

// Appends to `out`, which outlives it. What is no UTF-8 in a text becomes '?'.
std::unique_ptr<Writer> json_writer(std::string& out);

// Enums that are members of `value` itself appear by their names.
template <class T>
std::string to_json(const T& value) {
  std::string out;
  const std::unique_ptr<Writer> writer = json_writer(out);
  if constexpr (Described<T>) {
    writer->begin_struct(field_count<T>());
    for_each_field(value, [&](std::string_view name, const auto& member) {
      writer->field(name);
      if constexpr (NamedEnum<std::decay_t<decltype(member)>>) {
        writer->text(to_text(member));
      } else {
        write_value(*writer, member);
      }
    });
    writer->end_struct();
  } else {
    write_value(*writer, value);
  }
  return out;
}

}  // namespace mesolite::spark
