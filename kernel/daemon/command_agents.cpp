// `mesolite drain | deactivate | reactivate | gone`: what operators do to agents.
#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/start_up.hpp"

namespace mesolite::daemon {

int drain_command(const DrainOptions& options) {
  constexpr std::string_view program = "mesolite drain";
  DrainAgent request;
  request.agent_id = AgentId(options.agent);
  request.mark_gone = options.mark_gone;
  if (!options.deadline.empty()) {
    const auto within = parse_duration(options.deadline);
    if (!within) return fail(program, Error{"--deadline: " + within.error().message});
    request.within = *within;
  }
  return ask_master(options, program, std::move(request));
}

int deactivate_command(const AgentOptions& options) {
  DeactivateAgent request;
  request.agent_id = AgentId(options.agent);
  return ask_master(options, "mesolite deactivate", std::move(request));
}

int reactivate_command(const AgentOptions& options) {
  ReactivateAgent request;
  request.agent_id = AgentId(options.agent);
  return ask_master(options, "mesolite reactivate", std::move(request));
}

int gone_command(const AgentOptions& options) {
  MarkAgentGone request;
  request.agent_id = AgentId(options.agent);
  return ask_master(options, "mesolite gone", std::move(request));
}

}  // namespace mesolite::daemon
