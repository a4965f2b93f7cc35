// ModuleSet: the modules of a daemon, found and loaded by name with the parameters that the
// configuration file gives them.
#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernel/config/config_value.hpp"
#include "kernel/runtime/event_log.hpp"
#include "sdk/src/module/loader.hpp"

namespace mesolite::daemon {

// How a module speaks to the operator: its lines carry its name.
class NamedHost final : public Host {
 public:
  NamedHost(std::string name, runtime::EventLog& log) : name_(std::move(name)), log_(log) {}
  void log(Severity severity, std::string_view text) override;
  void notify(std::string_view data) override;

 private:
  std::string name_;
  runtime::EventLog& log_;
};

class ModuleSet {
 public:
  // An empty directory is the installed one. `log` outlives the set, the set what it has loaded.
  ModuleSet(std::filesystem::path directory, std::vector<config::ModuleTable> tables,
            runtime::EventLog& log);

  // Gives a module one parameter more, unless the configuration file sets it.
  void set_parameter(const std::string& module, const std::string& key, std::string value);

  // Fails with a sentence that names the file, or the nearest name where there is none.
  template <class Kind>
  Result<std::unique_ptr<Kind>> load(const std::string& name) {
    auto found = find(ModuleKind<Kind>::name, name);
    if (!found) return tl::unexpected(found.error());
    NamedHost& host = hosts_.emplace_back(name, log_);
    auto module = loader_.load<Kind>(found->file, found->parameters, host);
    if (!module)
      return failure(std::string(ModuleKind<Kind>::name) + " '" + name + "'", module.error());
    return module;
  }

 private:
  struct Found {
    std::filesystem::path file;
    ParameterMap parameters;
  };
  Result<Found> find(std::string_view kind, const std::string& name) const;
  const config::ModuleTable* table(const std::string& name) const;

  std::filesystem::path directory_;
  std::vector<config::ModuleTable> tables_;
  std::map<std::string, std::map<std::string, std::string>> added_;  // module -> key -> value
  runtime::EventLog& log_;
  ModuleLoader loader_;
  std::deque<NamedHost> hosts_;  // a deque: modules keep references
};

// What a module is told of a table in the configuration file.
ParameterMap parameters_of(const config::ConfigValue& table);

}  // namespace mesolite::daemon
