#include "mesolite/base/attributes.hpp"

#include "mesolite/base/text.hpp"

namespace mesolite {

Result<Attributes> parse_attributes(std::string_view text) {
  Attributes attributes;
  if (trim(text).empty()) return attributes;
  for (const std::string_view part : split(text, ';')) {
    const std::string_view pair = trim(part);
    if (pair.empty()) continue;  // a trailing semicolon
    const std::size_t colon = pair.find(':');
    if (colon == std::string_view::npos || trim(pair.substr(0, colon)).empty()) {
      return failure("attributes: expected name:value, got '" + std::string(pair) + "'");
    }
    attributes.push_back(Attribute{std::string(trim(pair.substr(0, colon))),
                                   std::string(trim(pair.substr(colon + 1)))});
  }
  return attributes;
}

std::string to_text(const Attributes& attributes) {
  std::string text;
  for (const Attribute& attribute : attributes) {
    if (!text.empty()) text += ";";
    text += attribute.name + ":" + attribute.value;
  }
  return text;
}

}  // namespace mesolite
