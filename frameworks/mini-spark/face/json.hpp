// Described structs as JSON text on one line: for the event log and the page.
#pragma once

#include <memory>
#include <string>

#include "mesolite/protocol/values.hpp"

namespace mesolite::spark {

// Appends to `out`, which outlives it. What is no UTF-8 in a text becomes '?'.
std::unique_ptr<Writer> json_writer(std::string& out);

template <class T>
std::string to_json(const T& value) {
  std::string out;
  write_value(*json_writer(out), value);
  return out;
}

}  // namespace mesolite::spark
