// The flags of the daemons as typed structs. `main` loads them once and hands them on.
//
// Values only; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "kernel/config/config_value.hpp"
#include "kernel/config/loader.hpp"
#include "kernel/config/option.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::config {

// The exit status of a daemon whose flags are wrong (EX_USAGE of sysexits.h).
inline constexpr int exit_usage = 64;

#define MESOLITE_OPTION_GROUP(title)
#define MESOLITE_OPTION(kind, name, default_text, accepts, aliases, help) \
  KindType<OptionKind::kind> name{};

struct MasterOptions {
#include "kernel/config/master_options.def"
};

#define MESOLITE_OPTION_GROUP(title)
#define MESOLITE_OPTION(kind, name, default_text, accepts, aliases, help) \
  KindType<OptionKind::kind> name{};

struct AgentOptions {
#include "kernel/config/agent_options.def"
};

OptionTable master_table();
OptionTable agent_table();

// Every option at its default (for tests and for programs that build their own cluster). An
// agent's `master` is empty.
MasterOptions default_master_options();
AgentOptions default_agent_options();

template <class Options>
struct Loaded {
  Action action = Action::run;  // help: print help_text() and exit 0; version likewise
  Options options;
  std::vector<Setting> settings;     // every option, for /flags and the first log lines
  std::vector<ModuleTable> modules;  // the file's [modules.NAME] tables
  std::vector<std::string> warnings;
};

// As load_values(); `arguments` is argv with the program's name first, `environment` is environ.
Result<Loaded<MasterOptions>> load_master(int count, const char* const* arguments,
                                          const char* const* environment);
Result<Loaded<AgentOptions>> load_agent(int count, const char* const* arguments,
                                        const char* const* environment);

// What --help prints: every option in its group, with its default and its meaning.
std::string help_text(const OptionTable& table);

}  // namespace mesolite::config
