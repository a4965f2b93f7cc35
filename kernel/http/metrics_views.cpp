#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>
#include <vector>

#include "kernel/http/json.hpp"
#include "kernel/http/views.hpp"

namespace mesolite::http {
namespace {

using Metrics = std::map<std::string, double>;

void add_agents(Metrics& metrics, const ClusterSnapshot& cluster) {
  for (const char* name : {"active", "inactive", "connected", "disconnected", "unreachable"}) {
    metrics[std::string("master/slaves_") + name] = 0;
  }
  for (const AgentSnapshot& agent : cluster.agents) {
    if (agent.condition == AgentCondition::gone) continue;
    if (agent.condition == AgentCondition::unreachable) {
      metrics["master/slaves_unreachable"] += 1;
      continue;
    }
    const bool connected = agent.condition != AgentCondition::disconnected;
    const bool active = agent.condition == AgentCondition::active;
    metrics[connected ? "master/slaves_connected" : "master/slaves_disconnected"] += 1;
    metrics[active ? "master/slaves_active" : "master/slaves_inactive"] += 1;
  }
}

void add_resources(Metrics& metrics, const ClusterSnapshot& cluster) {
  Scalars total{};
  Scalars used{};
  for (const AgentSnapshot& agent : cluster.agents) {
    if (agent.condition != AgentCondition::active) continue;
    for (std::size_t i = 0; i < scalar_count; ++i) {
      total[i] += agent.info.resources.scalar(scalar_names[i]);
      used[i] += agent.used.scalar(scalar_names[i]);
    }
  }
  for (std::size_t i = 0; i < scalar_count; ++i) {
    const std::string prefix = "master/" + std::string(scalar_names[i]);
    const auto has = static_cast<double>(total[i]);
    const auto uses = static_cast<double>(used[i]);
    metrics[prefix + "_total"] = has / 1000;
    metrics[prefix + "_used"] = uses / 1000;
    metrics[prefix + "_percent"] = has > 0 ? uses / has : 0;
  }
}

void add_frameworks(Metrics& metrics, const ClusterSnapshot& cluster) {
  for (const char* name : {"active", "inactive", "connected", "disconnected"}) {
    metrics[std::string("master/frameworks_") + name] = 0;
  }
  for (const FrameworkSnapshot& framework : cluster.frameworks) {
    metrics[framework.active ? "master/frameworks_active" : "master/frameworks_inactive"] += 1;
    metrics[framework.connected ? "master/frameworks_connected"
                                : "master/frameworks_disconnected"] += 1;
  }
}

void add_tasks(Metrics& metrics, const ClusterSnapshot& cluster) {
  // States that a task leaves; the counts of the others are totals, which the master keeps.
  constexpr std::array live = {TaskState::staging, TaskState::starting, TaskState::running,
                               TaskState::killing, TaskState::unreachable};
  const auto name = [](TaskState state) { return "master/tasks_" + std::string(to_text(state)); };
  for (const TaskState state : live) metrics[name(state)] = 0;
  for (const TaskSnapshot& task : cluster.tasks) {
    if (const auto found = metrics.find(name(task.state)); found != metrics.end()) {
      found->second += 1;
    }
  }
}

Metrics metrics_of(const ClusterSnapshot& cluster) {
  Metrics metrics;
  metrics["master/elected"] = cluster.leading ? 1 : 0;
  metrics["master/uptime_secs"] = to_seconds(cluster.taken_at - cluster.started_at);
  metrics["master/outstanding_offers"] = static_cast<double>(cluster.offers.size());
  add_agents(metrics, cluster);
  add_resources(metrics, cluster);
  add_frameworks(metrics, cluster);
  add_tasks(metrics, cluster);
  // What the master counted itself goes over what can be seen in the snapshot.
  for (const auto& [name, value] : cluster.metrics) metrics[name] = value;
  return metrics;
}

Metrics metrics_of(const AgentStateSnapshot& agent) {
  Metrics metrics;
  metrics["slave/registered"] = agent.registered ? 1 : 0;
  metrics["slave/uptime_secs"] = to_seconds(agent.taken_at - agent.started_at);
  metrics["slave/executors_running"] = static_cast<double>(agent.executors.size());
  metrics["slave/frameworks_active"] = static_cast<double>(agent.frameworks.size());
  metrics["slave/tasks_running"] = 0;
  for (const TaskSnapshot& task : agent.tasks) {
    if (task.state == TaskState::running) metrics["slave/tasks_running"] += 1;
  }
  for (const auto& [name, value] : agent.metrics) metrics[name] = value;
  return metrics;
}

// "master/tasks_running" as Prometheus wants names: "mesolite_master_tasks_running".
std::string prometheus_name(const std::string& name) {
  std::string result = "mesolite_" + name;
  std::replace_if(
      result.begin(), result.end(),
      [](unsigned char letter) { return std::isalnum(letter) == 0 && letter != '_'; }, '_');
  return result;
}

std::string prometheus_text(const Metrics& metrics) {
  std::vector<prometheus::MetricFamily> families;
  for (const auto& [name, value] : metrics) {
    prometheus::MetricFamily& family = families.emplace_back();
    family.name = prometheus_name(name);
    family.help = name;
    family.metric.emplace_back().untyped.value = value;
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace

std::string metrics_view(const ClusterSnapshot& cluster) {
  return dump(Json(metrics_of(cluster)));
}

std::string metrics_view(const AgentStateSnapshot& agent) {
  return dump(Json(metrics_of(agent)));
}

std::string prometheus_view(const ClusterSnapshot& cluster) {
  return prometheus_text(metrics_of(cluster));
}

std::string prometheus_view(const AgentStateSnapshot& agent) {
  return prometheus_text(metrics_of(agent));
}

}  // namespace mesolite::http
