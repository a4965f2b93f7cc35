// What a process that the agent starts finds in its environment, before isolators and the command
// add their own. Nothing of the agent's environment is in it.
#pragma once

#include <map>
#include <string>

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

std::map<std::string, std::string> environment_of(const State& state, const Executor& executor);
std::map<std::string, std::string> environment_of(const State& state, const Task& command_task);

}  // namespace mesolite::agent
