// Merges the sources of flags: command line over environment over file over default.
#pragma once

#include <string>
#include <vector>

#include "kernel/config/config_value.hpp"
#include "kernel/config/option.hpp"
#include "kernel/config/sources.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::config {

// Where the value of one option came from.
struct Setting {
  std::string_view name;
  std::string text;    // as a user would write it, secrets in a URL masked
  std::string source;  // "--port", "environment variable MESOS_PORT", …, or "default"
};

struct LoadedValues {
  Action action = Action::run;      // help and version: the rest is not filled in
  std::vector<OptionValue> values;  // one for each option, in the table's order
  std::vector<Setting> settings;    // likewise
  std::vector<ModuleTable> modules;
  std::vector<std::string> warnings;
};

// `arguments` without the program's name; `environment` as "NAME=value". Reads the file that
// --config or MESOS_config names, and for any flag but a path the file of a value file://PATH.
// The error is one sentence that names the flag, its source, the value, and what was expected.
Result<LoadedValues> load_values(const OptionTable& table,
                                 const std::vector<std::string>& arguments,
                                 const std::vector<std::string>& environment);

}  // namespace mesolite::config
