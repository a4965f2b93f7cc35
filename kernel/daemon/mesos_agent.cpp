// mesos-agent: builds the parts of an agent, wires them, and serves until a signal comes or the
// master sends it away.
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "kernel/container/tracker.hpp"
#include "kernel/daemon/agent_recovery.hpp"
#include "kernel/daemon/isolation.hpp"
#include "kernel/daemon/module_set.hpp"
#include "kernel/daemon/start_up.hpp"
#include "kernel/modules/isolator_seat.hpp"
#include "kernel/runtime/agent_configuration.hpp"
#include "kernel/runtime/agent_runtime.hpp"
#include "sdk/detection/detector.hpp"

namespace mesolite::daemon {
namespace {

constexpr std::string_view program = "mesos-agent";
constexpr const char* runtime_folder = "run";
// Of sysexits.h, EX_CONFIG: what was left behind does not allow to start like this.
constexpr int exit_unrecoverable = 78;

using Isolators = std::vector<std::pair<std::string, std::unique_ptr<modules::IsolatorSeat>>>;

Status works(ModuleSet& set, const std::string& name, const IsolatorProbe& probe) {
  auto isolator = set.load<Isolator>(name);
  if (!isolator) return tl::unexpected(isolator.error());
  const auto probed = modules::IsolatorSeat(std::move(*isolator)).probe(probe);
  return probed ? Status() : tl::unexpected(probed.error());
}

Result<Isolators> load_isolators(ModuleSet& set, const config::AgentOptions& options,
                                 runtime::EventLog& log) {
  IsolatorProbe probe;
  probe.work_dir = options.work_dir.string();
  probe.cgroup_mount = options.cgroups_hierarchy.string();
  probe.cgroup_root = options.cgroups_root;
  const auto isolation = isolation_of(
      options.isolation, [&](const std::string& name) { return works(set, name, probe); });
  if (!isolation) return failure("--isolation", isolation.error());
  for (const std::string& reason : isolation->passed_over) log.write(Severity::info, reason);
  set.set_parameter("cgroups/cpu", "enable_cfs", {options.cgroups_enable_cfs});
  Isolators isolators;
  for (const std::string& name : isolation->isolators) {
    auto isolator = set.load<Isolator>(name);
    if (!isolator) return tl::unexpected(isolator.error());
    isolators.emplace_back(name, std::make_unique<modules::IsolatorSeat>(std::move(*isolator)));
  }
  return isolators;
}

Result<std::unique_ptr<container::Containerizer>> make_containerizer(
    const config::AgentOptions& options, const std::string& work_dir, const Isolators& isolators,
    Isolator* tracker) {
  container::Settings settings;
  settings.work_dir = work_dir;
  settings.switch_user = options.switch_user;
  settings.cgroup_mount = options.cgroups_hierarchy.string();
  settings.cgroup_root = options.cgroups_root;
  settings.own_cgroup_root = true;
  settings.gc_delay = options.gc_delay;
  settings.patience_without_agent = options.recovery_timeout;
  settings.failpoint = options.failpoint;
  settings.gc_disk_headroom = options.gc_disk_headroom;
  settings.logs = {options.log_rotate_size, static_cast<std::uint32_t>(options.log_rotate_keep)};
  settings.checker = installed_helper("mesolite-check").string();
  settings.fetcher.program = installed_helper("mesolite-fetch").string();
  settings.fetcher.cache_directory = options.fetcher_cache_dir.empty()
                                         ? std::filesystem::path(work_dir) / "cache"
                                         : options.fetcher_cache_dir;
  settings.fetcher.cache_bytes_max = options.fetcher_cache_size;
  settings.fetcher.stall_timeout = options.fetcher_stall_timeout;
  settings.launcher = installed_helper("mesolite-launch").string();
  std::vector<container::NamedIsolator> chain;
  if (tracker != nullptr) chain.push_back({"launcher linux", tracker});
  for (const auto& [name, isolator] : isolators) chain.push_back({name, isolator.get()});
  return container::Containerizer::create(std::move(settings), std::move(chain));
}

// Of those who read sandboxes; nothing: nobody has to say who he is.
Result<std::optional<modules::Hosted<Authenticator>>> load_reader_authenticator(
    ModuleSet& set, const config::AgentOptions& options) {
  if (options.authenticators == "none") return std::nullopt;
  if (!options.credentials.empty()) {
    set.set_parameter(options.authenticators, "credentials", {options.credentials.string()});
  }
  auto loaded = set.load<Authenticator>(options.authenticators);
  if (!loaded) return tl::unexpected(loaded.error());
  return std::move(*loaded);
}

std::unique_ptr<container::CgroupTracker> make_tracker(const config::AgentOptions& options,
                                                       const CgroupFolder& cgroups) {
  if (options.launcher != "linux") return nullptr;
  return std::make_unique<container::CgroupTracker>(cgroups.place());
}

tl::unexpected<Error> unrecoverable(const Error& error, int& exit_status) {
  exit_status = exit_unrecoverable;
  return tl::unexpected(error);
}

// Below the work directory, if its path is short enough, nothing is left behind by a kill.
Result<runtime::RuntimeDirectory> open_runtime_directory(const config::AgentOptions& options,
                                                         const std::filesystem::path& work_dir) {
  return runtime::RuntimeDirectory::open(
      options.runtime_dir.empty() ? work_dir / runtime_folder : options.runtime_dir,
      runtime::executor_socket_name.size());
}

Status serve(const config::Loaded<config::AgentOptions>& flags, runtime::SignalWatch& signals,
             int& exit_status) {
  config::AgentOptions options = flags.options;
  const auto work_dir = runtime::ensure_work_directory(options.work_dir, "--work_dir");
  if (!work_dir) return tl::unexpected(work_dir.error());
  const auto lock = runtime::WorkDirectoryLock::take(*work_dir);
  if (!lock) return tl::unexpected(lock.error());
  auto configuration = runtime::agent_configuration(options, flags.settings, *work_dir);
  if (!configuration) return tl::unexpected(configuration.error());
  auto credential = runtime::read_credential(options.credential);
  if (!credential) return failure("--credential", credential.error());
  const auto log = runtime::EventLog::open(
      log_options(program, options.logging_level, options.quiet, options.log_dir));
  if (!log) return tl::unexpected(log.error());
  const auto access = runtime::open_access(runtime::access_files(options));
  if (!access) return tl::unexpected(access.error());
  warn_of_permission(**log, options.ip, options.acls);
  warn_of_vanishing(**log, *work_dir);
  auto detector = detection::make_detector(
      options.master, configuration->seed,
      [&log = **log](const std::string& text) { log.write(Severity::info, text); });
  if (!detector) return failure("--master", detector.error());
  auto left = read_left_behind(options, *work_dir, configuration->info, **log);
  if (!left) return unrecoverable(left.error(), exit_status);
  CgroupFolder cgroups(options, *work_dir);
  options.cgroups_root = cgroups.place().root;

  ModuleSet set(options.modules_dir, flags.modules, **log);
  auto authenticator = set.load<Authenticator>(options.authenticatee);
  if (!authenticator) return tl::unexpected(authenticator.error());
  auto reader_authenticator = load_reader_authenticator(set, options);
  if (!reader_authenticator) return tl::unexpected(reader_authenticator.error());
  const auto isolators = load_isolators(set, options, **log);
  if (!isolators) return tl::unexpected(isolators.error());

  const auto directory = open_runtime_directory(options, *work_dir);
  if (!directory) return tl::unexpected(directory.error());
  const auto tracker = make_tracker(options, cgroups);
  const auto containerizer =
      make_containerizer(options, work_dir->string(), *isolators, tracker.get());
  if (!containerizer) return tl::unexpected(containerizer.error());

  runtime::AgentRuntime agent({.options = options,
                               .containerizer = **containerizer,
                               .authenticator = std::move(*authenticator),
                               .credential = std::move(*credential),
                               .runtime_directory = *directory,
                               .checkpoints = *left->checkpoints,
                               .detector = std::move(*detector),
                               .reader_authenticator = std::move(*reader_authenticator),
                               .access = *access,
                               .log = **log,
                               .signals = signals});
  const auto started = agent.start(std::move(*configuration), std::move(left->durable));
  if (!started) return started;
  say_ready(agent.info().ip, agent.info().port, options.tls_certificate);
  exit_status = agent.run();
  cgroups.served();
  return {};
}

int run(int count, const char* const* arguments) {
  const auto flags = config::load_agent(count, arguments, environ);
  if (const auto ended = answer(flags, config::agent_table())) return *ended;
  runtime::SignalWatch signals;
  int exit_status = 0;
  const auto served = serve(*flags, signals, exit_status);
  return served ? exit_status : fail(program, served.error(), std::max(exit_status, 1));
}

}  // namespace
}  // namespace mesolite::daemon

int main(int count, char** arguments) {
  return mesolite::daemon::run(count, arguments);
}
