// What the border costs: one call of an allocator that has nothing to do, and one of an agent that
// comes back, in this process and in one of its own; and how long one that was killed is away.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <stdexcept>
#include <vector>

#include "kernel/modules/process_instance.hpp"
#include "mesolite/module/allocator.hpp"
#include "tests/bench/report.hpp"

namespace mesolite::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int calls = 5'000;
constexpr int restarts = 20;
constexpr std::uint64_t agents = 1'000;

class SilentHost final : public Host {
 public:
  void log(Severity, std::string_view) override {}
  void notify(std::string_view) override {}
};

template <class T>
T checked(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

// A cluster whose agents are all held by one framework.
AllocateRequest full_cluster() {
  AllocateRequest request;
  AllocatorChanges& changes = request.changes;
  changes.settings = AllocatorSettings{};
  changes.roles.push_back({RoleHandle{1}, "*", 1.0, {}, {}});
  FrameworkState framework;
  framework.handle = FrameworkHandle{1};
  framework.roles = {RoleHandle{1}};
  changes.frameworks.push_back(framework);
  const Resources total = checked(Resources::parse("cpus:4;mem:1024"));
  for (std::uint64_t i = 1; i <= agents; ++i) {
    AgentState agent;
    agent.handle = AgentHandle{i};
    agent.total = total;
    changes.agents.push_back(std::move(agent));
    changes.held.push_back({FrameworkHandle{1}, RoleHandle{1}, AgentHandle{i}, total});
  }
  return request;
}

double microseconds_of_median(std::vector<Duration> samples) {
  return to_seconds(percentile(std::move(samples), 0.5)) * 1e6;
}

template <class Work>
Duration time_of(Work&& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration_cast<Duration>(Clock::now() - start);
}

void measure_calls(Allocator& allocator, const std::string& where, Figures& figures) {
  const AllocateRequest cluster = full_cluster();
  checked(allocator.allocate(cluster));
  std::vector<Duration> idle;
  std::vector<Duration> event;
  for (int i = 0; i < calls; ++i) {
    idle.push_back(time_of([&] { checked(allocator.allocate({})); }));
    // One agent goes free, and is offered again.
    AllocateRequest request;
    request.changes.released.push_back(
        {cluster.changes.held[static_cast<std::size_t>(i) % agents], {}});
    event.push_back(time_of([&] { checked(allocator.allocate(request)); }));
  }
  figures["call_idle_us_p50_" + where] = microseconds_of_median(std::move(idle));
  figures["call_event_us_p50_" + where] = microseconds_of_median(std::move(event));
}

modules::ProcessSettings process_settings() {
  modules::ProcessSettings settings;
  settings.program = installed_module_paths().host;
  settings.file = installed_module_paths().modules / "hierarchical.so";
  settings.wanted = wanted_module<Allocator>();
  settings.remembers = true;
  settings.pause_first = settings.pause_max = Duration(0);  // many deaths in a row
  return settings;
}

// From the kill to an instance that has been told everything.
void measure_restarts(Host& host, Figures& figures) {
  auto instance = checked(modules::ProcessInstance::start(process_settings(), host));
  modules::ProcessInstance& process = *instance;
  ModuleClient<Allocator> client(std::move(instance));
  const AllocateRequest everything = full_cluster();
  std::vector<Duration> away;
  for (int i = 0; i < restarts; ++i) {
    std::promise<void> fresh;
    process.on_fresh([&] { fresh.set_value(); });
    away.push_back(time_of([&] {
      ::kill(process.process_id(), SIGKILL);
      fresh.get_future().wait();
      process.resume();
      checked(client.allocate(everything));
    }));
    process.on_fresh({});
  }
  figures["killed_to_rebuilt_ms_p50"] = microseconds_of_median(std::move(away)) / 1e3;
}

Figures measure() {
  SilentHost host;
  Figures figures;
  const ModuleLoader loader({.program = installed_module_paths().preflight});
  const auto here = checked(
      loader.load<Allocator>(installed_module_paths().modules / "hierarchical.so", {}, host));
  measure_calls(*here, "in_process", figures);
  ModuleClient<Allocator> elsewhere(
      checked(modules::ProcessInstance::start(process_settings(), host)));
  measure_calls(elsewhere, "out_of_process", figures);
  measure_restarts(host, figures);
  return figures;
}

}  // namespace
}  // namespace mesolite::bench

int main(int count, char** arguments) {
  return mesolite::bench::report(count, arguments, &mesolite::bench::measure);
}
