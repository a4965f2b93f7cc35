// From the flags of mesos-agent to what its machine is told.
#pragma once

#include <filesystem>
#include <vector>

#include "kernel/agent/io.hpp"
#include "kernel/config/options.hpp"
#include "mesolite/module/authenticator.hpp"

namespace mesolite::runtime {

// Leaves out what only a running agent knows: ports and the executors' endpoint. `work_dir` is the
// absolute path of --work_dir and exists. Fails on flags whose text makes no sense.
Result<agent::Configuration> agent_configuration(const config::AgentOptions& options,
                                                 const std::vector<config::Setting>& settings,
                                                 const std::filesystem::path& work_dir);

// Who the agent says it is: the file of --credential, "principal secret" on its first line that is
// no comment. An empty path is nobody.
Result<Credential> read_credential(const std::filesystem::path& file);

}  // namespace mesolite::runtime
