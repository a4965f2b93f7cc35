#include "kernel/agent/durable.hpp"

#include <algorithm>

#include "mesolite/base/reservations.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::agent {
namespace {

constexpr std::string_view frameworks_folder = "frameworks";
constexpr std::string_view executors_folder = "executors";
constexpr std::string_view tasks_folder = "tasks";
constexpr std::string_view updates_name = "updates";

// "frameworks/F", and what stands below it.
struct KeyParts {
  std::string_view framework;
  std::string_view folder;
  std::string_view name;
  std::string_view leaf;
};

// None: the key is of a kind that this release does not know.
std::optional<KeyParts> parts_of(std::string_view key) {
  const auto words = split(key, '/');
  if (words.size() < 2 || words.size() > 5 || words[0] != frameworks_folder) return std::nullopt;
  if (words.size() == 3) return std::nullopt;
  KeyParts parts;
  parts.framework = words[1];
  if (words.size() > 2) {
    parts.folder = words[2];
    parts.name = words[3];
  }
  if (words.size() > 4) parts.leaf = words[4];
  return parts;
}

std::string unreadable(std::string_view key) {
  return "checkpoint '" + std::string(key) + "'";
}

template <class Record>
Status read_into(Record& target, std::string_view key, std::string_view value) {
  auto record = decode<Record>(value);
  if (!record) return failure(unreadable(key), record.error());
  target = std::move(*record);
  return {};
}

Status expect_id(std::string_view key, std::string_view expected, const std::string& found) {
  if (found == expected) return {};
  return failure(unreadable(key) + ": is of '" + found + "'");
}

Status add_below(Durable::Framework& framework, const KeyParts& parts, std::string_view key,
                 std::string_view value) {
  if (parts.folder == executors_folder && parts.leaf.empty()) {
    DurableExecutor record;
    Status status = read_into(record, key, value);
    if (status) status = expect_id(key, parts.name, record.info.id.value);
    if (status) framework.executors[ExecutorId(parts.name)] = std::move(record);
    return status;
  }
  if (parts.folder == tasks_folder && parts.leaf.empty()) {
    DurableTask record;
    Status status = read_into(record, key, value);
    if (status) status = expect_id(key, parts.name, record.launch.id.value);
    if (status) framework.tasks[TaskId(parts.name)].task = std::move(record);
    return status;
  }
  if (parts.folder == tasks_folder && parts.leaf == updates_name) {
    return read_into(framework.tasks[TaskId(parts.name)].updates, key, value);
  }
  return {};
}

bool is_part_of(const Attributes& before, const Attributes& now) {
  return std::all_of(before.begin(), before.end(), [&](const Attribute& attribute) {
    return std::find(now.begin(), now.end(), attribute) != now.end();
  });
}

tl::unexpected<Error> changed(const std::string& flag, const std::string& before,
                              const std::string& now) {
  return failure(flag + " was '" + before + "' and is now '" + now + "'");
}

}  // namespace

std::string framework_key(const FrameworkId& framework) {
  return std::string(frameworks_folder) + "/" + framework.value;
}

std::string executor_key(const FrameworkId& framework, const ExecutorId& executor) {
  return framework_key(framework) + "/" + std::string(executors_folder) + "/" + executor.value;
}

std::string task_key(const FrameworkId& framework, const TaskId& task) {
  return framework_key(framework) + "/" + std::string(tasks_folder) + "/" + task.value;
}

std::string updates_key(const FrameworkId& framework, const TaskId& task) {
  return task_key(framework, task) + "/" + std::string(updates_name);
}

Status Durable::add(std::string_view key, std::string_view value) {
  if (key == agent_key) {
    DurableAgent record;
    Status status = read_into(record, key, value);
    if (status) agent = std::move(record);
    return status;
  }
  const auto parts = parts_of(key);
  if (!parts) return {};
  if (!parts->folder.empty()) {
    return add_below(frameworks[FrameworkId(parts->framework)], *parts, key, value);
  }
  DurableFramework record;
  Status status = read_into(record, key, value);
  if (status) status = expect_id(key, parts->framework, record.info.id.value);
  if (status) frameworks[FrameworkId(parts->framework)].framework = std::move(record);
  return status;
}

std::vector<std::string> Durable::drop_strays() {
  std::vector<std::string> dropped;
  const auto drop = [&](std::string_view key, const char* why) {
    dropped.push_back(unreadable(key) + ": " + why);
  };
  if (!agent && !frameworks.empty()) {
    drop(agent_key, "is missing, so nothing of what ran here can be taken up again");
    frameworks.clear();
  }
  std::erase_if(frameworks, [&](const auto& entry) {
    const bool stray = entry.second.framework.info.id.empty();
    if (stray) drop(framework_key(entry.first), "is missing: its tasks are given up");
    return stray;
  });
  for (auto& [framework, record] : frameworks) {
    std::erase_if(record.tasks, [&, &id = framework](const auto& entry) {
      const bool stray = entry.second.task.launch.id.empty();
      if (stray) drop(task_key(id, entry.first), "is missing: the task is given up");
      return stray;
    });
  }
  return dropped;
}

Status check_compatible(const AgentInfo& before, const AgentInfo& now) {
  if (before.hostname != now.hostname) return changed("--hostname", before.hostname, now.hostname);
  if (!is_part_of(before.attributes, now.attributes)) {
    return changed("--attributes", to_text(before.attributes), to_text(now.attributes));
  }
  const Resources had = as_started(before.resources);
  if (!now.resources.contains(had)) {
    return changed("--resources", had.to_text(), now.resources.to_text());
  }
  return {};
}

}  // namespace mesolite::agent
