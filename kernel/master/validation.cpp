#include "kernel/master/validation.hpp"

#include <set>
#include <string_view>
#include <tuple>

namespace mesolite::master {

std::string list_item(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]: ";
}

std::string invalid_text(std::string_view field, std::string_view text) {
  if (text.size() <= text_bytes_max) return "";
  return std::string(field) + ": is longer than " + std::to_string(text_bytes_max) + " bytes";
}

std::string invalid_notes(const Bytes& notes) {
  if (notes.size() <= notes_bytes_max) return "";
  return "labels and discovery: are longer than " + std::to_string(notes_bytes_max) + " bytes";
}

namespace {

std::string invalid_name(std::string_view field, std::string_view id) {
  if (valid_id(id)) return "";
  return std::string(field) + ": '" + std::string(id.substr(0, 200)) +
         "' is not 1 to 128 of letters, digits and . _ : -";
}

std::string invalid_roles(std::string_view field, const std::vector<std::string>& roles) {
  if (roles.size() > roles_per_framework_max) {
    return std::string(field) + ": are more than " + std::to_string(roles_per_framework_max);
  }
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const std::string problem = invalid_role(roles[i]);
    if (!problem.empty()) return list_item(field, i) + problem;
    if (!seen.insert(roles[i]).second)
      return list_item(field, i) + "'" + roles[i] + "' stands twice";
  }
  return "";
}

std::string invalid_labels(const std::vector<Label>& labels) {
  if (labels.size() > labels_max) {
    return "labels: are more than " + std::to_string(labels_max);
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].key.empty()) return list_item("labels", i) + "key: is empty";
    std::string problem = invalid_text("key", labels[i].key);
    if (problem.empty()) problem = invalid_text("value", labels[i].value);
    if (!problem.empty()) return list_item("labels", i) + problem;
  }
  return "";
}

// The first of several checks that has something to say.
template <class... Checks>
std::string first_problem(Checks&&... checks) {
  std::string problem;
  (void)((problem = checks(), !problem.empty()) || ...);
  return problem;
}

std::string invalid_suppressed(const FrameworkInfo& info) {
  std::set<std::string_view> roles(info.roles.begin(), info.roles.end());
  if (info.roles.empty()) roles.insert("*");
  for (std::size_t i = 0; i < info.suppressed_roles.size(); ++i) {
    if (!roles.contains(info.suppressed_roles[i])) {
      return list_item("suppressed_roles", i) + "'" + info.suppressed_roles[i] +
             "' is not one of the roles";
    }
  }
  return "";
}

std::string invalid_resources(std::string_view field, const Resources& resources) {
  const std::string problem = resources.invalid();
  return problem.empty() ? "" : std::string(field) + ": " + problem;
}

}  // namespace

std::string invalid(const FrameworkInfo& info) {
  return first_problem(
      [&] { return info.id.empty() ? "" : invalid_name("id", info.id.value); },
      [&] { return invalid_text("name", info.name); },
      [&] { return invalid_text("user", info.user); },
      [&] { return invalid_roles("roles", info.roles); },
      [&] { return invalid_roles("suppressed_roles", info.suppressed_roles); },
      [&] { return invalid_suppressed(info); },
      [&] {
        const bool negative = info.failover_timeout < Duration::zero();
        return std::string(negative ? "failover_timeout: is negative" : "");
      },
      [&] { return invalid_text("hostname", info.hostname); },
      [&] { return invalid_text("webui_url", info.webui_url); },
      [&] { return invalid_text("principal", info.principal); },
      [&] {
        const bool many = info.capabilities.size() > capabilities_max;
        return many ? "capabilities: are more than " + std::to_string(capabilities_max) : "";
      },
      [&] { return invalid_labels(info.labels); });
}

std::string invalid_principal(const FrameworkInfo& before, const FrameworkInfo& after) {
  if (before.principal == after.principal) return "";
  return "principal: cannot change from '" + before.principal + "' to '" + after.principal + "'";
}

std::string invalid_change(const FrameworkInfo& before, const FrameworkInfo& after) {
  if (before.user != after.user) {
    return "user: cannot change from '" + before.user + "' to '" + after.user + "'";
  }
  if (before.checkpoint != after.checkpoint) return "checkpoint: cannot change";
  return invalid_principal(before, after);
}

std::string invalid(const AgentInfo& info) {
  return first_problem(
      [&] { return info.id.empty() ? "" : invalid_name("id", info.id.value); },
      [&] { return invalid_text("hostname", info.hostname); },
      [&] { return invalid_text("ip", info.ip); }, [&] { return invalid_text("bus", info.bus); },
      [&] { return invalid_text("version", info.version); },
      [&] { return invalid_resources("resources", info.resources); },
      [&] {
        const bool many = info.attributes.size() > attributes_max;
        return many ? "attributes: are more than " + std::to_string(attributes_max) : "";
      },
      [&] {
        for (std::size_t i = 0; i < info.attributes.size(); ++i) {
          if (info.attributes[i].name.empty()) return list_item("attributes", i) + "has no name";
          std::string problem = invalid_text("name", info.attributes[i].name);
          if (problem.empty()) problem = invalid_text("value", info.attributes[i].value);
          if (!problem.empty()) return list_item("attributes", i) + problem;
        }
        return std::string();
      });
}

// ---- what runs on an agent
// -----------------------------------------------------------------------

namespace {

// Takes `resources` out of `left`; false if they are not there.
bool take(Resources& left, const Resources& resources) {
  if (!left.contains(resources)) return false;
  left -= resources;
  return true;
}

std::string invalid_running(const RunningTask& task, Resources& left) {
  const bool over = is_terminal(task.state);
  return first_problem(
      [&] { return invalid_name("framework_id", task.framework_id.value); },
      [&] { return invalid_name("launch: id", task.launch.id.value); },
      [&] { return invalid_text("launch: name", task.launch.name); },
      [&] { return invalid_notes(task.launch.notes); },
      [&] {
        const ExecutorId& executor = task.launch.executor_id;
        return executor.empty() ? "" : invalid_name("launch: executor_id", executor.value);
      },
      [&] { return std::string(task.state == TaskState::unknown ? "state: is not known" : ""); },
      [&] { return invalid_role(task.role).empty() ? "" : "role: " + invalid_role(task.role); },
      [&] { return invalid_resources("launch: resources", task.launch.resources); },
      [&] {
        const bool fits = over || take(left, task.launch.resources);
        return fits ? ""
                    : "launch: resources: " + task.launch.resources.to_text() +
                          " are more than the agent has left: " + left.to_text();
      });
}

std::string invalid_running(const RunningExecutor& executor, Resources& left) {
  return first_problem(
      [&] { return invalid_name("framework_id", executor.framework_id.value); },
      [&] { return invalid_name("launch: id", executor.launch.id.value); },
      [&] {
        const std::string problem = invalid_role(executor.role);
        return problem.empty() ? "" : "role: " + problem;
      },
      [&] { return invalid_resources("launch: resources", executor.launch.resources); },
      [&] {
        const bool fits = take(left, executor.launch.resources);
        return fits ? ""
                    : "launch: resources: " + executor.launch.resources.to_text() +
                          " are more than the agent has left: " + left.to_text();
      });
}

// Each of a list of running things, and that no two have the same name.
template <class Running>
std::string invalid_list(std::string_view field, const std::vector<Running>& list,
                         Resources& left) {
  std::set<std::tuple<std::string_view, std::string_view>> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string problem = invalid_running(list[i], left);
    if (!problem.empty()) return list_item(field, i) + problem;
    if (!seen.insert({list[i].framework_id.value, list[i].launch.id.value}).second) {
      return list_item(field, i) + "launch: id: '" + list[i].launch.id.value + "' stands twice";
    }
  }
  return "";
}

std::string invalid_frameworks(const std::vector<FrameworkInfo>& frameworks) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < frameworks.size(); ++i) {
    const std::string problem = frameworks[i].id.empty() ? "id: is empty" : invalid(frameworks[i]);
    if (!problem.empty()) return list_item("frameworks", i) + problem;
    if (!seen.insert(frameworks[i].id.value).second) {
      return list_item("frameworks", i) + "id: '" + frameworks[i].id.value + "' stands twice";
    }
  }
  return "";
}

// No task is on another agent than the one that reports it.
std::string invalid_agents(const RegisterAgent& request) {
  for (std::size_t i = 0; i < request.tasks.size(); ++i) {
    const AgentId& agent = request.tasks[i].launch.agent_id;
    if (agent.empty() || agent == request.agent.id) continue;
    return list_item("tasks", i) + "launch: agent_id: is not that of the agent";
  }
  return "";
}

}  // namespace

std::string invalid(const AgentUpdate& update) {
  const TaskStatus& status = update.status;
  return first_problem(
      [&] { return invalid_name("framework_id", update.framework_id.value); },
      [&] { return invalid_name("status: task_id", status.task_id.value); },
      [&] {
        const ExecutorId& executor = status.executor_id;
        return executor.empty() ? "" : invalid_name("status: executor_id", executor.value);
      },
      [&] {
        return std::string(status.state == TaskState::unknown ? "status: state: is not known" : "");
      });
}

std::string invalid(const RegisterAgent& request) {
  const std::string problem = invalid(request.agent);
  if (!problem.empty()) return "agent: " + problem;
  Resources left = request.agent.resources;
  return first_problem(
      [&] {
        const bool fresh = request.agent.id.empty();
        const bool runs = !request.tasks.empty() || !request.executors.empty();
        return std::string(fresh && runs ? "agent: id: is empty, but something runs there" : "");
      },
      [&] { return invalid_frameworks(request.frameworks); },
      [&] { return invalid_agents(request); },
      [&] { return invalid_list("tasks", request.tasks, left); },
      [&] { return invalid_list("executors", request.executors, left); });
}

}  // namespace mesolite::master
