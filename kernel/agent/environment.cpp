#include "kernel/agent/environment.hpp"

namespace mesolite::agent {
namespace {

using Environment = std::map<std::string, std::string>;

constexpr const char* default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// The names of Mesos, old and new: existing executors and scripts read either.
void set_common(const State& state, const Container& container, Environment& environment) {
  environment.try_emplace("PATH", default_path);
  environment["MESOS_FRAMEWORK_ID"] = container.context.framework_id.value;
  environment["MESOS_DIRECTORY"] = container.context.sandbox;
  environment["MESOS_SANDBOX"] = container.context.sandbox;
  environment["MESOS_AGENT_ID"] = state.info.id.value;
  environment["MESOS_SLAVE_ID"] = state.info.id.value;
  environment["MESOS_CONTAINER_ID"] = container.context.id.value;
}

}  // namespace

Environment environment_of(const State& state, const Executor& executor) {
  const Configuration& configuration = state.configuration;
  Environment environment = configuration.executor_environment;
  set_common(state, *executor.container, environment);
  const Duration grace =
      executor.info.shutdown_grace_period.value_or(configuration.executor_shutdown_grace_period);
  environment["MESOS_EXECUTOR_ID"] = executor.info.id.value;
  environment["MESOS_AGENT_ENDPOINT"] = configuration.executor_endpoint;
  environment["MESOS_EXECUTOR_AUTHENTICATION_TOKEN"] = executor.token;
  environment["MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD"] = to_text(grace);
  environment["MESOS_RECOVERY_TIMEOUT"] = to_text(configuration.recovery_timeout);
  return environment;
}

Environment environment_of(const State& state, const Task& command_task) {
  Environment environment = state.configuration.executor_environment;
  set_common(state, *command_task.container, environment);
  environment["MESOS_EXECUTOR_ID"] = command_task.launch.id.value;
  environment["MESOS_TASK_ID"] = command_task.launch.id.value;
  return environment;
}

}  // namespace mesolite::agent
