// Where flags come from: the command line, the environment, a configuration file. Each source is
// read into a list of "somebody gave this option that text", before any text becomes a value.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/config/config_value.hpp"
#include "kernel/config/option.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::config {

// One option given once.
struct Given {
  std::size_t option = 0;  // index into the table
  std::string text;
  std::string source;      // "--port", "environment variable MESOS_PORT", "/etc/x.toml:3: port"
  std::string_view alias;  // the deprecated name it was given under, or ""
};

enum class Action { run, help, version };

struct CommandLine {
  Action action = Action::run;
  std::vector<Given> given;
  std::vector<std::string> warnings;
};

// `arguments` without the program's name. `--name=value`, `--name value`, `--flag`, `--no-flag`;
// names in any case; `--` ends the flags. Words that are no flags are skipped, with a warning.
Result<CommandLine> read_command_line(const OptionTable& table,
                                      const std::vector<std::string>& arguments);

// The variables MESOS_name of `environment` ("NAME=value" each), the part after the prefix in any
// case. Variables that name no option are ignored: they may be meant for another program.
Result<std::vector<Given>> read_environment(const OptionTable& table,
                                            const std::vector<std::string>& environment);

struct ConfigFile {
  std::vector<Given> given;
  std::vector<ModuleTable> modules;
};

// Keys of the file's top level are options, its table `modules` holds one table for each module.
Result<ConfigFile> read_config(const OptionTable& table, const ConfigValue& root,
                               std::string_view file);

// ", did you mean 'port'?" or "", with `prefix` before the name.
std::string suggestion(const OptionTable& table, std::string_view name, std::string_view prefix);

}  // namespace mesolite::config
