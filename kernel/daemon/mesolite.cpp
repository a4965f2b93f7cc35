// mesolite: the umbrella command. Only its command line is read here.
#include <CLI/CLI.hpp>
#include <cstdlib>

#include "kernel/config/options.hpp"
#include "kernel/daemon/commands.hpp"
#include "mesolite/protocol/version.hpp"

namespace mesolite::daemon {
namespace {

std::string master_by_default() {
  for (const char* name : {"MESOS_master", "MESOS_MASTER"}) {
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  }
  return "127.0.0.1:5050";
}

void add_master(CLI::App& command, std::string& master) {
  master = master_by_default();
  command.add_option("--master", master,
                     "Master to ask, host:port (default: MESOS_master, else "
                     "127.0.0.1:5050)");
}

void add_local(CLI::App& app, int& status) {
  const auto options = std::make_shared<LocalOptions>();
  CLI::App& command =
      *app.add_subcommand("local", "Run a master and agents on this machine until Ctrl-C");
  command.add_option("--agents", options->agents, "How many agents")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  command.add_option("--port", options->port, "HTTP port of the master; 0 takes any free one")
      ->capture_default_str();
  command.add_option("--resources", options->resources,
                     "What each agent offers, 'cpus:4;mem:1024' (default: what the machine has)");
  command.add_option("--work-dir", options->work_dir,
                     "Directory to keep (default: a temporary one, removed at the end)");
  command.callback([options, &status] { status = local_command(*options); });
}

void add_run(CLI::App& app, int& status) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App& command = *app.add_subcommand(
      "run", "Run one command in the cluster, show its output, end with its status");
  add_master(command, options->master);
  command.add_option("--cpus", options->cpus, "CPUs of the task")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--mem", options->mem, "Memory of the task in MB")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--disk", options->disk, "Disk of the task in MB")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--name", options->name, "Name of the task (default: the command)");
  command.add_option("--role", options->role, "Role in which to ask for resources")
      ->capture_default_str();
  command.add_option("--env", options->environment, "NAME=value for the task; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--authenticator", options->authenticator, "Name of the authenticator module")
      ->capture_default_str();
  command.add_option("--principal", options->principal, "Name under which to authenticate");
  command.add_option("--secret-file", options->secret_file,
                     "File that holds the principal's secret");
  command.add_option("command", options->command, "The command and its arguments, after --")
      ->required();
  command.positionals_at_end();
  command.callback([options, &status] { status = run_command(*options); });
}

void add_list(CLI::App& app, Listed what, const std::string& name, const std::string& help,
              int& status) {
  const auto options = std::make_shared<ListOptions>();
  CLI::App& command = *app.add_subcommand(name, help);
  add_master(command, options->master);
  command.add_flag("--json", options->json, "The master's own JSON instead of a table");
  if (what != Listed::agents) command.add_flag("--all", options->all, "Completed ones too");
  command.callback([options, what, &status] { status = list_command(what, *options); });
}

void add_modules(CLI::App& app, int& status) {
  const auto options = std::make_shared<ModulesOptions>();
  CLI::App& command = *app.add_subcommand("modules", "Show the modules that can be loaded");
  command.add_option("--dir", options->directory, "Directory to look in (default: the installed)");
  command.callback([options, &status] { status = modules_command(*options); });
}

int run(int count, const char* const* arguments) {
  CLI::App app("Mesolite: a small, fast cluster kernel", "mesolite");
  app.set_version_flag("--version", "mesolite " + std::string(version));
  app.require_subcommand(1);
  int status = 0;
  add_local(app, status);
  add_run(app, status);
  add_list(app, Listed::agents, "agents", "Show the agents of a cluster", status);
  add_list(app, Listed::frameworks, "frameworks", "Show the frameworks of a cluster", status);
  add_list(app, Listed::tasks, "tasks", "Show the tasks of a cluster", status);
  add_modules(app, status);
  try {
    app.parse(count, arguments);
  } catch (const CLI::Success& answer) {
    return app.exit(answer);  // --help, --version
  } catch (const CLI::ParseError& problem) {
    app.exit(problem);
    return config::exit_usage;
  }
  return status;
}

}  // namespace
}  // namespace mesolite::daemon

int main(int count, char** arguments) {
  return mesolite::daemon::run(count, arguments);
}
