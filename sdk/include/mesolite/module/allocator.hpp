// Allocator: decides which framework is offered what. One instance in a master.
//
// The kernel tells it, batched, what has changed, and asks for allocations in the same call, once
// per turn in which something changed or a deadline came. The kernel keeps the truth: allocations
// that give away more than is free are dropped, named and counted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/module/kind.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite {

// Small numbers for what is named millions of times. Never reused while the instance lives.
using AgentHandle = NumberId<struct AgentHandleTag>;
using FrameworkHandle = NumberId<struct FrameworkHandleTag>;
using RoleHandle = NumberId<struct RoleHandleTag>;

struct AllocatorSettings {
  // An allocation smaller than each of these is not worth an offer ("cpus:0.01", "mem:32").
  std::vector<Resources> minimum_allocatable;
  std::vector<std::string> fair_sharing_excluded;  // resource names that no share counts
  std::uint64_t seed = 0;                          // of every random choice
  // Agents with GPUs are kept for frameworks with the capability gpu_resources.
  bool filter_gpu_resources = true;
  MESOLITE_FIELDS(minimum_allocatable, fair_sharing_excluded, seed, filter_gpu_resources);
};

// A role that some framework, weight or quota names. Told before it is first referred to, and again
// whenever its settings change.
struct RoleState {
  RoleHandle handle;
  std::string name;  // path: "eng/web"
  double weight = 1.0;
  Resources guarantee;             // scalars only; empty = none
  std::optional<Resources> limit;  // scalars only; a name it lacks is not limited
  MESOLITE_FIELDS(handle, name, weight, guarantee, limit);
};

// Told when an agent is added, and again whenever something of it changes.
struct AgentState {
  AgentHandle handle;
  AgentId id;
  std::string hostname;
  Resources total;
  Attributes attributes;
  bool active = true;  // inactive: offer nothing of it
  MESOLITE_FIELDS(handle, id, hostname, total, attributes, active);
};

struct FrameworkState {
  FrameworkHandle handle;
  FrameworkId id;
  std::string name;
  std::vector<RoleHandle> roles;
  std::vector<RoleHandle> suppressed_roles;
  std::vector<FrameworkCapability> capabilities;
  bool active = true;  // inactive: offer it nothing
  MESOLITE_FIELDS(handle, id, name, roles, suppressed_roles, capabilities, active);
};

// Resources of an agent held by a framework in a role: offered or used.
struct Holding {
  FrameworkHandle framework;
  RoleHandle role;
  AgentHandle agent;
  Resources resources;
  MESOLITE_FIELDS(framework, role, agent, resources);
};

// A holding, or part of one, that is free again.
struct Release {
  Holding holding;
  // Declined: the same, or less, is not to be offered to this framework and role until then.
  std::optional<Time> refused_until;
  MESOLITE_FIELDS(holding, refused_until);
};

// A framework wants no more offers in these roles, or wants them again.
struct Interest {
  FrameworkHandle framework;
  std::vector<RoleHandle> roles;
  bool wanted = true;  // true also clears the framework's filters in these roles
  MESOLITE_FIELDS(framework, roles, wanted);
};

// What happened since the last call. Applied in the order of the fields, items in order.
struct AllocatorChanges {
  std::optional<AllocatorSettings> settings;  // always in the first call
  std::vector<RoleState> roles;
  std::vector<AgentState> agents;
  std::vector<FrameworkState> frameworks;
  std::vector<Holding> held;  // that the allocator does not know of: recovered, or reserved
  std::vector<Release> released;
  std::vector<Interest> interests;
  std::vector<FrameworkHandle> frameworks_removed;  // hold nothing any more
  std::vector<AgentHandle> agents_removed;          // what was held on them is gone with them
  MESOLITE_FIELDS(settings, roles, agents, frameworks, held, released, interests,
                  frameworks_removed, agents_removed);

  bool empty() const {
    return !settings && roles.empty() && agents.empty() && frameworks.empty() && held.empty() &&
           released.empty() && interests.empty() && frameworks_removed.empty() &&
           agents_removed.empty();
  }
};

struct AllocateRequest {
  Time now{};
  AllocatorChanges changes;
  bool everything = false;  // consider all agents anew, not only what the changes touch
  MESOLITE_FIELDS(now, changes, everything);
};

struct AllocateResponse {
  std::vector<Holding> allocations;   // to be offered; held from now on
  std::optional<Time> next_deadline;  // call again then, even if nothing changes (a filter ends)
  MESOLITE_FIELDS(allocations, next_deadline);
};

// Why is a framework offered nothing, or nothing in which a task would fit? Asked by people, on
// demand, right after a call of allocate.
struct ExplainRequest {
  Time now{};
  FrameworkHandle framework;
  std::vector<RoleHandle> roles;  // that the framework is in or was in; empty = all of them
  Resources wants;                // of one agent; empty = anything that is worth an offer
  MESOLITE_FIELDS(now, framework, roles, wants);
};

// What keeps some agents from being offered: "lack mem: wants 4096, best has 3100".
struct ExplainReason {
  std::uint64_t agents = 0;
  std::string text;
  MESOLITE_FIELDS(agents, text);
};

struct RoleExplanation {
  RoleHandle role;
  // The most agents first. Together they are all agents; at least one reason, if need be of none.
  std::vector<ExplainReason> reasons;
  MESOLITE_FIELDS(role, reasons);
};

struct ExplainAnswer {
  std::vector<RoleExplanation> roles;  // in the order of the request; empty: it is in no role
  MESOLITE_FIELDS(roles);
};

class Allocator {
 public:
  virtual ~Allocator() = default;

  // Takes in the changes and answers with new allocations. A fresh instance is brought up to date
  // by one call whose changes hold the whole state, in failover and in live replacement alike.
  virtual Result<AllocateResponse> allocate(const AllocateRequest& request) = 0;

  // Changes nothing. Since version 2; who cannot say leaves it out.
  virtual Result<ExplainAnswer> explain(const ExplainRequest&) {
    return failure("this allocator does not explain itself");
  }
};

#define MESOLITE_ALLOCATOR_METHODS(METHOD)               \
  METHOD(1, allocate, AllocateRequest, AllocateResponse) \
  METHOD(2, explain, ExplainRequest, ExplainAnswer)

MESOLITE_MODULE_KIND(Allocator, "allocator", 2, MESOLITE_ALLOCATOR_METHODS)

}  // namespace mesolite
