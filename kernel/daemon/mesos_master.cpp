// mesos-master: builds the parts of a master, wires them, and serves until a signal comes.
#include <unistd.h>

#include <memory>

#include "kernel/daemon/module_set.hpp"
#include "kernel/daemon/start_up.hpp"
#include "kernel/registry/memory_registry.hpp"
#include "kernel/registry/sqlite_registry.hpp"
#include "kernel/runtime/master_configuration.hpp"
#include "kernel/runtime/master_runtime.hpp"
#include "kernel/runtime/runtime_directory.hpp"
#include "kernel/runtime/standalone_leadership.hpp"

namespace mesolite::daemon {
namespace {

constexpr std::string_view program = "mesos-master";

Result<std::unique_ptr<registry::Registry>> open_registry(const config::MasterOptions& options) {
  if (options.registry == "in_memory") return std::make_unique<registry::MemoryRegistry>();
  const auto work_dir = runtime::ensure_work_directory(options.work_dir, "--work_dir");
  if (!work_dir) return tl::unexpected(work_dir.error());
  return registry::open_sqlite_registry(*work_dir / registry::sqlite_file_name);
}

Status serve(const config::Loaded<config::MasterOptions>& flags, runtime::SignalWatch& signals,
             int& exit_status) {
  const config::MasterOptions& options = flags.options;
  auto configuration = runtime::master_configuration(options, flags.settings);
  if (!configuration) return tl::unexpected(configuration.error());
  const auto log = runtime::EventLog::open(
      log_options(program, options.logging_level, options.quiet, options.log_dir));
  if (!log) return tl::unexpected(log.error());

  ModuleSet set(options.modules_dir, flags.modules, **log);
  if (!options.credentials.empty()) {
    set.set_parameter(options.authenticators, "credentials", {options.credentials.string()});
  }
  auto allocator = set.load<Allocator>(options.allocator);
  if (!allocator) return tl::unexpected(allocator.error());
  auto authenticator = set.load<Authenticator>(options.authenticators);
  if (!authenticator) return tl::unexpected(authenticator.error());

  const auto registry = open_registry(options);
  if (!registry) return tl::unexpected(registry.error());
  const auto leadership = runtime::lead_alone(**registry, configuration->seed);
  if (!leadership) return tl::unexpected(leadership.error());
  auto durable = runtime::read_durable(**registry, *leadership);
  if (!durable) return tl::unexpected(durable.error());
  configuration->info.cluster = leadership->cluster;
  configuration->info.epoch = leadership->epoch;
  configuration->info.id = leadership->cluster + "-M" + std::to_string(leadership->epoch);

  std::map<std::string, modules::Hosted<Authenticator>> authenticators;
  authenticators.emplace(options.authenticators, std::move(*authenticator));
  runtime::MasterRuntime master(
      {.options = options,
       .allocator = std::move(*allocator),
       .load_allocator = [&](const auto& name) { return set.load_replacement<Allocator>(name); },
       .authenticators = std::move(authenticators),
       .calls_overrun = [&] { return set.overruns(); },
       .registry = **registry,
       .log = **log,
       .signals = signals});
  if (auto started = master.start(std::move(*configuration), std::move(*durable)); !started) {
    return started;
  }
  say_ready(master.info().ip, master.info().port);
  exit_status = master.run();
  return {};
}

int run(int count, const char* const* arguments) {
  const auto flags = config::load_master(count, arguments, environ);
  if (const auto ended = answer(flags, config::master_table())) return *ended;
  runtime::SignalWatch signals;
  int exit_status = 0;
  const auto served = serve(*flags, signals, exit_status);
  return served ? exit_status : fail(program, served.error());
}

}  // namespace
}  // namespace mesolite::daemon

int main(int count, char** arguments) {
  return mesolite::daemon::run(count, arguments);
}
