#include "kernel/agent/reservations.hpp"

#include "kernel/agent/checkpoints.hpp"
#include "mesolite/base/reservations.hpp"

namespace mesolite::agent {

void checkpoint_resources(State& state, const CheckpointResources& order) {
  auto resources = with_made(as_started(state.info.resources), order.resources);
  if (!resources) {
    return note(state, Severity::error, "resources_refused",
                {{"problem", resources.error().message}});
  }
  state.info.resources = std::move(*resources);
  checkpoint_agent(state);
  note(state, Severity::info, "resources_converted",
       {{"resources", state.info.resources.to_text()}});
}

}  // namespace mesolite::agent
