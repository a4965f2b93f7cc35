#include "kernel/http/json.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <set>

#include "mesolite/protocol/codec.hpp"
#include "mesolite/protocol/launch.hpp"

namespace mesolite::http {
namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  return result;
}

double units(std::int64_t thousandths) {
  return static_cast<double>(thousandths) / 1000.0;
}

std::string set_text(const std::set<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text.append(text.empty() ? "" : ", ").append(item);
  return "{" + text + "}";
}

std::set<std::string> items_of(const Resources& resources, const std::string& name) {
  std::set<std::string> items;
  for (const Resource& resource : resources.others()) {
    if (resource.key.name == name) items.insert(resource.items.begin(), resource.items.end());
  }
  return items;
}

Json status_json(const TaskStatus& status) {
  Json json = {{"state", task_state_name(status.state)},
               {"timestamp", to_seconds(status.timestamp)}};
  if (status.healthy) json["healthy"] = *status.healthy;
  if (!status.message.empty()) json["message"] = status.message;
  if (status.reason != UpdateReason::none && status.reason != UpdateReason::unknown) {
    json["reason"] = "REASON_" + upper(to_text(status.reason));
  }
  if (status.source != UpdateSource::unknown) {
    json["source"] = "SOURCE_" + upper(to_text(status.source));
  }
  return json;
}

Json labels_json(const std::vector<Label>& labels) {
  Json json = Json::array();
  for (const Label& label : labels) json.push_back({{"key", label.key}, {"value", label.value}});
  return json;
}

Json discovery_json(const Discovery& discovery) {
  Json ports = Json::array();
  for (const DiscoveryPort& port : discovery.ports) {
    ports.push_back({{"number", port.number}, {"name", port.name}, {"protocol", port.protocol}});
  }
  return {{"visibility", upper(discovery.visibility)},
          {"name", discovery.name},
          {"ports", {{"ports", std::move(ports)}}}};
}

// Its scheduler wrote them: what cannot be read is as if it were not there.
void add_notes(Json& json, const Bytes& notes) {
  if (notes.empty()) return;
  const auto read = decode<TaskNotes>(notes.view());
  if (!read) return;
  if (!read->labels.empty()) json["labels"] = labels_json(read->labels);
  if (read->discovery) json["discovery"] = discovery_json(*read->discovery);
}

}  // namespace

std::string dump(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json resources_json(const Resources& resources) {
  // Readers of Mesos' JSON expect the first three even where they are zero.
  Json json = Json::object();
  for (const std::string_view name : scalar_names) {
    json[std::string(name)] = units(resources.scalar(name));
  }
  for (const Resource& resource : resources.others()) {
    const std::string& name = resource.key.name;
    switch (resource.kind) {
      case ResourceKind::scalar:
        json[name] = units(resources.scalar(name));
        break;
      case ResourceKind::ranges:
        json[name] = resources.ranges(name).to_text();
        break;
      case ResourceKind::set:
        json[name] = set_text(items_of(resources, name));
        break;
    }
  }
  return json;
}

Json reservations_json(const Resources& resources) {
  std::set<std::string> roles;
  for (const Resource& resource : resources.others()) {
    if (resource.key.reserved()) roles.emplace(resource.key.role());
  }
  Json json = Json::object();
  for (const std::string& role : roles) json[role] = resources_json(resources.reserved_to(role));
  return json;
}

Json attributes_json(const Attributes& attributes) {
  Json json = Json::object();
  for (const auto& [name, value] : attributes) {
    double number = 0;
    const char* end = value.data() + value.size();
    const auto [stop, problem] = std::from_chars(value.data(), end, number);
    if (problem == std::errc{} && stop == end && std::isfinite(number)) {
      json[name] = number;
    } else {
      json[name] = value;
    }
  }
  return json;
}

Json task_json(const TaskSnapshot& task) {
  Json statuses = Json::array();
  for (const TaskStatus& status : task.statuses) statuses.push_back(status_json(status));
  Json json = {{"id", task.id.value},
               {"name", task.name},
               {"framework_id", task.framework_id.value},
               {"executor_id", task.executor_id.value},
               {"slave_id", task.agent_id.value},
               {"state", task_state_name(task.state)},
               {"resources", resources_json(task.resources)},
               {"role", task.role},
               {"statuses", std::move(statuses)}};
  add_notes(json, task.notes);
  return json;
}

Json executor_json(const ExecutorSnapshot& executor) {
  return {{"executor_id", executor.id.value},
          {"framework_id", executor.framework_id.value},
          {"slave_id", executor.agent_id.value},
          {"resources", resources_json(executor.resources)}};
}

Json framework_info_json(const FrameworkInfo& framework) {
  Json json = {{"id", framework.id.value},
               {"name", framework.name},
               {"user", framework.user},
               {"hostname", framework.hostname},
               {"webui_url", framework.webui_url},
               {"failover_timeout", to_seconds(framework.failover_timeout)},
               {"checkpoint", framework.checkpoint}};
  if (!framework.principal.empty()) json["principal"] = framework.principal;
  Json capabilities = Json::array();
  for (const FrameworkCapability capability : framework.capabilities) {
    capabilities.push_back(upper(to_text(capability)));
  }
  json["capabilities"] = std::move(capabilities);
  const bool multi_role = framework.has(FrameworkCapability::multi_role);
  if (multi_role || framework.roles.size() > 1) {
    json["roles"] = framework.roles;
  } else {
    json["role"] = framework.roles.empty() ? "*" : framework.roles.front();
  }
  json["labels"] = labels_json(framework.labels);
  return json;
}

std::string process_id(std::string_view process, const std::string& ip, std::uint16_t port) {
  return std::string(process) + "@" + ip + ":" + std::to_string(port);
}

}  // namespace mesolite::http
