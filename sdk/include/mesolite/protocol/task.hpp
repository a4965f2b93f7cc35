// What runs: commands, executors, tasks. All are values; fields are only ever appended, and every
// default means "as before".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/protocol/info.hpp"

namespace mesolite {

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

}  // namespace mesolite
