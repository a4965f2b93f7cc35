#include "kernel/config/loader.hpp"

#include <utility>

#include "kernel/config/toml_file.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::config {
namespace {

const Given* find_given(const std::vector<Given>& given, std::size_t option) {
  for (const Given& one : given) {
    if (one.option == option) return &one;
  }
  return nullptr;
}

// Mesos refuses an option that the environment gives under one name and the command line under
// another, as it cannot tell which of the two was meant.
Status check_names_agree(const std::vector<Given>& command_line,
                         const std::vector<Given>& environment) {
  for (const Given& first : command_line) {
    const Given* second = find_given(environment, first.option);
    if (second != nullptr && second->alias != first.alias) {
      return failure(first.source + ": given already as " + second->source +
                     ", which is another name of the same flag");
    }
  }
  return {};
}

// The text itself, or what stands in the file that file://PATH names.
Result<std::string> resolve_text(const OptionSpec& spec, const std::string& text) {
  constexpr std::string_view scheme = "file://";
  if (spec.kind == OptionKind::path || !text.starts_with(scheme)) return text;
  Result<std::string> content = read_small_file(text.substr(scheme.size()));
  // Editors end files with a line break, which belongs to no value.
  if (content) content = std::string(trim(*content));
  return content;
}

Result<OptionValue> read_given(const OptionSpec& spec, const Given& given) {
  const Result<std::string> text = resolve_text(spec, given.text);
  if (!text) return failure(given.source, text.error());
  Result<OptionValue> value = parse_option(spec, *text);
  if (!value) return failure(given.source, value.error());
  return value;
}

class Loader {
 public:
  explicit Loader(const OptionTable& table) : table_(table) {}

  Result<LoadedValues> load(const std::vector<std::string>& arguments,
                            const std::vector<std::string>& environment) {
    Result<CommandLine> command_line = read_command_line(table_, arguments);
    if (!command_line) return tl::unexpected(command_line.error());
    result_.action = command_line->action;
    result_.warnings = std::move(command_line->warnings);
    if (result_.action != Action::run) return std::move(result_);
    Result<std::vector<Given>> variables = read_environment(table_, environment);
    if (!variables) return tl::unexpected(variables.error());
    const Status agree = check_names_agree(command_line->given, *variables);
    if (!agree) return tl::unexpected(agree.error());
    layers_ = {std::move(command_line->given), std::move(*variables)};
    if (const Status file = add_file(); !file) return tl::unexpected(file.error());
    for (std::size_t option = 0; option < table_.options.size(); ++option) {
      if (const Status status = settle(option); !status) return tl::unexpected(status.error());
    }
    return std::move(result_);
  }

 private:
  Status add_file() {
    const Given* given = nullptr;
    for (std::size_t option = 0; option < table_.options.size(); ++option) {
      if (table_.options[option].name == "config") given = winner(option);
    }
    if (given == nullptr || given->text.empty()) return {};
    const std::filesystem::path path = given->text;
    const Result<ConfigValue> root = read_toml_file(path);
    if (!root) return failure(given->source, root.error());
    Result<ConfigFile> file = read_config(table_, *root, path.string());
    if (!file) return tl::unexpected(file.error());
    result_.modules = std::move(file->modules);
    layers_.push_back(std::move(file->given));
    return {};
  }

  const Given* winner(std::size_t option) const {
    for (const std::vector<Given>& layer : layers_) {
      if (const Given* given = find_given(layer, option)) return given;
    }
    return nullptr;
  }

  Status settle(std::size_t option) {
    const OptionSpec& spec = table_.options[option];
    const Given* given = winner(option);
    if (given == nullptr && spec.accepts == "required") {
      return failure("--" + std::string(spec.name) + " is missing (or MESOS_" +
                     std::string(spec.name) +
                     ", or in the file of --config): " + std::string(spec.help));
    }
    const Given fallback{option, std::string(spec.default_text), "default", {}};
    const Given& chosen = given == nullptr ? fallback : *given;
    Result<OptionValue> value = read_given(spec, chosen);
    if (!value) return tl::unexpected(value.error());
    if (!chosen.alias.empty()) {
      result_.warnings.push_back(chosen.source + ": '" + std::string(chosen.alias) +
                                 "' is the old name of '" + std::string(spec.name) + "'");
    }
    result_.settings.push_back({spec.name, to_text(*value), chosen.source});
    result_.values.push_back(std::move(*value));
    return {};
  }

  const OptionTable& table_;
  std::vector<std::vector<Given>> layers_;  // the strongest first
  LoadedValues result_;
};

}  // namespace

Result<LoadedValues> load_values(const OptionTable& table,
                                 const std::vector<std::string>& arguments,
                                 const std::vector<std::string>& environment) {
  return Loader(table).load(arguments, environment);
}

}  // namespace mesolite::config
