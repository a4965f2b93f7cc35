#include "kernel/config/sources.hpp"

#include <algorithm>
#include <utility>

#include "mesolite/base/text.hpp"

namespace mesolite::config {
namespace {

struct Match {
  std::size_t option = 0;
  std::string_view alias;  // set when found under a deprecated name
  bool negated = false;    // found as no-NAME
};

// `name` in lower case.
std::optional<Match> find_exactly(const OptionTable& table, std::string_view name) {
  for (std::size_t index = 0; index < table.options.size(); ++index) {
    const OptionSpec& spec = table.options[index];
    if (spec.name == name) return Match{index, {}, false};
    for (const std::string_view alias : split(spec.aliases, ',')) {
      if (!alias.empty() && alias == name) return Match{index, alias, false};
    }
  }
  return std::nullopt;
}

std::optional<Match> find_option(const OptionTable& table, std::string_view name) {
  if (const auto match = find_exactly(table, name)) return match;
  constexpr std::string_view negation = "no-";
  if (!name.starts_with(negation)) return std::nullopt;
  auto match = find_exactly(table, name.substr(negation.size()));
  if (!match || table.options[match->option].kind != OptionKind::boolean) return std::nullopt;
  match->negated = true;
  return match;
}

bool is_boolean_word(std::string_view word) {
  return word == "true" || word == "false" || word == "1" || word == "0";
}

// Reads the words of a command line one flag at a time.
class CommandLineReader {
 public:
  CommandLineReader(const OptionTable& table, const std::vector<std::string>& arguments)
      : table_(table), arguments_(arguments) {}

  Result<CommandLine> read() {
    for (; next_ < arguments_.size(); ++next_) {
      const std::string_view word = arguments_[next_];
      if (word == "--") break;
      if (const Status status = read_word(word); !status) return tl::unexpected(status.error());
    }
    return std::move(result_);
  }

 private:
  Status read_word(std::string_view word) {
    if (word == "-h" || word == "--help" || word == "--version") {
      result_.action = word == "--version" ? Action::version : Action::help;
      return {};
    }
    if (word.starts_with("--")) return read_flag(word.substr(2));
    if (word.size() > 1 && word.front() == '-') {
      return failure("unknown flag '" + std::string(word) +
                     "' on the command line: flags begin with two hyphens; see --help");
    }
    result_.warnings.push_back("skipped '" + std::string(word) +
                               "' on the command line: it is no flag");
    return {};
  }

  Status read_flag(std::string_view flag) {
    const std::size_t equals = flag.find('=');
    const std::string name = lower(flag.substr(0, equals));
    const std::optional<Match> match = find_option(table_, name);
    if (!match) {
      return failure("unknown flag '--" + std::string(flag.substr(0, equals)) +
                     "' on the command line" + suggestion(table_, name, "--") + "; see --help");
    }
    std::optional<std::string_view> value;
    if (equals != std::string_view::npos) value = flag.substr(equals + 1);
    Result<std::string> text = read_value(*match, name, value);
    if (!text) return tl::unexpected(text.error());
    return add({match->option, std::move(*text), "--" + name, match->alias});
  }

  Result<std::string> read_value(const Match& match, const std::string& name,
                                 std::optional<std::string_view> value) {
    const bool boolean = table_.options[match.option].kind == OptionKind::boolean;
    if (match.negated) {
      if (value) return failure("--" + name + ": takes no value, got '" + masked(*value) + "'");
      return std::string("false");
    }
    if (value) return std::string(*value);
    const bool has_next = next_ + 1 < arguments_.size();
    const std::string_view following = has_next ? std::string_view(arguments_[next_ + 1]) : "";
    if (boolean && !is_boolean_word(following)) return std::string("true");
    if (!has_next || following.starts_with("--")) {
      return failure("--" + name + ": no value given, expected " +
                     expectation(table_.options[match.option]));
    }
    ++next_;
    return std::string(following);
  }

  Status add(Given given) {
    for (const Given& earlier : result_.given) {
      if (earlier.option != given.option) continue;
      if (earlier.source == given.source) {
        return failure(given.source + ": given more than once on the command line");
      }
      return failure(given.source + ": given already as " + earlier.source +
                     " on the command line");
    }
    result_.given.push_back(std::move(given));
    return {};
  }

  const OptionTable& table_;
  const std::vector<std::string>& arguments_;
  std::size_t next_ = 0;
  CommandLine result_;
};

Result<std::string> environment_text(const Match& match, std::string_view name,
                                     std::string_view value) {
  if (!match.negated) return std::string(value);
  if (value.empty()) return std::string("false");
  return failure("environment variable " + std::string(name) + ": takes no value, got '" +
                 masked(value) + "'");
}

// The text of a value in a file, in the form that a command line would carry it.
Result<std::string> option_text(const OptionSpec& spec, const ConfigValue& value) {
  const auto unexpected_kind = [&] {
    return failure("expected " + expectation(spec) + ", got " + std::string(value.kind()));
  };
  if (const auto* text = value.get_if<std::string>()) return *text;
  if (const auto* list = value.get_if<ConfigValue::List>(); list && spec.kind == OptionKind::list) {
    std::string text;
    for (const ConfigValue& element : *list) {
      const auto* item = element.get_if<std::string>();
      if (item == nullptr)
        return failure("expected texts in the list, got " + std::string(element.kind()));
      text.append(text.empty() ? "" : ",").append(*item);
    }
    return text;
  }
  const bool wordy = spec.kind == OptionKind::text || spec.kind == OptionKind::path ||
                     spec.kind == OptionKind::list;
  if (wordy) return unexpected_kind();
  if (const auto* flag = value.get_if<bool>()) {
    if (spec.kind != OptionKind::boolean) return unexpected_kind();
    return to_text(OptionValue(*flag));
  }
  if (const auto* number = value.get_if<std::int64_t>()) return std::to_string(*number);
  if (const auto* number = value.get_if<double>()) return to_text(OptionValue(*number));
  return unexpected_kind();
}

std::string place(std::string_view file, std::uint32_t line) {
  return std::string(file) + ":" + std::to_string(line);
}

Result<ModuleTable> read_module(const ConfigMember& member, std::string_view file) {
  const std::string where = place(file, member.value.line) + ": module '" + member.key + "'";
  const auto* source = member.value.get_if<ConfigValue::Table>();
  if (source == nullptr) {
    return failure(where + ": expected a table, got " + std::string(member.value.kind()));
  }
  ModuleTable module;
  module.name = member.key;
  module.file = file;
  module.line = member.value.line;
  ConfigValue::Table parameters;
  for (const ConfigMember& entry : *source) {
    if (entry.key != "path" && entry.key != "isolation" && entry.key != "call_timeout") {
      parameters.push_back(entry);
      continue;
    }
    const auto* text = entry.value.get_if<std::string>();
    const std::string at = place(file, entry.value.line) + ": module '" + member.key + "': ";
    if (text == nullptr) {
      return failure(at + entry.key + ": expected a text, got " + std::string(entry.value.kind()));
    }
    if (entry.key == "path") {
      module.path = *text;
    } else if (entry.key == "call_timeout") {
      const Result<Duration> timeout = parse_duration(*text);
      if (!timeout) return failure(at + entry.key, timeout.error());
      if (*timeout <= Duration(0)) return failure(at + entry.key + ": has to be more than 0");
      module.call_timeout = *timeout;
    } else if (*text == "process" || *text == "none") {
      module.out_of_process = *text == "process";
    } else {
      return failure(at + "isolation: expected one of process, none, got '" + *text + "'");
    }
  }
  module.parameters = ConfigValue{std::move(parameters), member.value.line};
  return module;
}

Status read_modules(const ConfigValue& tables, std::string_view file, ConfigFile& result) {
  const auto* source = tables.get_if<ConfigValue::Table>();
  if (source == nullptr) {
    return failure(place(file, tables.line) + ": modules: expected a table, got " +
                   std::string(tables.kind()));
  }
  for (const ConfigMember& member : *source) {
    Result<ModuleTable> module = read_module(member, file);
    if (!module) return tl::unexpected(module.error());
    result.modules.push_back(std::move(*module));
  }
  return {};
}

Result<Given> read_entry(const OptionTable& table, const ConfigMember& member,
                         std::string_view file) {
  const std::string where = place(file, member.value.line) + ": ";
  const std::optional<Match> match = find_exactly(table, lower(member.key));
  if (!match) {
    const bool is_table = member.value.get_if<ConfigValue::Table>() != nullptr;
    return failure(where + "unknown " + (is_table ? "table [" : "option '") + member.key +
                   (is_table ? "]" : "'") + suggestion(table, lower(member.key), ""));
  }
  const OptionSpec& spec = table.options[match->option];
  if (spec.name == "config") {
    return failure(where + "config: a configuration file cannot name another one");
  }
  Result<std::string> text = option_text(spec, member.value);
  if (!text) return failure(where + member.key, text.error());
  return Given{match->option, std::move(*text), where + member.key, match->alias};
}

// Two names of one option in one source: the second is refused, whatever its value.
Status add_once(std::vector<Given>& given, Given added) {
  for (const Given& earlier : given) {
    if (earlier.option == added.option) {
      return failure(added.source + ": given already as " + earlier.source);
    }
  }
  given.push_back(std::move(added));
  return {};
}

}  // namespace

std::string suggestion(const OptionTable& table, std::string_view name, std::string_view prefix) {
  std::vector<std::string> names = {"help", "version"};
  for (const OptionSpec& spec : table.options) names.emplace_back(spec.name);
  std::string wanted(name);
  std::replace(wanted.begin(), wanted.end(), '-', '_');
  const std::string nearest = nearest_name(wanted, names);
  if (nearest.empty()) return "";
  return ", did you mean '" + std::string(prefix) + nearest + "'?";
}

Result<CommandLine> read_command_line(const OptionTable& table,
                                      const std::vector<std::string>& arguments) {
  return CommandLineReader(table, arguments).read();
}

Result<std::vector<Given>> read_environment(const OptionTable& table,
                                            const std::vector<std::string>& environment) {
  constexpr std::string_view prefix = "MESOS_";
  std::vector<Given> given;
  for (const std::string_view variable : environment) {
    const std::size_t equals = variable.find('=');
    if (!variable.starts_with(prefix) || equals == std::string_view::npos) continue;
    const std::string_view name = variable.substr(0, equals);
    const std::optional<Match> match = find_option(table, lower(name.substr(prefix.size())));
    if (!match) continue;
    Result<std::string> text = environment_text(*match, name, variable.substr(equals + 1));
    if (!text) return tl::unexpected(text.error());
    // The same variable in two spellings is no contradiction as long as both say the same.
    const auto same = [&](const Given& earlier) {
      return earlier.option == match->option && earlier.text == *text;
    };
    if (std::any_of(given.begin(), given.end(), same)) continue;
    const Status status =
        add_once(given, {match->option, std::move(*text),
                         "environment variable " + std::string(name), match->alias});
    if (!status) return tl::unexpected(status.error());
  }
  return given;
}

Result<ConfigFile> read_config(const OptionTable& table, const ConfigValue& root,
                               std::string_view file) {
  ConfigFile result;
  const auto* members = root.get_if<ConfigValue::Table>();
  if (members == nullptr) return failure(std::string(file) + ": not a table");
  for (const ConfigMember& member : *members) {
    if (member.key == "modules") {
      if (const Status status = read_modules(member.value, file, result); !status) {
        return tl::unexpected(status.error());
      }
      continue;
    }
    Result<Given> given = read_entry(table, member, file);
    if (!given) return tl::unexpected(given.error());
    if (const Status status = add_once(result.given, std::move(*given)); !status) {
      return tl::unexpected(status.error());
    }
  }
  return result;
}

}  // namespace mesolite::config
