// The nouns of the protocol: what frameworks, agents, tasks and offers are to those who talk about
// them. All are values. Fields are only ever appended, and every default means "as before".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/protocol/codec.hpp"

namespace mesolite {

// The answer of a call that is made for its effect.
struct Nothing {
  MESOLITE_FIELDS();
};

struct Label {
  std::string key;
  std::string value;
  MESOLITE_FIELDS(key, value);
};

// ---- who
// -----------------------------------------------------------------------------------------

struct MasterInfo {
  std::string id;  // of this run of the master
  std::string hostname;
  std::string ip;
  std::uint16_t port = 0;  // HTTP
  std::string bus;         // "tcp://ip:port"
  std::string version;
  std::uint64_t epoch = 0;  // grows with every new leader; a lower one is stale
  std::string cluster;      // id of the cluster: epochs of different clusters do not compare
  MESOLITE_FIELDS(id, hostname, ip, port, bus, version, epoch, cluster);
};

struct AgentInfo {
  AgentId id;  // empty until the master has given one
  std::string hostname;
  std::string ip;
  std::uint16_t port = 0;  // HTTP
  std::string bus;         // "tcp://ip:port"
  Resources resources;     // total
  Attributes attributes;
  std::string version;
  MESOLITE_FIELDS(id, hostname, ip, port, bus, resources, attributes, version);
};

MESOLITE_ENUM(FrameworkCapability, unknown, multi_role, partition_aware, gpu_resources,
              task_killing_state, revocable_resources, shared_resources, reservation_refinement,
              region_aware)

struct FrameworkInfo {
  FrameworkId id;  // empty at the first subscription
  std::string name;
  std::string user;
  std::vector<std::string> roles;  // empty means {"*"}
  std::vector<std::string> suppressed_roles;
  std::vector<FrameworkCapability> capabilities;
  Duration failover_timeout{0};  // how long its tasks outlive its scheduler's connection
  bool checkpoint = true;
  std::string hostname;
  std::string webui_url;
  std::string principal;
  std::vector<Label> labels;
  MESOLITE_FIELDS(id, name, user, roles, suppressed_roles, capabilities, failover_timeout,
                  checkpoint, hostname, webui_url, principal, labels);

  bool has(FrameworkCapability capability) const;
};

// ---- what runs
// -----------------------------------------------------------------------------------

struct Uri {
  std::string value;
  bool executable = false;
  bool extract = true;
  bool cache = false;
  std::string output_file;  // name in the sandbox; empty = the last part of the path
  MESOLITE_FIELDS(value, executable, extract, cache, output_file);
};

struct CommandInfo {
  bool shell = true;  // value is a line for /bin/sh -c, else a path to execute
  std::string value;
  std::vector<std::string> arguments;  // argv, with argv[0], if not shell
  std::map<std::string, std::string> environment;
  std::vector<Uri> uris;
  std::string user;  // empty = the framework's
  MESOLITE_FIELDS(shell, value, arguments, environment, uris, user);
};

struct ExecutorInfo {
  ExecutorId id;
  std::string name;
  CommandInfo command;
  Resources resources;
  Bytes data;  // handed to the executor when it registers
  std::optional<Duration> shutdown_grace_period;
  std::vector<Label> labels;
  MESOLITE_FIELDS(id, name, command, resources, data, shutdown_grace_period, labels);
};

struct KillPolicy {
  Duration grace_period{3s};  // between SIGTERM and SIGKILL
  MESOLITE_FIELDS(grace_period);
};

MESOLITE_ENUM(CheckKind, unknown, command, http, tcp)

// A check reports; a health check also has the task killed after too many failures.
struct Check {
  CheckKind kind = CheckKind::unknown;
  CommandInfo command;
  std::uint16_t port = 0;
  std::string path;  // of HTTP
  Duration delay{15s};
  Duration interval{10s};
  Duration timeout{20s};
  Duration grace_period{10s};              // health check: failures before it do not count
  std::uint32_t consecutive_failures = 3;  // health check
  MESOLITE_FIELDS(kind, command, port, path, delay, interval, timeout, grace_period,
                  consecutive_failures);
};

struct DiscoveryPort {
  std::uint16_t number = 0;
  std::string name;
  std::string protocol;
  MESOLITE_FIELDS(number, name, protocol);
};

struct Discovery {
  std::string name;
  std::string visibility;
  std::vector<DiscoveryPort> ports;
  MESOLITE_FIELDS(name, visibility, ports);
};

MESOLITE_ENUM(VolumeMode, unknown, read_write, read_only)

struct VolumeMount {
  std::string container_path;
  std::string host_path;  // empty: a persistent volume, named by `persistence_id`
  std::string persistence_id;
  VolumeMode mode = VolumeMode::read_write;
  MESOLITE_FIELDS(container_path, host_path, persistence_id, mode);
};

struct ResourceLimit {
  std::optional<double> cpus;  // of a CPU; infinity = none
  std::optional<double> mem;   // megabytes; infinity = none
  std::optional<std::uint32_t> pids;
  MESOLITE_FIELDS(cpus, mem, pids);
};

struct ContainerSpec {
  std::string image;  // directory or tar file of a root file system; empty = the host's
  std::vector<VolumeMount> volumes;
  std::string hostname;
  std::vector<std::uint16_t> published_ports;
  std::map<std::string, std::string> parameters;  // read by isolators that know the key
  MESOLITE_FIELDS(image, volumes, hostname, published_ports, parameters);
};

// What a scheduler says to launch a task. With `executor` the task is handed to that executor,
// which is started if it does not run yet; else `command` is run by the agent itself.
struct TaskInfo {
  TaskId id;
  std::string name;
  AgentId agent_id;
  Resources resources;
  std::optional<ExecutorInfo> executor;
  std::optional<CommandInfo> command;
  Bytes data;  // for the executor
  std::vector<Label> labels;
  std::optional<Discovery> discovery;
  KillPolicy kill_policy;
  std::optional<Check> check;
  std::optional<Check> health_check;
  std::optional<Duration> max_completion_time;
  ResourceLimit limits;
  ContainerSpec container;
  std::map<std::string, std::string> secret_files;  // file name in the sandbox -> content
  MESOLITE_FIELDS(id, name, agent_id, resources, executor, command, data, labels, discovery,
                  kill_policy, check, health_check, max_completion_time, limits, container,
                  secret_files);
};

// ---- how it goes
// ---------------------------------------------------------------------------------

//   staging ─> starting ─> running ─> killing ─> finished | failed | killed | error
//   any non-terminal <─> unreachable;  lost, dropped, gone, gone_by_operator: the kernel's words
MESOLITE_ENUM(TaskState, unknown, staging, starting, running, killing, finished, failed, killed,
              error, lost, dropped, unreachable, gone, gone_by_operator)

// Whether a task in this state will never run again and holds no resources.
bool is_terminal(TaskState state);
// "TASK_RUNNING": the name at the operational edge.
std::string task_state_name(TaskState state);

MESOLITE_ENUM(UpdateSource, unknown, master, agent, executor)

MESOLITE_ENUM(UpdateReason, unknown, none, command_executor_failed, container_launch_failed,
              container_limitation, container_limitation_memory, container_limitation_disk,
              executor_registration_timeout, executor_terminated, framework_removed, agent_removed,
              agent_disconnected, agent_restarted, agent_unknown, agent_draining, invalid_offers,
              task_invalid, task_unauthorized, task_kill_requested, task_killed_during_launch,
              task_unknown, task_group_failed, max_completion_time_reached, health_check_failed,
              check_status_updated, reconciliation, resources_unknown, io_failure)

// Names one reliable status update: unique over all runs of all agents. Empty: the update came from
// the master and is neither acknowledged nor repeated.
struct UpdateId {
  std::uint64_t incarnation = 0;  // random, of the agent's run that made it
  std::uint64_t sequence = 0;
  MESOLITE_FIELDS(incarnation, sequence);

  bool empty() const { return incarnation == 0 && sequence == 0; }
  friend auto operator<=>(const UpdateId& a, const UpdateId& b) {
    const auto order = a.incarnation <=> b.incarnation;
    return order != 0 ? order : a.sequence <=> b.sequence;
  }
};

struct TaskStatus {
  TaskId task_id;
  TaskState state = TaskState::unknown;
  AgentId agent_id;
  ExecutorId executor_id;  // empty: the agent's own command executor
  std::string message;
  UpdateSource source = UpdateSource::unknown;
  UpdateReason reason = UpdateReason::none;
  UpdateId update_id;
  Time timestamp{};
  Bytes data;
  std::optional<bool> healthy;
  std::optional<std::int32_t> exit_status;  // as waitpid(2) gives it, of a command task that ended
  MESOLITE_FIELDS(task_id, state, agent_id, executor_id, message, source, reason, update_id,
                  timestamp, data, healthy, exit_status);
};

// A task that somebody asks about.
struct TaskReference {
  TaskId task_id;
  AgentId agent_id;  // empty = not known
  MESOLITE_FIELDS(task_id, agent_id);
};

// ---- offers
// --------------------------------------------------------------------------------------

// The resources of one agent offered to one framework in one of its roles.
struct Offer {
  OfferId id;
  AgentId agent_id;
  std::string hostname;
  std::string agent_bus;
  std::string role;
  Resources resources;
  Attributes attributes;
  std::vector<ExecutorId> executor_ids;  // of this framework, running there
  std::optional<Time> unavailable_from;  // the agent is being drained or maintained
  MESOLITE_FIELDS(id, agent_id, hostname, agent_bus, role, resources, attributes, executor_ids,
                  unavailable_from);
};

inline constexpr Duration default_refuse_duration = 5s;

// For how long what is declined or left over shall not be offered again to the same framework and
// role; at most a year; zero = may come back at once.
struct Filters {
  Duration refuse_duration = default_refuse_duration;
  MESOLITE_FIELDS(refuse_duration);
};

MESOLITE_ENUM(OperationKind, unknown, launch, launch_group, reserve, unreserve, create, destroy,
              grow_volume, shrink_volume)

// One thing a scheduler does with accepted offers; operations apply in order.
struct Operation {
  OperationKind kind = OperationKind::unknown;
  std::vector<TaskInfo> tasks;  // launch, launch_group
  Resources resources;          // reserve, unreserve, create, destroy
  MESOLITE_FIELDS(kind, tasks, resources);

  static Operation launch(std::vector<TaskInfo> tasks);
};

}  // namespace mesolite
