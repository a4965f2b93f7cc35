#include "kernel/config/toml_file.hpp"

#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <cerrno>
#include <exception>
#include <fstream>
#include <string>
#include <system_error>

namespace mesolite::config {
namespace {

std::string place(std::string_view name, std::size_t line) {
  return std::string(name) + ":" + std::to_string(line);
}

// Where the values come from, and how deep in it the one at hand lies.
struct Source {
  std::string_view name;
  std::size_t depth = 0;

  Source below() const { return {name, depth + 1}; }
};

Result<ConfigValue> convert(const toml::node& node, Source source);

Result<ConfigValue::List> convert_list(const toml::array& array, Source source) {
  ConfigValue::List list;
  list.reserve(array.size());
  for (const toml::node& element : array) {
    Result<ConfigValue> value = convert(element, source.below());
    if (!value) return tl::unexpected(value.error());
    list.push_back(std::move(*value));
  }
  return list;
}

Result<ConfigValue::Table> convert_table(const toml::table& members, Source source) {
  ConfigValue::Table table;
  table.reserve(members.size());
  for (const auto& [key, node] : members) {
    Result<ConfigValue> value = convert(node, source.below());
    if (!value) return tl::unexpected(value.error());
    // The line of a key, not of the value, which may begin further down.
    value->line = key.source().begin.line;
    table.push_back({std::string(key.str()), std::move(*value)});
  }
  return table;
}

Result<ConfigValue> convert(const toml::node& node, Source source) {
  const std::uint32_t line = node.source().begin.line;
  if (source.depth > file_depth_max) {
    return failure(place(source.name, line) + ": nested deeper than " +
                   std::to_string(file_depth_max) + " levels");
  }
  const auto at_line = [&](auto value) { return ConfigValue{std::move(value), line}; };
  switch (node.type()) {
    case toml::node_type::string:
      return at_line(node.as_string()->get());
    case toml::node_type::integer:
      return at_line(node.as_integer()->get());
    case toml::node_type::floating_point:
      return at_line(node.as_floating_point()->get());
    case toml::node_type::boolean:
      return at_line(node.as_boolean()->get());
    case toml::node_type::array:
      return convert_list(*node.as_array(), source).map(at_line);
    case toml::node_type::table:
      return convert_table(*node.as_table(), source).map(at_line);
    default:
      return failure(place(source.name, line) + ": dates and times are not used here, quote it");
  }
}

// Dots outside of quoted text. Counts too many where quotes span lines, which does no harm.
std::size_t count_dots(std::string_view text) {
  std::size_t dots = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (letter == '\n') {
      quote = 0;
    } else if (quote != 0) {
      if (letter == '\\' && quote == '"') ++i;
      if (letter == quote) quote = 0;
    } else if (letter == '"' || letter == '\'') {
      quote = letter;
    } else if (letter == '.') {
      ++dots;
    }
  }
  return dots;
}

}  // namespace

Result<ConfigValue> parse_toml(std::string_view text, std::string_view name) {
  if (text.size() > file_size_max) {
    return failure(std::string(name) + ": larger than " + std::to_string(file_size_max) + " bytes");
  }
  if (count_dots(text) > file_dots_max) {
    return failure(std::string(name) + ": more than " + std::to_string(file_dots_max) +
                   " dots outside of quotes");
  }
  try {
    const toml::table table = toml::parse(text, name);
    return convert(table, {name});
  } catch (const toml::parse_error& problem) {
    return failure(place(name, problem.source().begin.line) + ": " +
                   std::string(problem.description()));
  } catch (const std::exception& problem) {
    return failure(std::string(name) + ": " + problem.what());
  }
}

Result<std::string> read_small_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return system_failure("cannot read '" + path.string() + "'", EISDIR);
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return system_failure("cannot open '" + path.string() + "'", errno);
  // One more than allowed tells "exactly as much" from "too much", also for pipes and devices.
  std::string text(file_size_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return system_failure("cannot read '" + path.string() + "'", errno);
  const auto size = static_cast<std::size_t>(file.gcount());
  if (size > file_size_max) {
    return failure("'" + path.string() + "' is larger than " + std::to_string(file_size_max) +
                   " bytes");
  }
  text.resize(size);
  return text;
}

Result<ConfigValue> read_toml_file(const std::filesystem::path& path) {
  const Result<std::string> text = read_small_file(path);
  if (!text) return failure("configuration file", text.error());
  return parse_toml(*text, path.string());
}

}  // namespace mesolite::config
