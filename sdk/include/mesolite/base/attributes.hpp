// Attributes: what an agent says of itself and passes on in its offers: "rack:r7;cpu_ghz:3.2".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"

namespace mesolite {

struct Attribute {
  std::string name;
  std::string value;  // text as given; scalars and ranges keep their written form

  friend auto operator<=>(const Attribute&, const Attribute&) = default;
};

using Attributes = std::vector<Attribute>;

// Reads "name:value;name:value"; keeps the order. Fails on a part without a colon or with an empty
// name.
Result<Attributes> parse_attributes(std::string_view text);
std::string to_text(const Attributes& attributes);

}  // namespace mesolite
