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
                     "Master to ask: host:port, zk://… or file://… (default: MESOS_master, else "
                     "127.0.0.1:5050)");
}

// As whom a command speaks on the bus; of all options that have it.
template <class Options>
void add_identity(CLI::App& command, Options& options) {
  command.add_option("--authenticator", options.authenticator, "Name of the authenticator module")
      ->capture_default_str();
  command.add_option("--principal", options.principal, "Name under which to authenticate");
  command.add_option("--secret-file", options.secret_file,
                     "File that holds the principal's secret");
  command.add_option("--bus-key", options.bus_key,
                     "Key of the bus (default: MESOLITE_BUS_KEY, else it is in the clear)");
  command.add_option("--bus-trust", options.bus_trust,
                     "File of the keys that are trusted (default: MESOLITE_BUS_TRUST)");
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
  add_identity(command, *options);
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
  command.add_option("--principal", options->principal, "Name under which to ask");
  command.add_option("--secret-file", options->secret_file,
                     "File that holds the principal's secret");
  command.add_option("--token-file", options->token_file,
                     "File that holds a bearer token, in place of both");
  command.add_flag("--json", options->json, "The master's own JSON instead of a table");
  if (what != Listed::agents) command.add_flag("--all", options->all, "Completed ones too");
  command.callback([options, what, &status] { status = list_command(what, *options); });
}

// A command that asks the master for something: its options begin with whom to ask.
template <class Options>
struct Asking {
  CLI::App& command;
  std::shared_ptr<Options> options;
};

template <class Options>
Asking<Options> add_asking(CLI::App& app, const std::string& name, const std::string& help,
                           int (*carry_out)(const Options&), int& status) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = *app.add_subcommand(name, help);
  add_master(command, options->master);
  add_identity(command, *options);
  command.callback([options, carry_out, &status] { status = carry_out(*options); });
  return {command, options};
}

void add_modules(CLI::App& app, int& status) {
  const auto options = std::make_shared<ModulesOptions>();
  CLI::App& command = *app.add_subcommand("modules", "Show the modules that can be loaded");
  command.add_option("--dir", options->directory, "Directory to look in (default: the installed)");
  const auto reload =
      add_asking(command, "reload", "Put another module in the place of one that a master runs",
                 reload_command, status);
  reload.command.add_option("kind", reload.options->kind, "allocator")->required();
  reload.command.add_option("name", reload.options->name,
                            "Its name (default: that of the one that serves)");
  command.callback([options, &command, &status] {
    if (command.get_subcommands().empty()) status = modules_command(*options);
  });
}

void add_role_commands(CLI::App& app, int& status) {
  const auto weights =
      add_asking(app, "weights", "Set the shares of roles, or show them", weights_command, status);
  weights.command.add_option("weights", weights.options->weights, "role=weight; may be repeated");

  const auto quota = add_asking(
      app, "quota", "Set what a role is sure to get and holds at most, or show all quotas",
      quota_command, status);
  quota.command.add_option("role", quota.options->role, "The role (default: show all)");
  quota.command.add_option("--guarantee", quota.options->guarantee,
                           "'cpus:10;mem:4096' (default: nothing)");
  quota.command.add_option("--limit", quota.options->limit, "'cpus:20' (default: no limit)");
  quota.command.add_flag("--force", quota.options->force,
                         "Even if the cluster is too small or more is in use");

  const auto teardown =
      add_asking(app, "teardown", "End a framework and all that it runs", teardown_command, status);
  teardown.command.add_option("framework", teardown.options->framework, "Its id")->required();

  const auto explain = add_asking(app, "explain", "Tell why a framework is offered nothing",
                                  explain_command, status);
  explain.command.add_option("framework", explain.options->framework, "Its id or name")->required();
  explain.command.add_option("--role", explain.options->role, "One of its roles (default: all)");
  explain.command.add_option("--wants", explain.options->wants,
                             "What a task needs: 'cpus:2;mem:4096' (default: anything)");
}

template <class Options>
Asking<Options> add_reservation(CLI::App& app, const std::string& name, const std::string& help,
                                int (*carry_out)(const Options&), int& status) {
  const auto asking = add_asking(app, name, help, carry_out, status);
  Options& options = *asking.options;
  asking.command.add_option("agent", options.agent, "Id of the agent")->required();
  asking.command.add_option("resources", options.resources, "'cpus:2;mem:512', 'disk(role):100'")
      ->required();
  asking.command.add_option("--role", options.role, "Role of the dynamic reservation");
  asking.command.add_option("--label", options.labels, "key=value of it; may be repeated")
      ->allow_extra_args(false);
  asking.command.add_option("--reserved-by", options.reserved_by,
                            "Principal of it (default: --principal)");
  return asking;
}

void add_volumes(CLI::App& app, const std::string& name, const std::string& help,
                 int (*carry_out)(const VolumeOptions&), int& status) {
  const auto asking = add_reservation(app, name, help, carry_out, status);
  asking.command.add_option("--id", asking.options->id, "Name of the volume")->required();
  asking.command.add_option("--path", asking.options->container_path, "Where tasks see it")
      ->required();
}

void add_reservation_commands(CLI::App& app, int& status) {
  add_reservation(app, "reserve", "Reserve an agent's resources for a role", reserve_command,
                  status);
  add_reservation(app, "unreserve", "Give reserved resources back", unreserve_command, status);
  add_volumes(app, "create-volumes", "Make a persistent volume on reserved disk",
              create_volumes_command, status);
  add_volumes(app, "destroy-volumes", "Destroy a persistent volume and what is on it",
              destroy_volumes_command, status);
}

void add_doctor(CLI::App& app, int& status) {
  const auto options = std::make_shared<DoctorOptions>();
  CLI::App& command = *app.add_subcommand(
      "doctor", "Show which isolators work on this machine, and why not the rest");
  command.add_option("--dir", options->directory, "Directory of modules (default: the installed)");
  command.add_option("--work-dir", options->work_dir, "Directory that an agent would work in");
  command.add_option("--cgroups-hierarchy", options->cgroup_mount,
                     "Where cgroups are mounted (default: /sys/fs/cgroup)");
  command.callback([options, &status] { status = doctor_command(*options); });
}

void add_registry(CLI::App& app, int& status) {
  const auto options = std::make_shared<RegistryOptions>();
  options->place = config::default_master_options().work_dir;
  CLI::App& command =
      *app.add_subcommand("registry", "Look into what a master that does not run has written down");
  command.require_subcommand(1);
  const auto add = [&](const char* name, const char* help, int (*perform)(const RegistryOptions&)) {
    CLI::App& part = *command.add_subcommand(name, help);
    part.add_option("--work-dir,--work_dir,--zk", options->place,
                    "The master's --work_dir, or the --zk of several masters")
        ->capture_default_str();
    part.callback([options, perform, &status] { status = perform(*options); });
  };
  add("show", "Print every record", show_registry_command);
  add("check", "Verify that every record can be read", check_registry_command);
  const auto copied = std::make_shared<CopyRegistryOptions>();
  CLI::App& copy = *command.add_subcommand("copy", "Copy a registry into one that holds nothing");
  copy.add_option("from", copied->from, "A master's work directory, or zk://…")->required();
  copy.add_option("to", copied->to, "Likewise")->required();
  copy.callback([copied, &status] { status = copy_registry_command(*copied); });
}

void add_credentials(CLI::App& app, int& status) {
  const auto options = std::make_shared<CredentialsOptions>();
  CLI::App& command =
      *app.add_subcommand("credentials", "Say who may come in, in a file of salted hashes");
  command.require_subcommand(1);
  const auto add = [&](const char* name, const char* help,
                       int (*carry_out)(const CredentialsOptions&)) -> CLI::App& {
    CLI::App& part = *command.add_subcommand(name, help);
    part.add_option("--file", options->file, "The master's --credentials")->required();
    part.callback([options, carry_out, &status] { status = carry_out(*options); });
    return part;
  };
  const auto add_principal = [&](CLI::App& part) {
    part.add_option("principal", options->principal, "The name under which it comes")->required();
  };
  CLI::App& secret = add("add", "Let a principal in, or change its secret", add_credential_command);
  secret.add_option("--secret-file", options->secret_file,
                    "File that begins with the secret (default: make one, and print it)");
  add_principal(secret);
  add_principal(
      add("token", "Make a bearer token of a principal, and print it", add_token_command));
  add("list", "Show who may come in", list_credentials_command);
  add_principal(add("remove", "Let a principal in no more", remove_credential_command));
}

void add_keys(CLI::App& app, int& status) {
  const auto keygen = std::make_shared<KeygenOptions>();
  CLI::App& making =
      *app.add_subcommand("keygen", "Make a key pair of the bus, and print its public half");
  making.add_option("file", keygen->file, "File for the pair, which there is not yet")->required();
  making.callback([keygen, &status] { status = keygen_command(*keygen); });
  const auto trust = std::make_shared<TrustOptions>();
  CLI::App& trusting = *app.add_subcommand("trust", "Trust a key of the bus");
  trusting.add_option("--file", trust->file, "The daemons' --bus_trust")->required();
  trusting
      .add_option("--server", trust->servers,
                  "host, host:port or *: where it is a server's; may be repeated")
      ->allow_extra_args(false);
  trusting.add_option("principal", trust->principal, "Whose key it is")->required();
  trusting.add_option("key", trust->key, "Its public half")->required();
  trusting.callback([trust, &status] { status = trust_command(*trust); });
}

void add_agent_commands(CLI::App& app, int& status) {
  const auto add = [&]<class Options>(const char* name, const char* help,
                                      int (*carry_out)(const Options&)) {
    const auto asking = add_asking(app, name, help, carry_out, status);
    asking.command.add_option("agent", asking.options->agent, "Id of the agent")->required();
    return asking;
  };
  const auto drain =
      add("drain", "Take an agent out of service: no offers, its tasks are killed", drain_command);
  drain.command.add_option("--deadline", drain.options->deadline,
                           "The time in which tasks have to end, as 10min (default: their own)");
  drain.command.add_flag("--gone", drain.options->mark_gone, "It is gone for good once drained");
  add("deactivate", "Offer nothing more of an agent; what runs there goes on", deactivate_command);
  add("reactivate", "Put an agent into service again", reactivate_command);
  add("gone", "Declare an agent, and all that runs there, gone for good", gone_command);
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
  add_role_commands(app, status);
  add_reservation_commands(app, status);
  add_doctor(app, status);
  add_agent_commands(app, status);
  add_registry(app, status);
  add_credentials(app, status);
  add_keys(app, status);
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
