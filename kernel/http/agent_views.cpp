#include <utility>

#include "kernel/http/build_info.hpp"
#include "kernel/http/json.hpp"
#include "kernel/http/views.hpp"
#include "mesolite/protocol/version.hpp"

namespace mesolite::http {
namespace {

// Tasks of one executor; a task that the agent runs itself is an executor of its own, named after
// the task, as readers of Mesos' JSON expect.
Json executors_json(const AgentStateSnapshot& agent, const FrameworkId& framework) {
  std::map<std::string, Json> executors;
  const auto executor_of = [&](const std::string& id) -> Json& {
    const auto [found, added] = executors.try_emplace(id);
    if (added) {
      found->second = {{"id", id},
                       {"name", id},
                       {"source", id},
                       {"resources", resources_json({})},
                       {"tasks", Json::array()},
                       {"completed_tasks", Json::array()}};
    }
    return found->second;
  };
  for (const ExecutorSnapshot& executor : agent.executors) {
    if (executor.framework_id != framework) continue;
    executor_of(executor.id.value)["resources"] = resources_json(executor.resources);
  }
  for (const TaskSnapshot& task : agent.tasks) {
    if (task.framework_id != framework) continue;
    const std::string& id = task.executor_id.empty() ? task.id.value : task.executor_id.value;
    const char* list = is_terminal(task.state) ? "completed_tasks" : "tasks";
    executor_of(id)[list].push_back(task_json(task));
  }
  for (const ContainerSnapshot& container : agent.containers) {
    if (container.framework_id != framework) continue;
    const std::string& id =
        container.executor_id.empty() ? container.task_id.value : container.executor_id.value;
    Json& executor = executor_of(id);
    executor["container"] = container.id.value;
    executor["directory"] = container.sandbox;
  }
  Json list = Json::array();
  for (auto& [id, executor] : executors) list.push_back(std::move(executor));
  return list;
}

}  // namespace

std::string version_view() {
  return dump({{"version", version},
               {"build_date", build_date()},
               {"build_time", build_time()},
               {"build_user", ""}});
}

std::string flags_view(const std::map<std::string, std::string>& flags) {
  return dump({{"flags", flags}});
}

std::string bus_view(const AgentStateSnapshot& agent) {
  return dump({{"bus", agent.info.bus}, {"version", agent.info.version}});
}

std::string state_view(const AgentStateSnapshot& agent) {
  const AgentInfo& info = agent.info;
  Json json = {{"version", info.version},
               {"id", info.id.value},
               {"pid", process_id("slave(1)", info.ip, info.port)},
               {"hostname", info.hostname},
               {"start_time", to_seconds(agent.started_at)},
               {"registered", agent.registered},
               {"attributes", attributes_json(info.attributes)},
               {"resources", resources_json(info.resources)},
               {"reserved_resources", reservations_json(info.resources)},
               {"unreserved_resources", resources_json(info.resources.unreserved())},
               {"flags", agent.flags}};
  if (agent.master.port != 0) json["master_hostname"] = agent.master.hostname;
  Json frameworks = Json::array();
  for (const FrameworkInfo& framework : agent.frameworks) {
    Json entry = framework_info_json(framework);
    entry["executors"] = executors_json(agent, framework.id);
    entry["completed_executors"] = Json::array();
    frameworks.push_back(std::move(entry));
  }
  json["frameworks"] = std::move(frameworks);
  json["completed_frameworks"] = Json::array();
  return dump(json);
}

std::string containers_view(const AgentStateSnapshot& agent) {
  Json containers = Json::array();
  for (const ContainerSnapshot& container : agent.containers) {
    const std::string& executor =
        container.executor_id.empty() ? container.task_id.value : container.executor_id.value;
    Json statistics = container.statistics;
    statistics["timestamp"] = to_seconds(agent.taken_at);
    // Where no isolator knows better.
    statistics.emplace("cpus_limit",
                       static_cast<double>(container.resources.scalar("cpus")) / 1000.0);
    statistics.emplace("mem_limit_bytes", container.resources.scalar("mem") * (1 << 20) / 1000);
    containers.push_back({{"container_id", container.id.value},
                          {"executor_id", executor},
                          {"executor_name", executor},
                          {"source", executor},
                          {"framework_id", container.framework_id.value},
                          {"state", container.state},
                          {"statistics", std::move(statistics)}});
  }
  return dump(containers);
}

}  // namespace mesolite::http
