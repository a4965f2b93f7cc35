#include "kernel/daemon/module_set.hpp"

#include <type_traits>
#include <variant>

namespace mesolite::daemon {
namespace {

ParameterValue parameter(const config::ConfigValue& value);

ParameterMap parameter_map(const config::ConfigValue::Table& table) {
  ParameterMap map;
  for (const config::ConfigMember& member : table) map[member.key] = parameter(member.value);
  return map;
}

ParameterValue parameter(const config::ConfigValue& value) {
  ParameterValue result;
  std::visit(
      [&](const auto& given) {
        using Given = std::decay_t<decltype(given)>;
        if constexpr (std::is_same_v<Given, config::ConfigValue::List>) {
          ParameterList list;
          for (const config::ConfigValue& item : given) list.push_back(parameter(item));
          result.value = std::move(list);
        } else if constexpr (std::is_same_v<Given, config::ConfigValue::Table>) {
          result.value = parameter_map(given);
        } else {
          result.value = given;
        }
      },
      value.value);
  return result;
}

}  // namespace

void NamedHost::log(Severity severity, std::string_view text) {
  log_.write(severity, "module " + name_ + ": " + std::string(text));
}

// No kind that is loaded here has anything to say this way: isolators are polled by their files.
void NamedHost::notify(std::string_view) {}

ModuleSet::ModuleSet(std::filesystem::path directory, std::vector<config::ModuleTable> tables,
                     runtime::EventLog& log)
    : directory_(directory.empty() ? installed_module_paths().modules : std::move(directory)),
      tables_(std::move(tables)),
      log_(log),
      loader_({.program = installed_module_paths().preflight}) {}

void ModuleSet::set_parameter(const std::string& module, const std::string& key,
                              std::string value) {
  added_[module][key] = std::move(value);
}

const config::ModuleTable* ModuleSet::table(const std::string& name) const {
  for (const config::ModuleTable& table : tables_) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

Result<ModuleSet::Found> ModuleSet::find(std::string_view kind, const std::string& name) const {
  Found found;
  const config::ModuleTable* given = table(name);
  if (given != nullptr && given->out_of_process) {
    return failure(given->file.string() + ":" + std::to_string(given->line) + ": modules." + name +
                   ": isolation = \"process\" is not supported yet");
  }
  if (given != nullptr) found.parameters = parameters_of(given->parameters);
  if (const auto added = added_.find(name); added != added_.end()) {
    for (const auto& [key, value] : added->second) {
      found.parameters.try_emplace(key, ParameterValue{value});
    }
  }
  if (given != nullptr && !given->path.empty()) {
    found.file = given->path;
    return found;
  }
  auto file = loader_.find(directory_, kind, name);
  if (!file) return tl::unexpected(file.error());
  found.file = std::move(*file);
  return found;
}

ParameterMap parameters_of(const config::ConfigValue& table) {
  const auto* members = table.get_if<config::ConfigValue::Table>();
  return members == nullptr ? ParameterMap{} : parameter_map(*members);
}

}  // namespace mesolite::daemon
