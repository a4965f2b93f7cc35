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
      loader_({.program = installed_module_paths().preflight}),
      host_program_(installed_module_paths().host) {}

void ModuleSet::set_parameter(const std::string& module, const std::string& key,
                              ParameterValue value) {
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
  if (given != nullptr) {
    found.parameters = parameters_of(given->parameters);
    found.out_of_process = given->out_of_process;
    found.call_timeout = given->call_timeout;
    found.file = given->path;
  }
  if (const auto added = added_.find(name); added != added_.end()) {
    for (const auto& [key, value] : added->second) {
      found.parameters.try_emplace(key, value);
    }
  }
  if (!found.file.empty()) return found;
  auto file = loader_.find(directory_, kind, name);
  if (!file) return tl::unexpected(file.error());
  found.file = std::move(*file);
  return found;
}

Result<ModuleSet::Made> ModuleSet::make(const std::string& name, const Wanted& wanted) {
  auto found = find(wanted.module.kind, name);
  if (!found) return tl::unexpected(found.error());
  NamedHost& host = hosts_.emplace_back(name, log_);
  return found->out_of_process ? make_in_process(*found, wanted, host)
                               : make_here(*found, wanted, host);
}

Result<ModuleSet::Made> ModuleSet::make_here(const Found& found, const Wanted& wanted,
                                             NamedHost& host) {
  std::optional<modules::LibraryCopy> copy;  // needed until it is open
  if (wanted.instance == Instance::replacement) {
    auto made = modules::LibraryCopy::make(found.file);
    if (!made) return tl::unexpected(made.error());
    copy.emplace(std::move(*made));
  }
  const auto& file = copy ? copy->path() : found.file;
  auto instance = loader_.make(file, wanted.module, found.parameters, host);
  if (!instance && copy) {
    return failure("of '" + found.file.string() + "' the copy", instance.error());
  }
  if (!instance) return tl::unexpected(instance.error());
  modules::Watchdog::Rule rule;
  rule.limit = found.call_timeout.value_or(rule.limit);
  rule.method_name = wanted.method_name;
  rule.host = &host;
  rule.overruns = &overruns_;
  std::string title = (*instance)->title();
  return Made{std::move(title), watchdog_.watch(std::move(*instance), rule), nullptr};
}

Result<ModuleSet::Made> ModuleSet::make_in_process(const Found& found, const Wanted& wanted,
                                                   NamedHost& host) {
  modules::ProcessSettings settings;
  settings.program = host_program_;
  settings.file = found.file;
  settings.wanted = wanted.module;
  settings.parameters = found.parameters;
  settings.remembers = wanted.remembers;
  settings.call_timeout = found.call_timeout.value_or(settings.call_timeout);
  auto instance = modules::ProcessInstance::start(std::move(settings), host);
  if (!instance) return tl::unexpected(instance.error());
  modules::ProcessInstance* process = instance->get();
  std::string title = process->title() + ", in a process of its own";
  return Made{std::move(title), std::move(*instance), process};
}

ParameterMap parameters_of(const config::ConfigValue& table) {
  const auto* members = table.get_if<config::ConfigValue::Table>();
  return members == nullptr ? ParameterMap{} : parameter_map(*members);
}

}  // namespace mesolite::daemon
