#include "kernel/config/config_value.hpp"

namespace mesolite::config {

const ConfigValue* ConfigValue::find(std::string_view key) const {
  const Table* table = get_if<Table>();
  if (table == nullptr) return nullptr;
  for (const ConfigMember& member : *table) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::string_view ConfigValue::kind() const {
  struct Names {
    std::string_view operator()(bool) const { return "a boolean"; }
    std::string_view operator()(std::int64_t) const { return "an integer"; }
    std::string_view operator()(double) const { return "a number"; }
    std::string_view operator()(const std::string&) const { return "a text"; }
    std::string_view operator()(const List&) const { return "a list"; }
    std::string_view operator()(const Table&) const { return "a table"; }
  };
  return std::visit(Names{}, value);
}

// Equal values may stand on different lines.
bool operator==(const ConfigValue& left, const ConfigValue& right) {
  return left.value == right.value;
}

}  // namespace mesolite::config
