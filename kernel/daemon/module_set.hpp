// ModuleSet: the modules of a daemon, found and loaded by name with the parameters that the
// configuration file gives them, in this process or, as that file says, in one of their own.
//
// While the daemon starts it belongs to the main thread; afterwards to the one that loads
// replacements.
#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernel/config/config_value.hpp"
#include "kernel/modules/hosted.hpp"
#include "kernel/modules/library_copy.hpp"
#include "kernel/modules/method_names.hpp"
#include "kernel/modules/watchdog.hpp"
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
  void set_parameter(const std::string& module, const std::string& key, ParameterValue value);

  // Fails with a sentence that names the file, or the nearest name where there is none.
  template <class Kind>
  Result<modules::Hosted<Kind>> load(const std::string& name) {
    return load<Kind>(name, Instance::first);
  }
  // The same beside one that serves, perhaps of the same name: the file is read anew.
  template <class Kind>
  Result<modules::Hosted<Kind>> load_replacement(const std::string& name) {
    return load<Kind>(name, Instance::replacement);
  }

  // How many calls into modules of this process took too long. [any thread]
  std::uint64_t overruns() const { return overruns_; }

 private:
  enum class Instance : std::uint8_t { first, replacement };
  struct Wanted {
    WantedModule module;
    const char* (*method_name)(std::uint32_t);
    bool remembers;
    Instance instance;
  };
  struct Found {
    std::filesystem::path file;
    ParameterMap parameters;
    bool out_of_process = false;
    std::optional<Duration> call_timeout;
  };
  struct Made {
    std::string title;
    std::unique_ptr<ModuleInstance> instance;
    modules::ProcessInstance* process = nullptr;
  };

  template <class Kind>
  Result<modules::Hosted<Kind>> load(const std::string& name, Instance instance) {
    using Traits = ModuleKind<Kind>;
    auto made = make(name, {wanted_module<Kind>(), &modules::method_name<Kind>,
                            modules::remembers<Kind>, instance});
    if (!made) return failure(std::string(Traits::name) + " '" + name + "'", made.error());
    return modules::Hosted<Kind>{std::move(made->title),
                                 std::make_unique<ModuleClient<Kind>>(std::move(made->instance)),
                                 made->process};
  }

  Result<Made> make(const std::string& name, const Wanted& wanted);
  Result<Made> make_here(const Found& found, const Wanted& wanted, NamedHost& host);
  Result<Made> make_in_process(const Found& found, const Wanted& wanted, NamedHost& host);
  Result<Found> find(std::string_view kind, const std::string& name) const;
  const config::ModuleTable* table(const std::string& name) const;

  std::filesystem::path directory_;
  std::vector<config::ModuleTable> tables_;
  std::map<std::string, ParameterMap> added_;  // by module
  runtime::EventLog& log_;
  ModuleLoader loader_;
  std::filesystem::path host_program_;
  std::deque<NamedHost> hosts_;  // a deque: modules keep references
  std::atomic<std::uint64_t> overruns_{0};
  modules::Watchdog watchdog_;
};

// What a module is told of a table in the configuration file.
ParameterMap parameters_of(const config::ConfigValue& table);

}  // namespace mesolite::daemon
