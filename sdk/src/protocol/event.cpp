#include "mesolite/protocol/event.hpp"

namespace mesolite {

std::string to_text(const Event& event) {
  std::string text(event.name);
  for (const auto& [key, value] : event.fields) {
    text.append(" ").append(key).append("=");
    const bool plain = !value.empty() && value.find_first_of(" \t\n\"=") == std::string::npos;
    if (plain) {
      text += value;
      continue;
    }
    text += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c == '\n' ? ' ' : c;
    }
    text += '"';
  }
  return text;
}

}  // namespace mesolite
