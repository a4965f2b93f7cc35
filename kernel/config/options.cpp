#include "kernel/config/options.hpp"

#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::config {
namespace {

#define MESOLITE_OPTION_GROUP(title) group = title;
#define MESOLITE_OPTION(kind, name, default_text, accepts, aliases, help) \
  specs.push_back({OptionKind::kind, #name, default_text, accepts, aliases, group, help});

std::vector<OptionSpec> master_specs() {
  std::vector<OptionSpec> specs;
  std::string_view group;
#include "kernel/config/master_options.def"
  return specs;
}

#define MESOLITE_OPTION_GROUP(title) group = title;
#define MESOLITE_OPTION(kind, name, default_text, accepts, aliases, help) \
  specs.push_back({OptionKind::kind, #name, default_text, accepts, aliases, group, help});

std::vector<OptionSpec> agent_specs() {
  std::vector<OptionSpec> specs;
  std::string_view group;
#include "kernel/config/agent_options.def"
  return specs;
}

#define MESOLITE_OPTION_GROUP(title)
#define MESOLITE_OPTION(kind, name, default_text, accepts, aliases, help) \
  options.name = std::get<KindType<OptionKind::kind>>(*value++);

void assign(MasterOptions& options, const std::vector<OptionValue>& values) {
  auto value = values.begin();
#include "kernel/config/master_options.def"
}

#define MESOLITE_OPTION_GROUP(title)
#define MESOLITE_OPTION(kind, name, default_text, accepts, aliases, help) \
  options.name = std::get<KindType<OptionKind::kind>>(*value++);

void assign(AgentOptions& options, const std::vector<OptionValue>& values) {
  auto value = values.begin();
#include "kernel/config/agent_options.def"
}

template <class Options>
Options default_options(OptionTable table) {
  std::vector<OptionValue> values;
  for (OptionSpec& spec : table.options) {
    if (spec.accepts == "required") spec.accepts = {};
    Result<OptionValue> value = parse_option(spec, spec.default_text);
    MESOLITE_CHECK(value, "the defaults in the options tables are acceptable values");
    values.push_back(std::move(*value));
  }
  Options options;
  assign(options, values);
  return options;
}

template <class Options>
Result<Loaded<Options>> load(const OptionTable& table, int count, const char* const* arguments,
                             const char* const* environment) {
  std::vector<std::string> words;
  for (int index = 1; index < count; ++index) words.emplace_back(arguments[index]);
  std::vector<std::string> variables;
  for (; *environment != nullptr; ++environment) variables.emplace_back(*environment);
  Result<LoadedValues> values = load_values(table, words, variables);
  if (!values) return tl::unexpected(values.error());
  Loaded<Options> loaded;
  loaded.action = values->action;
  if (loaded.action == Action::run) assign(loaded.options, values->values);
  loaded.settings = std::move(values->settings);
  loaded.modules = std::move(values->modules);
  loaded.warnings = std::move(values->warnings);
  return loaded;
}

}  // namespace

OptionTable master_table() {
  return {"mesos-master",
          "The master of a Mesolite cluster: offers the resources of its agents to frameworks.",
          master_specs()};
}

OptionTable agent_table() {
  return {"mesos-agent",
          "The agent of a Mesolite cluster: offers this machine's resources and runs tasks on it.",
          agent_specs()};
}

MasterOptions default_master_options() {
  return default_options<MasterOptions>(master_table());
}

AgentOptions default_agent_options() {
  return default_options<AgentOptions>(agent_table());
}

Result<Loaded<MasterOptions>> load_master(int count, const char* const* arguments,
                                          const char* const* environment) {
  return load<MasterOptions>(master_table(), count, arguments, environment);
}

Result<Loaded<AgentOptions>> load_agent(int count, const char* const* arguments,
                                        const char* const* environment) {
  return load<AgentOptions>(agent_table(), count, arguments, environment);
}

}  // namespace mesolite::config
