#include "mesolite/module/parameters.hpp"

#include <cmath>
#include <sstream>

#include "mesolite/base/text.hpp"

namespace mesolite {
namespace {

enum class Kind : std::uint8_t { unset, boolean, integer, number, text, list, table };

constexpr std::string_view kind_names[] = {"nothing", "true or false", "a whole number", "a number",
                                           "text",    "a list",        "a table"};

Kind kind_of(const ParameterValue& value) {
  return static_cast<Kind>(value.value.index());
}

std::string name_of(Kind kind) {
  return std::string(kind_names[static_cast<std::size_t>(kind)]);
}

bool fits(Kind given, Kind wanted) {
  return wanted == Kind::unset || given == wanted ||
         (wanted == Kind::number && given == Kind::integer);
}

struct Printer {
  std::string operator()(std::monostate) const { return "unset"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const {
    std::ostringstream text;
    text << value;
    const bool whole = std::isfinite(value) && text.str().find_first_of(".e") == std::string::npos;
    return text.str() + (whole ? ".0" : "");
  }
  std::string operator()(const std::string& value) const { return "\"" + value + "\""; }
  std::string operator()(const ParameterList& list) const {
    std::string text;
    for (const ParameterValue& item : list) {
      if (!text.empty()) text += ", ";
      text += std::visit(*this, item.value);
    }
    return "[" + text + "]";
  }
  std::string operator()(const ParameterMap& map) const {
    return map.empty() ? "{}" : "{ " + to_text(map) + " }";
  }
};

std::string unknown_key(const std::string& path, const std::string& key,
                        const ParameterMap& schema) {
  std::string problem = "unknown parameter '" + path + key + "'";
  if (schema.empty()) return problem + "; it has none";
  std::vector<std::string> names;
  for (const auto& [name, value] : schema) names.push_back(name);
  if (const std::string near = nearest_name(key, names); !near.empty()) {
    return problem + "; did you mean '" + path + near + "'?";
  }
  problem += "; it has";
  for (const std::string& name : names) problem += (&name == &names[0] ? " " : ", ") + name;
  return problem;
}

std::string invalid_table(const ParameterMap& given, const ParameterMap& schema,
                          const std::string& path);

std::string invalid_value(const ParameterValue& given, const ParameterValue& fallback,
                          const std::string& path) {
  const Kind wanted = kind_of(fallback);
  if (!fits(kind_of(given), wanted)) {
    return "parameter '" + path + "' is " + name_of(kind_of(given)) + " (" +
           std::visit(Printer{}, given.value) + ") and should be " + name_of(wanted);
  }
  if (wanted == Kind::table) {
    // An empty table is a map that the operator fills: its keys are his.
    const auto& schema = std::get<ParameterMap>(fallback.value);
    if (schema.empty()) return "";
    return invalid_table(std::get<ParameterMap>(given.value), schema, path + ".");
  }
  if (wanted != Kind::list) return "";
  const auto& samples = std::get<ParameterList>(fallback.value);
  if (samples.empty()) return "";
  for (const ParameterValue& item : std::get<ParameterList>(given.value)) {
    const std::string problem = invalid_value(item, samples.front(), path + "[]");
    if (!problem.empty()) return problem;
  }
  return "";
}

std::string invalid_table(const ParameterMap& given, const ParameterMap& schema,
                          const std::string& path) {
  for (const auto& [key, value] : given) {
    const auto fallback = schema.find(key);
    if (fallback == schema.end()) return unknown_key(path, key, schema);
    const std::string problem = invalid_value(value, fallback->second, path + key);
    if (!problem.empty()) return problem;
  }
  return "";
}

}  // namespace

bool operator==(const ParameterValue& a, const ParameterValue& b) {
  return a.value == b.value;
}

void write_value(Writer& writer, const ParameterValue& value) {
  struct Visit {
    Writer& writer;
    void operator()(std::monostate) const { writer.nil(); }
    void operator()(bool flag) const { writer.boolean(flag); }
    void operator()(std::int64_t number) const { writer.integer(number); }
    void operator()(double number) const { writer.number(number); }
    void operator()(const std::string& text) const { writer.text(text); }
    void operator()(const ParameterList& list) const { write_value(writer, list); }
    void operator()(const ParameterMap& map) const { write_value(writer, map); }
  };
  std::visit(Visit{writer}, value.value);
}

void read_value(Reader& reader, ParameterValue& value) {
  switch (reader.kind()) {
    case ValueKind::nil:
      value.value = std::monostate{};
      return reader.skip();
    case ValueKind::boolean:
      value.value = reader.boolean();
      return;
    case ValueKind::integer:
      value.value = reader.integer();
      return;
    case ValueKind::number:
      value.value = reader.number();
      return;
    case ValueKind::text:
      value.value = std::string(reader.text());
      return;
    case ValueKind::bytes:
      return reader.fail("bytes cannot be a parameter");
    case ValueKind::list:
      return read_value(reader, value.value.emplace<ParameterList>());
    case ValueKind::map:
      return read_value(reader, value.value.emplace<ParameterMap>());
  }
}

std::string to_text(const ParameterMap& parameters) {
  std::string text;
  for (const auto& [key, value] : parameters) {
    if (!text.empty()) text += ", ";
    text += key + " = " + std::visit(Printer{}, value.value);
  }
  return text;
}

std::string invalid_parameters(const ParameterMap& given, const ParameterMap& schema) {
  return invalid_table(given, schema, "");
}

}  // namespace mesolite
