// `mesolite modules`: what lies in the modules' directory, and why what lies there cannot be used;
// `mesolite modules reload`: another one for a running master.
#include <iostream>

#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/start_up.hpp"
#include "kernel/daemon/table.hpp"
#include "sdk/src/module/loader.hpp"

namespace mesolite::daemon {

int modules_command(const ModulesOptions& options) {
  const ModulePaths paths = installed_module_paths();
  const ModuleLoader loader({.program = paths.preflight});
  const auto catalogue =
      loader.catalogue(options.directory.empty() ? paths.modules : options.directory);
  if (!catalogue) return fail("mesolite modules", catalogue.error());
  Table table({"KIND", "NAME", "VERSION", "SUMMARY", "PARAMETERS"});
  int status = 0;
  for (const CatalogueEntry& entry : *catalogue) {
    if (!entry.description) {
      status = fail("mesolite modules", entry.description.error());
      continue;
    }
    const ModuleDescription& module = *entry.description;
    table.add(
        {module.kind, module.name, module.version, module.summary, to_text(module.parameters)});
  }
  std::cout << table.to_text() << std::flush;
  return status;
}

int reload_command(const ReloadOptions& options) {
  return ask_master(options, "mesolite modules reload",
                    ReloadModule{0, options.kind, options.name});
}

}  // namespace mesolite::daemon
