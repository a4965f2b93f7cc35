// What operators ask of the master, and its answer. Each request carries a number of the asker's
// choice, which the answer repeats; answers may come in another order than their requests.
//
// A request that is refused has changed nothing. One that was carried out is answered once what
// must survive the master is durable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/protocol/types.hpp"

namespace mesolite {

// ---- operator -> master ----

struct RoleWeight {
  std::string role;
  double weight = 1.0;
  MESOLITE_FIELDS(role, weight);
};

// All of them or none. With an empty list nothing changes, and the answer tells what holds.
struct SetWeights {
  std::uint64_t request = 0;
  std::vector<RoleWeight> weights;
  MESOLITE_FIELDS(request, weights);
};

// Neither guarantee nor limit: the role has no quota any more.
struct RoleQuota {
  std::string role;
  Resources guarantee;             // unreserved scalars
  std::optional<Resources> limit;  // unreserved scalars; a name it lacks is not limited
  MESOLITE_FIELDS(role, guarantee, limit);
};

// All of them or none. With an empty list nothing changes, and the answer tells what holds.
struct SetQuota {
  std::uint64_t request = 0;
  std::vector<RoleQuota> quotas;
  bool force = false;  // even if the cluster is too small, or more than the limit is in use
  MESOLITE_FIELDS(request, quotas, force);
};

// Takes free (if need be: offered) resources of an agent for the role of their innermost
// reservation, which is a dynamic one.
struct ReserveResources {
  std::uint64_t request = 0;
  AgentId agent_id;
  Resources resources;  // as they shall be
  MESOLITE_FIELDS(request, agent_id, resources);
};

// Undoes the innermost reservation.
struct UnreserveResources {
  std::uint64_t request = 0;
  AgentId agent_id;
  Resources resources;  // as they are
  MESOLITE_FIELDS(request, agent_id, resources);
};

struct CreateVolumes {
  std::uint64_t request = 0;
  AgentId agent_id;
  Resources volumes;  // reserved disk, each with its volume
  MESOLITE_FIELDS(request, agent_id, volumes);
};

// With all that is in them.
struct DestroyVolumes {
  std::uint64_t request = 0;
  AgentId agent_id;
  Resources volumes;
  MESOLITE_FIELDS(request, agent_id, volumes);
};

// Ends a framework and everything that it runs.
struct TeardownFramework {
  std::uint64_t request = 0;
  FrameworkId framework_id;
  MESOLITE_FIELDS(request, framework_id);
};

// Why is a framework offered nothing, or nothing in which a task of this size would fit?
struct ExplainOffers {
  std::uint64_t request = 0;
  std::string framework;  // its id, or its name if no other has it
  std::string role;       // empty = each that it is in
  Resources wants;        // of one agent; empty = anything
  MESOLITE_FIELDS(request, framework, role, wants);
};

// Nothing more of the agent is offered and its tasks are killed; it is drained when none is left.
// Asked again, the newest request counts.
struct DrainAgent {
  std::uint64_t request = 0;
  AgentId agent_id;
  std::optional<Duration> within;  // what is left of it is each task's grace; none: its own policy
  bool mark_gone = false;          // when it is drained
  MESOLITE_FIELDS(request, agent_id, within, mark_gone);
};

// Nothing more of the agent is offered; what runs there goes on.
struct DeactivateAgent {
  std::uint64_t request = 0;
  AgentId agent_id;
  MESOLITE_FIELDS(request, agent_id);
};

// Ends a drain, done or not, and a deactivation.
struct ReactivateAgent {
  std::uint64_t request = 0;
  AgentId agent_id;
  MESOLITE_FIELDS(request, agent_id);
};

// The agent never comes back, as somebody knows: its tasks are TASK_GONE_BY_OPERATOR.
struct MarkAgentGone {
  std::uint64_t request = 0;
  AgentId agent_id;
  MESOLITE_FIELDS(request, agent_id);
};

// Puts another module, or another version of its library, in the place of the one that serves. If
// it cannot be loaded, or fails at what it is told, the one that serves goes on.
struct ReloadModule {
  std::uint64_t request = 0;
  std::string kind;  // "allocator"
  std::string name;  // empty: that of the one that serves
  MESOLITE_FIELDS(request, kind, name);
};

// ---- master -> operator ----

struct OperatorAnswer {
  std::uint64_t request = 0;
  std::string error;  // one sentence: what cannot be, and where; empty = carried out
  std::string text;   // what there is to say, for people
  MESOLITE_FIELDS(request, error, text);
};

}  // namespace mesolite
