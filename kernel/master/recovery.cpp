#include "kernel/master/recovery.hpp"

#include <algorithm>
#include <vector>

#include "kernel/master/state.hpp"
#include "mesolite/protocol/print.hpp"

namespace mesolite::master {

// ---- records
// -------------------------------------------------------------------------------------

namespace {

// Calls visit(Record{}, name) with the kind of record that the key is of; false if it is of none.
template <class Visit, class... Records>
bool visit_kind(std::string_view key, Visit&& visit, const Records&... records) {
  const auto visited = [&](const auto& record) {
    const auto name = durable_name<std::remove_cvref_t<decltype(record)>>(key);
    if (name) visit(record, *name);
    return name.has_value();
  };
  return (visited(records) || ...);
}

template <class Visit>
bool visit_kind(std::string_view key, Visit&& visit) {
  return visit_kind(key, visit, DurableWeight{}, DurableQuota{}, DurableAgent{},
                    DurableFramework{});
}

std::string unreadable(std::string_view key) {
  return "registry: record '" + std::string(key) + "'";
}

// Why a record that can be read cannot be meant, or "".
std::string misplaced(std::string_view name, const DurableAgent& record) {
  if (record.info.id.value == name) return "";
  return "info: id: is '" + record.info.id.value + "'";
}
std::string misplaced(std::string_view name, const DurableFramework& record) {
  if (record.info.id.value == name) return "";
  return "info: id: is '" + record.info.id.value + "'";
}
template <class Record>
std::string misplaced(std::string_view, const Record&) {
  return "";
}

template <class Record>
Result<Record> read_record(std::string_view key, std::string_view name, std::string_view value) {
  auto record = decode<Record>(value);
  if (!record) return failure(unreadable(key), record.error());
  const std::string problem = misplaced(name, *record);
  if (!problem.empty()) return failure(unreadable(key) + ": " + problem);
  return record;
}

void keep(Durable& durable, std::string_view name, DurableWeight record) {
  durable.weights[std::string(name)] = record;
}
void keep(Durable& durable, std::string_view name, DurableQuota record) {
  durable.quotas[std::string(name)] = std::move(record);
}
void keep(Durable& durable, std::string_view name, DurableAgent record) {
  durable.agents[AgentId(name)] = std::move(record);
}
void keep(Durable& durable, std::string_view name, DurableFramework record) {
  durable.frameworks[FrameworkId(name)] = std::move(record);
}

}  // namespace

Status Durable::add(std::string_view key, std::string_view value) {
  Status status;
  visit_kind(key, [&]<class Record>(const Record&, std::string_view name) {
    auto record = read_record<Record>(key, name, value);
    if (!record) {
      status = tl::unexpected(record.error());
    } else {
      keep(*this, name, std::move(*record));
    }
  });
  return status;
}

Result<std::string> durable_text(std::string_view key, std::string_view value) {
  Result<std::string> text = std::string("(of a kind that this release does not know)");
  visit_kind(key, [&]<class Record>(const Record&, std::string_view name) {
    text = read_record<Record>(key, name, value).map([](const Record& record) {
      return Printer().object(record);
    });
  });
  return text;
}

// ---- the start
// -----------------------------------------------------------------------------------

namespace {

void recover_agent(State& state, DurableAgent record) {
  Agent& agent = state.agents.add(std::move(record.info));
  agent.registered_at = record.since;
  agent.deactivated = !record.active;
  agent.drain = std::move(record.drain);
  agent.deadline = after(state.now, state.configuration.agent_reregister_timeout);
  state.deadlines.add({agent.deadline, DeadlineKind::agent, agent.handle.value});
  state.agents.set_recovered(agent, true);
  state.allocation.agent_changed(agent);
}

// Agents that do not come back, in the order in which they left: the oldest is forgotten first.
void recover_absent(State& state, std::vector<DurableAgent> absent) {
  std::stable_sort(absent.begin(), absent.end(),
                   [](const DurableAgent& a, const DurableAgent& b) { return a.since < b.since; });
  std::vector<AgentId> forgotten;  // stay in the registry until others are forgotten for good
  for (DurableAgent& record : absent) {
    if (record.standing == AgentStanding::gone) {
      state.agents.remember_gone(record.info.id, record.since, forgotten);
      continue;
    }
    UnreachableAgent& lost =
        state.agents.remember_unreachable(std::move(record.info), record.since, forgotten);
    lost.deactivated = !record.active;
    lost.drain = std::move(record.drain);
  }
}

void recover_framework(State& state, DurableFramework record) {
  const Configuration& settings = state.configuration;
  Framework& framework = state.frameworks.add(record.info.id);
  change_framework_info(state, framework, std::move(record.info));
  framework.registered_at = record.registered_at;
  // While there was no master it could not come back. One that was connected did not leave of its
  // own accord, and has as long as its agents even if it asked for less.
  const Duration asked = framework.info.failover_timeout;
  const Time least = after(state.now, std::min(asked, settings.agent_reregister_timeout));
  const Time most = after(state.now, std::max(asked, settings.agent_reregister_timeout));
  framework.deadline = record.deadline == Time{} ? most : std::max(record.deadline, least);
  state.deadlines.add({framework.deadline, DeadlineKind::framework, framework.handle.value});
}

}  // namespace

void recover(State& state, Durable durable) {
  state.all_written_down = durable.complete;
  for (auto& [role, record] : durable.weights) {
    const RoleHandle handle = state.roles.ensure(role);
    state.roles.set_weight(handle, record.weight);
    state.allocation.role_changed(handle);
  }
  for (auto& [role, record] : durable.quotas) {
    const RoleHandle handle = state.roles.ensure(role);
    state.roles.set_quota(handle, std::move(record.guarantee), std::move(record.limit));
    state.allocation.role_changed(handle);
  }
  std::vector<DurableAgent> absent;
  for (auto& [id, record] : durable.agents) {
    const bool admitted = record.standing == AgentStanding::admitted;
    admitted ? recover_agent(state, std::move(record)) : absent.push_back(std::move(record));
  }
  recover_absent(state, std::move(absent));
  for (auto& [id, record] : durable.frameworks) recover_framework(state, std::move(record));
}

}  // namespace mesolite::master
