// Who takes part: masters, agents, frameworks. All are values; fields are only ever appended, and
// every default means "as before".
#pragma once

#include <cstdint>
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

}  // namespace mesolite
