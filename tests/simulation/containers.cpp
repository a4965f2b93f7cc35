#include "tests/simulation/containers.hpp"

#include <set>
#include <utility>
#include <vector>

namespace mesolite::simulation {

namespace {

constexpr std::int32_t status_killed = 9;       // by SIGKILL
constexpr std::int32_t status_terminated = 15;  // by SIGTERM
constexpr std::int32_t status_exited_with_1 = 256;
constexpr std::int64_t pid = 4711;

}  // namespace

Containers::Containers(Surroundings& around, std::string host, const Clock& clock)
    : around_(around), host_(std::move(host)), clock_(clock) {}

Containers::~Containers() {
  around_.witness.host_dies(host_);
}

void Containers::tell(agent::Input input) const {
  if (tell_) tell_(std::move(input));
}

void Containers::later(Duration wait, std::function<void()> work) {
  around_.timeline.in(wait, [alive = std::weak_ptr<int>(alive_), work = std::move(work)] {
    if (!alive.expired()) work();
  });
}

// ---- the beginning
// -------------------------------------------------------------------------------

void Containers::launch(const agent::Launch& output) {
  const ContainerId id = output.context.id;
  const Duration wait = around_.between(1ms, 300ms);
  if (around_.chance(around_.scenario.hosts.launch_fails)) {
    return later(wait, [this, id] { tell(agent::Launched{id, failure("no such program")}); });
  }
  Container& container = containers_[id];
  container.context = output.context;
  container.stubborn = around_.random.chance(around_.scenario.hosts.terminations_ignored);
  later(wait, [this, id, environment = output.environment] { start(id, environment); });
}

void Containers::start(const ContainerId& id,
                       const std::map<std::string, std::string>& environment) {
  Container& started = containers_.at(id);
  started.running = true;
  if (environment.contains("MESOS_AGENT_ENDPOINT")) {
    start_executor(started, environment);
  } else {
    const ContainerContext& context = started.context;
    around_.witness.task_starts({context.framework_id, context.task_id}, host_);
    const std::uint64_t milliseconds = around_.scenario.work.task_time_ms.draw(around_.random);
    exit_in(id, Duration(std::chrono::milliseconds(milliseconds)),
            around_.random.chance(0.8) ? 0 : status_exited_with_1);
  }
  if (started.recovered) {
    tell(agent::ContainerRecovered{id, pid});
  } else {
    tell(agent::Launched{id, pid});
  }
}

void Containers::start_executor(Container& container,
                                const std::map<std::string, std::string>& environment) {
  ExecutorSettings settings;
  settings.framework_id = container.context.framework_id;
  settings.executor_id = container.context.executor_id;
  settings.endpoint = environment.at("MESOS_AGENT_ENDPOINT");
  settings.token = environment.at("MESOS_EXECUTOR_AUTHENTICATION_TOKEN");
  container.executor =
      std::make_unique<ExecutorNode>(around_, settings, ExecutorNode::Host{host_, clock_},
                                     [this, id = container.context.id] { exit_in(id, 1ms, 0); });
}

// ---- the end
// -------------------------------------------------------------------------------------

void Containers::terminate(const ContainerId& id) {
  const auto container = containers_.find(id);
  if (container == containers_.end() || container->second.stubborn) return;
  exit_in(id, around_.between(1ms, 2s), status_terminated);
}

void Containers::destroy(const ContainerId& id) {
  exit_in(id, around_.between(1ms, 50ms), status_killed);
}

void Containers::exit_in(const ContainerId& id, Duration wait, std::int32_t status) {
  later(wait, [this, id, status] { exit(id, status); });
}

void Containers::exit(const ContainerId& id, std::int32_t status) {
  const auto found = containers_.find(id);
  if (found == containers_.end() || !found->second.running) return;
  const ContainerContext& context = found->second.context;
  if (!found->second.executor) around_.witness.task_ends({context.framework_id, context.task_id});
  containers_.erase(found);
  ended_[id] = status;
  tell(agent::Exited{id, status, {}});
}

// ---- a new agent
// ---------------------------------------------------------------------------------

void Containers::recover(const agent::RecoverContainers& left) {
  std::set<ContainerId> known;
  for (const ContainerContext& context : left.known) {
    known.insert(context.id);
    later(around_.between(1ms, 50ms), [this, id = context.id] { report(id); });
  }
  for (const auto& [id, container] : containers_) {
    if (!known.contains(id)) destroy(id);
  }
  std::erase_if(ended_, [&](const auto& end) { return !known.contains(end.first); });
}

void Containers::report(const ContainerId& id) {
  const auto container = containers_.find(id);
  if (container != containers_.end()) {
    if (container->second.running) return tell(agent::ContainerRecovered{id, pid});
    container->second.recovered = true;  // told when it runs
    return;
  }
  tell(agent::ContainerRecovered{id, std::nullopt});
  const auto end = ended_.find(id);
  if (end != ended_.end()) return tell(agent::Exited{id, end->second, {}});
  tell(agent::Exited{id, status_killed,
                     Limitation{UpdateReason::agent_restarted, "its host was restarted", {}}});
}

void Containers::crash_some_executor() {
  std::vector<ContainerId> executors;
  for (const auto& [id, container] : containers_) {
    if (container.executor) executors.push_back(id);
  }
  if (executors.empty()) return;
  exit_in(executors[around_.random.below(executors.size())], 1ms, status_killed);
}

}  // namespace mesolite::simulation
