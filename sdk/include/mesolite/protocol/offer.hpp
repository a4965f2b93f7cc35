// What is offered, and what a scheduler does with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/protocol/task.hpp"

namespace mesolite {

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
