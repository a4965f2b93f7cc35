#include "mesolite/protocol/launch.hpp"

#include <tuple>
#include <utility>

namespace mesolite {
namespace {

// What no hop between scheduler and agent reads. Append-only, like every message.
struct TaskDetail {
  std::optional<CommandInfo> command;
  Bytes data;
  std::vector<Label> labels;
  std::optional<Discovery> discovery;
  KillPolicy kill_policy;
  std::optional<Check> check;
  std::optional<Check> health_check;
  std::optional<Duration> max_completion_time;
  ResourceLimit limits;
  ContainerSpec container;
  std::map<std::string, std::string> secret_files;
  MESOLITE_FIELDS(command, data, labels, discovery, kill_policy, check, health_check,
                  max_completion_time, limits, container, secret_files);
};

struct ExecutorDetail {
  std::string name;
  CommandInfo command;
  Bytes data;
  std::optional<Duration> shutdown_grace_period;
  std::vector<Label> labels;
  MESOLITE_FIELDS(name, command, data, shutdown_grace_period, labels);
};

// Written up to the last field that says anything: a reader leaves the defaults of what is missing.
// A tiny task's detail is one byte then, and five hops carry and two take apart nothing.
template <class Detail>
void pack_detail(Bytes& out, const Detail& detail) {
  static const Detail defaults;
  const auto given = tie_fields(detail);
  const auto usual = tie_fields(defaults);
  const auto writer = msgpack_writer(out.data);
  [&]<std::size_t... index>(std::index_sequence<index...>) {
    std::size_t count = 0;
    ((count = std::get<index>(given) == std::get<index>(usual) ? count : index + 1), ...);
    writer->begin_struct(count);
    ((index < count ? write_value(*writer, std::get<index>(given)) : void()), ...);
    writer->end_struct();
  }
  (std::make_index_sequence<std::tuple_size_v<decltype(given)>>());
}

}  // namespace

TaskLaunch pack(TaskInfo task) {
  TaskLaunch launch;
  launch.id = std::move(task.id);
  launch.agent_id = std::move(task.agent_id);
  if (task.executor) launch.executor_id = std::move(task.executor->id);
  launch.resources = std::move(task.resources);
  launch.name = std::move(task.name);
  if (!task.labels.empty() || task.discovery) {
    launch.notes = Bytes(encode(TaskNotes{task.labels, task.discovery}));
  }
  const TaskDetail detail{std::move(task.command),
                          std::move(task.data),
                          std::move(task.labels),
                          std::move(task.discovery),
                          task.kill_policy,
                          std::move(task.check),
                          std::move(task.health_check),
                          task.max_completion_time,
                          task.limits,
                          std::move(task.container),
                          std::move(task.secret_files)};
  pack_detail(launch.detail, detail);
  return launch;
}

ExecutorLaunch pack(ExecutorInfo executor) {
  ExecutorLaunch launch;
  launch.id = std::move(executor.id);
  launch.resources = std::move(executor.resources);
  const ExecutorDetail detail{std::move(executor.name), std::move(executor.command),
                              std::move(executor.data), executor.shutdown_grace_period,
                              std::move(executor.labels)};
  pack_detail(launch.detail, detail);
  return launch;
}

Result<TaskInfo> unpack(const TaskLaunch& launch) {
  auto detail = decode<TaskDetail>(launch.detail.view());
  if (!detail) return failure("task '" + launch.id.value + "'", detail.error());
  TaskInfo task;
  task.id = launch.id;
  task.name = launch.name;
  task.agent_id = launch.agent_id;
  task.resources = launch.resources;
  task.command = std::move(detail->command);
  task.data = std::move(detail->data);
  task.labels = std::move(detail->labels);
  task.discovery = std::move(detail->discovery);
  task.kill_policy = detail->kill_policy;
  task.check = std::move(detail->check);
  task.health_check = std::move(detail->health_check);
  task.max_completion_time = detail->max_completion_time;
  task.limits = detail->limits;
  task.container = std::move(detail->container);
  task.secret_files = std::move(detail->secret_files);
  return task;
}

Result<ExecutorInfo> unpack(const ExecutorLaunch& launch) {
  auto detail = decode<ExecutorDetail>(launch.detail.view());
  if (!detail) return failure("executor '" + launch.id.value + "'", detail.error());
  ExecutorInfo executor;
  executor.id = launch.id;
  executor.resources = launch.resources;
  executor.name = std::move(detail->name);
  executor.command = std::move(detail->command);
  executor.data = std::move(detail->data);
  executor.shutdown_grace_period = detail->shutdown_grace_period;
  executor.labels = std::move(detail->labels);
  return executor;
}

}  // namespace mesolite
