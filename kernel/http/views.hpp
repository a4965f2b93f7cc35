// What a snapshot looks like as JSON, in the shapes that tools for Mesos read. Pure functions:
// snapshot in, text out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kernel/http/message.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/protocol/snapshot.hpp"

namespace mesolite::http {

// ---- both daemons
// --------------------------------------------------------------------------------

std::string version_view();
std::string flags_view(const std::map<std::string, std::string>& flags);

// ---- master
// --------------------------------------------------------------------------------------

// {"bus":"tcp://ip:port","epoch":N,"version":"…",…} of the leader: where drivers and agents that
// were given host:port connect to. Nothing while there is no leader.
std::optional<std::string> bus_view(const ClusterSnapshot& cluster);
std::string state_view(const ClusterSnapshot& cluster);
std::string agents_view(const ClusterSnapshot& cluster);
std::string frameworks_view(const ClusterSnapshot& cluster);
std::string metrics_view(const ClusterSnapshot& cluster);
std::string prometheus_view(const ClusterSnapshot& cluster);  // the same in Prometheus' own format

// Which tasks /tasks shows, of the live and the completed ones ordered by their first status.
struct TaskQuery {
  std::int64_t limit = 100;  // -1: all
  std::int64_t offset = 0;
  bool newest_first = true;
  std::string framework_id;  // empty: any
  std::string task_id;       // empty: any
};
// Reads ?limit&offset&order=asc|des|desc&framework_id&task_id.
Result<TaskQuery> parse_task_query(const Request& request);
std::string tasks_view(const ClusterSnapshot& cluster, const TaskQuery& query);

// "host:port" of the leader as clients can reach it, or "" while there is none.
std::string leader_address(const ClusterSnapshot& cluster);

// ---- agent
// ---------------------------------------------------------------------------------------

std::string bus_view(const AgentStateSnapshot& agent);
std::string state_view(const AgentStateSnapshot& agent);
std::string containers_view(const AgentStateSnapshot& agent);  // also /monitor/statistics
std::string metrics_view(const AgentStateSnapshot& agent);
std::string prometheus_view(const AgentStateSnapshot& agent);

}  // namespace mesolite::http
