// Containers: what is asked of the machine for an executor or a command task, and what came of it.
// The states are drawn in records.hpp.
#pragma once

#include <map>
#include <string>

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

// Who a container is for; exactly one of the two.
struct ContainerOwner {
  Executor* executor = nullptr;
  Task* task = nullptr;
};

// A container with id, sandbox and context, not yet launched.
Container& add_container(State& state, ContainerOwner owner);
// One that an earlier agent has left behind.
Container& restore_container(State& state, ContainerOwner owner, const ContainerId& id,
                             const std::string& sandbox);
void launch(State& state, Container& container, CommandInfo command,
            std::map<std::string, std::string> environment,
            std::map<std::string, std::string> secret_files = {});

// Asks the container's processes to end, and destroys it when the grace is over. Asked again, the
// shorter grace counts.
void terminate(State& state, Container& container, Duration grace);
// Destroys it when the grace is over; something else has asked it to end.
void expect_end(State& state, Container& container, Duration grace);
void destroy(State& state, Container& container);

void launched(State& state, const Launched& answer);
void container_recovered(State& state, const ContainerRecovered& answer);
void exited(State& state, const Exited& exit);
void destroy_due(State& state, Container& container);

// ---- usage --------------------------------------------------------------------------------------

// From now on something runs.
void watch_usage(State& state);
void usage_due(State& state);
void usage_measured(State& state, UsageMeasured& measured);

}  // namespace mesolite::agent
