#include "kernel/daemon/cluster_tables.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "kernel/daemon/table.hpp"
#include "mesolite/base/resources.hpp"

namespace mesolite::daemon {
namespace {

using Json = nlohmann::ordered_json;

std::string text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

double number(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

bool holds(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

// An empty list where there is none.
const Json& list(const Json& object, const char* key) {
  static const Json none = Json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : none;
}

std::string amount(const Json& object, const char* resources, const char* name) {
  const auto found = object.find(resources);
  if (found == object.end() || !found->is_object()) return "0";
  const auto value = found->find(name);
  if (value == found->end() || !value->is_number()) return "0";
  return thousandths_to_text(std::llround(value->get<double>() * 1000));
}

std::string used_of_total(const Json& agent, const char* name) {
  return amount(agent, "used_resources", name) + "/" + amount(agent, "resources", name);
}

// "slave(1)@127.0.0.1:5051" -> "127.0.0.1:5051"
std::string address(const std::string& pid) {
  return pid.substr(pid.find('@') + 1);
}

std::string joined(const Json& words) {
  std::string result;
  for (const Json& word : words) {
    if (!word.is_string()) continue;
    result += (result.empty() ? "" : ",") + word.get<std::string>();
  }
  return result;
}

Json frameworks(const Json& state, bool completed_too) {
  Json chosen = list(state, "frameworks");
  if (!completed_too) return chosen;
  for (const Json& framework : list(state, "completed_frameworks")) chosen.push_back(framework);
  return chosen;
}

Json tasks(const Json& state, bool completed_too) {
  Json chosen = Json::array();
  for (const Json& framework : frameworks(state, completed_too)) {
    for (const char* key : {"tasks", "unreachable_tasks", "completed_tasks"}) {
      if (std::string_view(key) == "completed_tasks" && !completed_too) continue;
      for (const Json& task : list(framework, key)) chosen.push_back(task);
    }
  }
  return chosen;
}

Json chosen(Listed what, const Json& state, bool completed_too) {
  switch (what) {
    case Listed::agents:
      return list(state, "slaves");
    case Listed::frameworks:
      return frameworks(state, completed_too);
    case Listed::tasks:
      return tasks(state, completed_too);
  }
  return Json::array();
}

// "active", "draining, 3 tasks left"
std::string condition(const Json& agent) {
  const std::string condition = text(agent, "condition");
  const auto drain = agent.find("drain_info");
  if (drain == agent.end() || !drain->is_object() || condition == "drained") return condition;
  const auto left = static_cast<std::int64_t>(number(*drain, "tasks_left"));
  return condition + ", " + std::to_string(left) + (left == 1 ? " task left" : " tasks left");
}

Table agents_table(const Json& agents) {
  Table table({"AGENT", "ADDRESS", "STATE", "CPUS", "MEM", "DISK", "VERSION"});
  for (const Json& agent : agents) {
    table.add({text(agent, "id"), address(text(agent, "pid")), condition(agent),
               used_of_total(agent, "cpus"), used_of_total(agent, "mem"),
               used_of_total(agent, "disk"), text(agent, "version")});
  }
  return table;
}

Table frameworks_table(const Json& frameworks) {
  Table table({"FRAMEWORK", "NAME", "USER", "ROLES", "STATE", "TASKS", "CPUS", "MEM"});
  for (const Json& framework : frameworks) {
    const bool ended = number(framework, "unregistered_time") > 0;
    const char* state = ended                           ? "completed"
                        : holds(framework, "connected") ? "connected"
                                                        : "disconnected";
    table.add(
        {text(framework, "id"), text(framework, "name"), text(framework, "user"),
         joined(list(framework, "roles")), state, std::to_string(list(framework, "tasks").size()),
         amount(framework, "used_resources", "cpus"), amount(framework, "used_resources", "mem")});
  }
  return table;
}

Table tasks_table(const Json& tasks) {
  Table table({"TASK", "NAME", "FRAMEWORK", "AGENT", "STATE", "CPUS", "MEM"});
  for (const Json& task : tasks) {
    table.add({text(task, "id"), text(task, "name"), text(task, "framework_id"),
               text(task, "slave_id"), text(task, "state"), amount(task, "resources", "cpus"),
               amount(task, "resources", "mem")});
  }
  return table;
}

Result<Json> parse(const std::string& state) {
  Json json = Json::parse(state, nullptr, false);
  if (!json.is_object() || !json.contains("slaves")) {
    return failure("the answer is not the state of a master");
  }
  return json;
}

}  // namespace

Result<std::string> table_of(Listed what, const std::string& state, bool completed_too) {
  const auto json = parse(state);
  if (!json) return tl::unexpected(json.error());
  const Json rows = chosen(what, *json, completed_too);
  switch (what) {
    case Listed::agents:
      return agents_table(rows).to_text();
    case Listed::frameworks:
      return frameworks_table(rows).to_text();
    case Listed::tasks:
      return tasks_table(rows).to_text();
  }
  return std::string();
}

Result<std::string> json_of(Listed what, const std::string& state, bool completed_too) {
  const auto json = parse(state);
  if (!json) return tl::unexpected(json.error());
  return chosen(what, *json, completed_too).dump(2) + "\n";
}

}  // namespace mesolite::daemon
