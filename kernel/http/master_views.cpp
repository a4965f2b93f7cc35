#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kernel/http/json.hpp"
#include "kernel/http/views.hpp"

namespace mesolite::http {
namespace {

// The live things of each framework, collected once: a cluster has thousands of frameworks and
// hundreds of thousands of tasks.
struct FrameworkParts {
  Json tasks = Json::array();
  Json unreachable_tasks = Json::array();
  Json offers = Json::array();
};
using PartsByFramework = std::unordered_map<FrameworkId, FrameworkParts>;

Json offer_json(const OfferSnapshot& offer) {
  return {{"id", "O" + std::to_string(offer.id.value)},
          {"framework_id", offer.framework_id.value},
          {"slave_id", offer.agent_id.value},
          {"allocation_info", {{"role", offer.role}}},
          {"resources", resources_json(offer.resources)},
          {"made_at", to_seconds(offer.made_at)}};
}

PartsByFramework parts_by_framework(const ClusterSnapshot& cluster) {
  PartsByFramework parts;
  for (const TaskSnapshot& task : cluster.tasks) {
    FrameworkParts& own = parts[task.framework_id];
    const bool unreachable = task.state == TaskState::unreachable;
    (unreachable ? own.unreachable_tasks : own.tasks).push_back(task_json(task));
  }
  for (const OfferSnapshot& offer : cluster.offers) {
    parts[offer.framework_id].offers.push_back(offer_json(offer));
  }
  return parts;
}

Json framework_json(const FrameworkSnapshot& framework, FrameworkParts parts) {
  Json json = framework_info_json(framework.info);
  json["active"] = framework.active;
  json["connected"] = framework.connected;
  // Known from the agents only, its scheduler not seen since the master started.
  json["recovered"] = !framework.connected && framework.registered_at == Time{};
  json["registered_time"] = to_seconds(framework.registered_at);
  json["unregistered_time"] = to_seconds(framework.unregistered_at);
  if (framework.reregistered_at != Time{}) {
    json["reregistered_time"] = to_seconds(framework.reregistered_at);
  }
  json["resources"] = resources_json(framework.used + framework.offered);
  json["used_resources"] = resources_json(framework.used);
  json["offered_resources"] = resources_json(framework.offered);
  json["tasks"] = std::move(parts.tasks);
  json["unreachable_tasks"] = std::move(parts.unreachable_tasks);
  Json completed = Json::array();
  for (const TaskSnapshot& task : framework.completed_tasks) completed.push_back(task_json(task));
  json["completed_tasks"] = std::move(completed);
  Json executors = Json::array();
  for (const ExecutorSnapshot& executor : framework.executors) {
    executors.push_back(executor_json(executor));
  }
  json["executors"] = std::move(executors);
  json["offers"] = std::move(parts.offers);
  return json;
}

// Adds frameworks, completed_frameworks and unregistered_frameworks.
void add_frameworks(Json& json, const ClusterSnapshot& cluster) {
  PartsByFramework parts = parts_by_framework(cluster);
  Json frameworks = Json::array();
  for (const FrameworkSnapshot& framework : cluster.frameworks) {
    frameworks.push_back(framework_json(framework, std::move(parts[framework.info.id])));
  }
  Json completed = Json::array();
  for (const FrameworkSnapshot& framework : cluster.completed_frameworks) {
    completed.push_back(framework_json(framework, {}));
  }
  json["frameworks"] = std::move(frameworks);
  json["completed_frameworks"] = std::move(completed);
  json["unregistered_frameworks"] = Json::array();
}

// Mesos lists an agent that is unreachable or gone as a number only.
bool is_listed(const AgentSnapshot& agent) {
  return agent.condition != AgentCondition::unreachable && agent.condition != AgentCondition::gone;
}

bool is_active(const AgentSnapshot& agent) {
  return agent.condition == AgentCondition::active;
}

// Names as in Mesos, and what is left to do.
Json drain_json(const DrainSnapshot& drain) {
  Json config = {{"mark_gone", drain.mark_gone}};
  if (drain.deadline) {
    config["max_grace_period"] = {{"nanoseconds", (*drain.deadline - drain.started_at).count()}};
  }
  const bool done = drain.drained_at != Time{};
  Json json = {{"state", done ? "DRAINED" : "DRAINING"},
               {"config", std::move(config)},
               {"started_time", to_seconds(drain.started_at)},
               {"tasks_left", drain.tasks_left},
               {"executors_left", drain.executors_left}};
  if (drain.deadline) json["deadline"] = to_seconds(*drain.deadline);
  if (done) json["drained_time"] = to_seconds(drain.drained_at);
  return json;
}

Json agent_json(const AgentSnapshot& agent) {
  const AgentInfo& info = agent.info;
  Json json = {{"id", info.id.value},
               {"hostname", info.hostname},
               {"port", info.port},
               {"pid", process_id("slave(1)", info.ip, info.port)},
               {"active", is_active(agent)},
               {"condition", to_text(agent.condition)},
               {"attributes", attributes_json(info.attributes)},
               {"resources", resources_json(info.resources)},
               {"used_resources", resources_json(agent.used)},
               {"offered_resources", resources_json(agent.offered)},
               {"reserved_resources", reservations_json(info.resources)},
               {"unreserved_resources", resources_json(info.resources.unreserved())},
               {"registered_time", to_seconds(agent.registered_at)},
               {"version", info.version},
               {"capabilities", Json::array()}};
  if (agent.reregistered_at != Time{}) {
    json["reregistered_time"] = to_seconds(agent.reregistered_at);
  }
  if (agent.drain) json["drain_info"] = drain_json(*agent.drain);
  return json;
}

Json agents_json(const ClusterSnapshot& cluster) {
  Json agents = Json::array();
  for (const AgentSnapshot& agent : cluster.agents) {
    if (is_listed(agent)) agents.push_back(agent_json(agent));
  }
  return agents;
}

template <class Predicate>
std::size_t count_agents(const ClusterSnapshot& cluster, Predicate&& holds) {
  return static_cast<std::size_t>(
      std::count_if(cluster.agents.begin(), cluster.agents.end(), holds));
}

const MasterInfo& leader_of(const ClusterSnapshot& cluster) {
  return cluster.leading ? cluster.master : cluster.leader;
}

std::string pid_of(const MasterInfo& master) {
  return process_id("master", master.ip, master.port);
}

Json leader_json(const MasterInfo& leader) {
  return {{"id", leader.id},
          {"pid", pid_of(leader)},
          {"hostname", leader.hostname},
          {"port", leader.port},
          {"capabilities", Json::array()}};
}

Time first_moment(const TaskSnapshot& task) {
  return task.statuses.empty() ? Time{} : task.statuses.front().timestamp;
}

std::vector<const TaskSnapshot*> matching_tasks(const ClusterSnapshot& cluster,
                                                const TaskQuery& query) {
  std::vector<const TaskSnapshot*> tasks;
  const auto add = [&](const TaskSnapshot& task) {
    if (!query.framework_id.empty() && task.framework_id.value != query.framework_id) return;
    if (!query.task_id.empty() && task.id.value != query.task_id) return;
    tasks.push_back(&task);
  };
  std::for_each(cluster.tasks.begin(), cluster.tasks.end(), add);
  for (const auto* frameworks : {&cluster.frameworks, &cluster.completed_frameworks}) {
    for (const FrameworkSnapshot& framework : *frameworks) {
      std::for_each(framework.completed_tasks.begin(), framework.completed_tasks.end(), add);
    }
  }
  return tasks;
}

Result<std::int64_t> parse_count(const Request& request, const std::string& name,
                                 std::int64_t fallback, std::int64_t low) {
  const std::string_view text = request.parameter(name);
  if (text.empty()) return fallback;
  std::int64_t number = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || stop != text.data() + text.size() || number < low) {
    return failure(name + ": expected an integer, at least " + std::to_string(low) + ", got '" +
                   std::string(text) + "'");
  }
  return number;
}

}  // namespace

std::string leader_address(const ClusterSnapshot& cluster) {
  const MasterInfo& leader = leader_of(cluster);
  if (leader.port == 0) return "";
  return (leader.hostname.empty() ? leader.ip : leader.hostname) + ":" +
         std::to_string(leader.port);
}

std::optional<std::string> bus_view(const ClusterSnapshot& cluster) {
  const MasterInfo& leader = leader_of(cluster);
  if (leader.bus.empty()) return std::nullopt;
  return dump({{"bus", leader.bus},
               {"epoch", leader.epoch},
               {"version", leader.version},
               {"id", leader.id},
               {"cluster", leader.cluster}});
}

std::string state_view(const ClusterSnapshot& cluster) {
  const MasterInfo& master = cluster.master;
  Json json = {{"version", master.version},
               {"id", master.id},
               {"pid", pid_of(master)},
               {"hostname", master.hostname},
               {"cluster", cluster.cluster_name},
               {"start_time", to_seconds(cluster.started_at)},
               {"elected_time", to_seconds(cluster.elected_at)},
               {"taken_time", to_seconds(cluster.taken_at)}};
  if (leader_of(cluster).port != 0) {
    json["leader"] = pid_of(leader_of(cluster));
    json["leader_info"] = leader_json(leader_of(cluster));
  }
  json["flags"] = cluster.flags;
  json["activated_slaves"] = count_agents(cluster, is_active);
  json["deactivated_slaves"] = count_agents(
      cluster, [](const AgentSnapshot& agent) { return is_listed(agent) && !is_active(agent); });
  json["unreachable_slaves"] = count_agents(cluster, [](const AgentSnapshot& agent) {
    return agent.condition == AgentCondition::unreachable;
  });
  json["slaves"] = agents_json(cluster);
  add_frameworks(json, cluster);
  json["orphan_tasks"] = Json::array();
  return dump(json);
}

std::string agents_view(const ClusterSnapshot& cluster) {
  return dump({{"slaves", agents_json(cluster)}, {"recovered_slaves", Json::array()}});
}

std::string frameworks_view(const ClusterSnapshot& cluster) {
  Json json = Json::object();
  add_frameworks(json, cluster);
  return dump(json);
}

Result<TaskQuery> parse_task_query(const Request& request) {
  TaskQuery query;
  const auto limit = parse_count(request, "limit", query.limit, -1);
  if (!limit) return tl::unexpected(limit.error());
  const auto offset = parse_count(request, "offset", query.offset, 0);
  if (!offset) return tl::unexpected(offset.error());
  const std::string_view order = request.parameter("order", "des");
  if (order != "asc" && order != "des" && order != "desc") {
    return failure("order: expected one of asc, des, got '" + std::string(order) + "'");
  }
  query.limit = *limit;
  query.offset = *offset;
  query.newest_first = order != "asc";
  query.framework_id = request.parameter("framework_id");
  query.task_id = request.parameter("task_id");
  return query;
}

std::string tasks_view(const ClusterSnapshot& cluster, const TaskQuery& query) {
  std::vector<const TaskSnapshot*> tasks = matching_tasks(cluster, query);
  std::stable_sort(tasks.begin(), tasks.end(), [&](const auto* left, const auto* right) {
    const Time first = first_moment(*left);
    const Time second = first_moment(*right);
    return query.newest_first ? second < first : first < second;
  });
  const auto size = static_cast<std::int64_t>(tasks.size());
  const std::int64_t begin = std::min(query.offset, size);
  const std::int64_t count = query.limit < 0 ? size - begin : std::min(query.limit, size - begin);
  Json shown = Json::array();
  for (std::int64_t i = begin; i < begin + count; ++i) {
    shown.push_back(task_json(*tasks[static_cast<std::size_t>(i)]));
  }
  return dump({{"tasks", std::move(shown)}});
}

}  // namespace mesolite::http
