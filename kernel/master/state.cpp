#include "kernel/master/state.hpp"

#include "kernel/master/durable.hpp"

namespace mesolite::master {

namespace {

// Each run of a cluster's master has names of its own, so that no count of them need be kept.
std::string id_prefix(const MasterInfo& info) {
  return info.epoch > 1 ? info.cluster + "." + std::to_string(info.epoch) : info.cluster;
}

}  // namespace

State::State(Configuration settings, Time start)
    : configuration(std::move(settings)),
      started_at(start),
      now(start),
      rates(configuration.rate_limits),
      agents(id_prefix(configuration.info) + "-A", configuration.agent_removal_interval),
      frameworks(id_prefix(configuration.info) + "-F"),
      allocation(configuration) {
  for (const auto& [name, weight] : configuration.weights) {
    const RoleHandle role = roles.ensure(name);
    roles.set_weight(role, weight);
    allocation.role_changed(role);
  }
}

void note(State& state, Severity severity, std::string_view name, EventFields fields) {
  state.outbox->emplace_back(Event{severity, name, fields});
}

void persist_bytes(State& state, std::string key, Bytes value) {
  state.outbox->emplace_back(Persist{++state.records_persisted, std::move(key), std::move(value)});
}

void refuse_request(State& state, const Framework& framework, std::string_view request,
                    std::string problem) {
  ++state.counters.requests_refused;
  note(state, Severity::warning, "request_refused",
       {{"framework", framework.info.id.value},
        {"request", std::string(request)},
        {"problem", problem}});
  send_to_framework(state, framework, RequestRefused{std::string(request), std::move(problem)});
}

}  // namespace mesolite::master
