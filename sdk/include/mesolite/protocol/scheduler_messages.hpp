// What schedulers and the master say to each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/protocol/launch.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite {

// ---- scheduler -> master ----

struct Subscribe {
  FrameworkInfo framework;  // with an id: the framework comes back
  MESOLITE_FIELDS(framework);
};

struct Accept {
  std::vector<OfferId> offers;  // all of one agent and one role
  std::vector<PackedOperation> operations;
  std::vector<ExecutorLaunch> executors;  // those that the tasks name
  Filters filters;                        // for what is left over
  MESOLITE_FIELDS(offers, operations, executors, filters);
};

struct Decline {
  std::vector<OfferId> offers;
  Filters filters;
  MESOLITE_FIELDS(offers, filters);
};

struct Revive {
  std::vector<std::string> roles;  // empty = all
  MESOLITE_FIELDS(roles);
};

struct Suppress {
  std::vector<std::string> roles;  // empty = all
  MESOLITE_FIELDS(roles);
};

struct KillTask {
  TaskId task_id;
  AgentId agent_id;  // empty = where the master thinks it is
  std::optional<KillPolicy> policy;
  MESOLITE_FIELDS(task_id, agent_id, policy);
};

struct Acknowledge {
  std::vector<Acknowledgement> updates;
  MESOLITE_FIELDS(updates);
};

struct Reconcile {
  std::vector<TaskReference> tasks;  // empty = all that are not terminal
  MESOLITE_FIELDS(tasks);
};

struct MessageToExecutor {
  AgentId agent_id;
  ExecutorId executor_id;
  Bytes data;
  MESOLITE_FIELDS(agent_id, executor_id, data);
};

struct ShutdownExecutor {
  AgentId agent_id;
  ExecutorId executor_id;
  MESOLITE_FIELDS(agent_id, executor_id);
};

struct Teardown {
  MESOLITE_FIELDS();
};

// ---- master -> scheduler ----

struct Subscribed {
  FrameworkId framework_id;
  MasterInfo master;
  bool returning = false;  // the framework was known
  MESOLITE_FIELDS(framework_id, master, returning);
};

struct Offers {
  std::vector<Offer> offers;
  MESOLITE_FIELDS(offers);
};

struct RescindOffers {
  std::vector<OfferId> offers;
  std::string reason;
  MESOLITE_FIELDS(offers, reason);
};

struct Updates {
  std::vector<TaskStatus> updates;
  MESOLITE_FIELDS(updates);
};

struct MessageFromExecutor {
  AgentId agent_id;
  ExecutorId executor_id;
  Bytes data;
  MESOLITE_FIELDS(agent_id, executor_id, data);
};

struct AgentLost {
  AgentId agent_id;
  std::string reason;
  MESOLITE_FIELDS(agent_id, reason);
};

struct ExecutorLost {
  AgentId agent_id;
  ExecutorId executor_id;
  std::int32_t exit_status = 0;  // as waitpid(2) gives it
  std::string reason;
  MESOLITE_FIELDS(agent_id, executor_id, exit_status, reason);
};

// The framework did something that ends it or its subscription.
struct FrameworkError {
  std::string message;
  MESOLITE_FIELDS(message);
};

// A request, or a part of one, that could not be carried out and has changed nothing. Tasks that
// are not launched are told of by updates instead.
struct RequestRefused {
  std::string request;  // "Decline"
  std::string problem;  // begins with the field
  MESOLITE_FIELDS(request, problem);
};

}  // namespace mesolite
