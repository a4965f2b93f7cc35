// mesos-master: builds the parts of a master, wires them, and serves until a signal comes. One that
// has led and lost its place begins anew.
#include <unistd.h>

#include <memory>
#include <thread>

#include "kernel/daemon/module_set.hpp"
#include "kernel/daemon/rate_limits.hpp"
#include "kernel/daemon/start_up.hpp"
#include "kernel/election/zookeeper_contender.hpp"
#include "kernel/registry/memory_registry.hpp"
#include "kernel/registry/sqlite_registry.hpp"
#include "kernel/registry/zookeeper_registry.hpp"
#include "kernel/runtime/master_configuration.hpp"
#include "kernel/runtime/master_runtime.hpp"
#include "kernel/runtime/runtime_directory.hpp"
#include "sdk/detection/zookeeper_detector.hpp"
#include "sdk/net/http_get.hpp"

namespace mesolite::daemon {
namespace {

constexpr std::string_view program = "mesos-master";

using End = runtime::MasterRuntime::End;
using Ensemble = std::optional<detection::ZooKeeperUrl>;

Result<Ensemble> read_ensemble(const config::MasterOptions& options) {
  if (options.zk.empty()) {
    if (options.registry != "zookeeper") return Ensemble();
    return failure("--registry=zookeeper: --zk says where, and is missing");
  }
  auto url = detection::parse_zookeeper_url(options.zk);
  if (!url) return failure("--zk", url.error());
  if (options.registry == "auto" || options.registry == "zookeeper") return Ensemble(*url);
  return failure("--registry=" + options.registry +
                 ": masters that share --zk share their registry too; leave it out");
}

// Everything that outlasts a term, which is what a master leads for.
class MasterProgram {
 public:
  MasterProgram(const config::Loaded<config::MasterOptions>& flags, Ensemble ensemble,
                runtime::EventLog& log, const runtime::Access& access,
                runtime::SignalWatch& signals)
      : options_(flags.options),
        settings_(flags.settings),
        ensemble_(std::move(ensemble)),
        log_(log),
        access_(access),
        signals_(signals),
        modules_(options_.modules_dir, flags.modules, log) {
    if (options_.credentials.empty()) return;
    modules_.set_parameter(options_.authenticators, "credentials", {options_.credentials.string()});
  }

  // Serves until the end of a term. Fails if it cannot be begun.
  Result<End> serve_term() {
    auto configuration = runtime::master_configuration(options_, settings_);
    if (!configuration) return tl::unexpected(configuration.error());
    auto rate_limits = parse_rate_limits(options_.rate_limits);
    if (!rate_limits) return tl::unexpected(rate_limits.error());
    configuration->rate_limits = std::move(*rate_limits);
    auto allocator = modules_.load<Allocator>(options_.allocator);
    if (!allocator) return tl::unexpected(allocator.error());
    auto authenticator = modules_.load<Authenticator>(options_.authenticators);
    if (!authenticator) return tl::unexpected(authenticator.error());
    std::map<std::string, modules::Hosted<Authenticator>> authenticators;
    authenticators.emplace(options_.authenticators, std::move(*authenticator));
    runtime::MasterRuntime master(
        {.options = options_,
         .allocator = std::move(*allocator),
         .load_allocator =
             [&](const auto& name) { return modules_.load_replacement<Allocator>(name); },
         .authenticators = std::move(authenticators),
         .calls_overrun = [&] { return modules_.overruns(); },
         .open_registry = [&](const auto& won) { return open_registry(won); },
         .contender = make_contender(),
         .detector = make_detector(),
         .access = access_,
         .log = log_,
         .signals = signals_});
    if (auto started = master.start(std::move(*configuration)); !started) {
      return tl::unexpected(started.error());
    }
    say_ready_once(master.info());
    return master.run();
  }

 private:
  Result<std::unique_ptr<registry::Registry>> open_registry(const election::Leadership& won) {
    if (ensemble_) {
      return registry::open_zookeeper_registry({*ensemble_, won.node, options_.zk_session_timeout});
    }
    if (options_.registry == "in_memory") return std::make_unique<registry::MemoryRegistry>();
    const auto work_dir = runtime::ensure_work_directory(options_.work_dir, "--work_dir");
    if (!work_dir) return tl::unexpected(work_dir.error());
    warn_of_vanishing(log_, *work_dir);
    return registry::open_sqlite_registry(*work_dir / registry::sqlite_file_name);
  }

  detection::Notice notice() {
    return [&log = log_](const std::string& text) { log.write(Severity::info, text); };
  }

  std::unique_ptr<election::Contender> make_contender() {
    if (!ensemble_) return nullptr;
    return std::make_unique<election::ZooKeeperContender>(*ensemble_, options_.zk_session_timeout,
                                                          notice());
  }

  std::unique_ptr<detection::Detector> make_detector() {
    if (!ensemble_) return nullptr;
    return std::make_unique<detection::ZooKeeperDetector>(*ensemble_, options_.zk_session_timeout,
                                                          detection::Notice());
  }

  // Any free ports are the same ones in the next term: that is where others look for us.
  void say_ready_once(const MasterInfo& info) {
    if (std::exchange(ready_, true)) return;
    options_.port = info.port;
    const auto bus = net::parse_host_port(info.bus.substr(info.bus.find("//") + 2));
    if (bus) options_.bus_port = bus->port;
    say_ready(info.ip, info.port, options_.tls_certificate);
  }

  config::MasterOptions options_;
  const std::vector<config::Setting>& settings_;
  const Ensemble ensemble_;
  runtime::EventLog& log_;
  const runtime::Access& access_;
  runtime::SignalWatch& signals_;
  ModuleSet modules_;
  bool ready_ = false;
};

Status serve(const config::Loaded<config::MasterOptions>& flags, runtime::SignalWatch& signals,
             int& exit_status) {
  const config::MasterOptions& options = flags.options;
  auto ensemble = read_ensemble(options);
  if (!ensemble) return tl::unexpected(ensemble.error());
  const auto log = runtime::EventLog::open(
      log_options(program, options.logging_level, options.quiet, options.log_dir));
  if (!log) return tl::unexpected(log.error());
  const auto access = runtime::open_access(runtime::access_files(options));
  if (!access) return tl::unexpected(access.error());
  warn_of_permission(**log, options.ip, options.acls);
  MasterProgram master(flags, std::move(*ensemble), **log, *access, signals);
  while (true) {
    const auto end = master.serve_term();
    if (!end) return tl::unexpected(end.error());
    if (*end == End::stepped_down) continue;
    exit_status = *end == End::asked ? 0 : 1;
    return {};
  }
}

int run(int count, const char* const* arguments) {
  const auto flags = config::load_master(count, arguments, environ);
  if (const auto ended = answer(flags, config::master_table())) return *ended;
  raise_descriptor_limit();
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
