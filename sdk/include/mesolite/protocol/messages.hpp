// Every message on the bus. messages.def lists them with their ids; this file says what they carry.
//
// Who an agent or a framework is follows from its connection (after Hello and registration), never
// from a field that it fills in itself.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "mesolite/protocol/launch.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite {

// ---- every connection: who are you
// ---------------------------------------------------------------

MESOLITE_ENUM(PeerRole, unknown, scheduler, agent, executor, operator_client)

// First message of a client on each connection.
struct Hello {
  PeerRole role = PeerRole::unknown;
  std::string version;    // of the software
  std::string mechanism;  // name of the authenticator module; "none" = none
  std::string principal;  // claimed; counts only once the mechanism has proved it
  Bytes data;             // the mechanism's first token
  MESOLITE_FIELDS(role, version, mechanism, principal, data);
};

struct Challenge {
  Bytes data;
  MESOLITE_FIELDS(data);
};

struct ChallengeResponse {
  Bytes data;
  MESOLITE_FIELDS(data);
};

// The client is let in.
struct Welcome {
  std::string principal;  // as whom
  MasterInfo master;      // the master behind the bus; an agent's bus names the one it follows
  MESOLITE_FIELDS(principal, master);
};

// The client is not let in, or is shut out: the last message on the connection.
struct Refused {
  std::string reason;
  std::string leader_bus;  // not the leader: ask there; empty = not known
  MESOLITE_FIELDS(reason, leader_bus);
};

struct Ping {
  std::uint64_t sequence = 0;
  MESOLITE_FIELDS(sequence);
};

struct Pong {
  std::uint64_t sequence = 0;
  MESOLITE_FIELDS(sequence);
};

// ---- scheduler -> master
// -------------------------------------------------------------------------

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

struct Acknowledgement {
  AgentId agent_id;
  TaskId task_id;
  UpdateId update_id;
  MESOLITE_FIELDS(agent_id, task_id, update_id);
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

// ---- master -> scheduler
// -------------------------------------------------------------------------

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

// ---- agent -> master
// -----------------------------------------------------------------------------

// A task or executor that an agent has when it registers.
struct RunningTask {
  FrameworkId framework_id;
  TaskLaunch launch;  // detail may be empty
  std::string role;   // to which its resources are charged
  TaskState state = TaskState::staging;
  std::optional<bool> healthy;
  MESOLITE_FIELDS(framework_id, launch, role, state, healthy);
};

struct RunningExecutor {
  FrameworkId framework_id;
  ExecutorLaunch launch;  // detail may be empty
  std::string role;
  MESOLITE_FIELDS(framework_id, launch, role);
};

struct RegisterAgent {
  AgentInfo agent;  // with an id: the agent comes back
  std::vector<RunningTask> tasks;
  std::vector<RunningExecutor> executors;
  std::vector<FrameworkInfo> frameworks;  // of those tasks and executors
  MESOLITE_FIELDS(agent, tasks, executors, frameworks);
};

// The agent ends on purpose and its tasks with it.
struct UnregisterAgent {
  MESOLITE_FIELDS();
};

struct AgentUpdate {
  FrameworkId framework_id;
  TaskStatus status;
  // The task's newest state, if the update is not its newest: resources go free at once.
  TaskState latest_state = TaskState::unknown;
  MESOLITE_FIELDS(framework_id, status, latest_state);
};

struct AgentUpdates {
  std::vector<AgentUpdate> updates;
  MESOLITE_FIELDS(updates);
};

struct ExecutorMessage {
  FrameworkId framework_id;
  ExecutorId executor_id;
  Bytes data;
  MESOLITE_FIELDS(framework_id, executor_id, data);
};

struct ExecutorExited {
  FrameworkId framework_id;
  ExecutorId executor_id;
  std::int32_t exit_status = 0;
  std::string reason;
  MESOLITE_FIELDS(framework_id, executor_id, exit_status, reason);
};

// ---- master -> agent
// -----------------------------------------------------------------------------

struct AgentRegistered {
  AgentId agent_id;
  MasterInfo master;
  Duration ping_timeout{0};  // no ping for this long: register anew
  MESOLITE_FIELDS(agent_id, master, ping_timeout);
};

struct RunTasks {
  FrameworkInfo framework;
  std::string role;  // to which the tasks are charged
  std::vector<TaskLaunch> tasks;
  std::vector<ExecutorLaunch> executors;
  bool group = false;  // live and die together
  MESOLITE_FIELDS(framework, role, tasks, executors, group);
};

struct KillAgentTask {
  FrameworkId framework_id;
  TaskId task_id;
  std::optional<KillPolicy> policy;
  MESOLITE_FIELDS(framework_id, task_id, policy);
};

struct AgentAcknowledgement {
  FrameworkId framework_id;
  TaskId task_id;
  UpdateId update_id;
  MESOLITE_FIELDS(framework_id, task_id, update_id);
};

struct AcknowledgeUpdates {
  std::vector<AgentAcknowledgement> updates;
  MESOLITE_FIELDS(updates);
};

struct ShutdownFramework {
  FrameworkId framework_id;
  MESOLITE_FIELDS(framework_id);
};

struct ShutdownFrameworkExecutor {
  FrameworkId framework_id;
  ExecutorId executor_id;
  MESOLITE_FIELDS(framework_id, executor_id);
};

// The agent is not wanted any more: it kills its tasks and ends.
struct ShutdownAgent {
  std::string reason;
  MESOLITE_FIELDS(reason);
};

// Master -> agent: ExecutorMessage, towards the executor.

// ---- executor <-> agent
// --------------------------------------------------------------------------

struct RegisterExecutor {
  FrameworkId framework_id;
  ExecutorId executor_id;
  std::string token;                // one-time, from its environment
  std::vector<TaskLaunch> tasks;    // not yet terminal and acknowledged (the agent came back)
  std::vector<TaskStatus> updates;  // not yet acknowledged
  MESOLITE_FIELDS(framework_id, executor_id, token, tasks, updates);
};

struct ExecutorRegistered {
  ExecutorInfo executor;
  FrameworkInfo framework;
  AgentInfo agent;
  bool returning = false;
  MESOLITE_FIELDS(executor, framework, agent, returning);
};

struct LaunchTasks {
  std::vector<TaskLaunch> tasks;
  MESOLITE_FIELDS(tasks);
};

struct KillExecutorTask {
  TaskId task_id;
  std::optional<KillPolicy> policy;
  MESOLITE_FIELDS(task_id, policy);
};

// Executor -> agent: Updates and MessageFromExecutor-like data; agent -> executor: the same back.
struct ExecutorUpdates {
  std::vector<TaskStatus> updates;
  MESOLITE_FIELDS(updates);
};

struct ExecutorAcknowledgements {
  std::vector<Acknowledgement> updates;
  MESOLITE_FIELDS(updates);
};

struct ExecutorData {
  Bytes data;
  MESOLITE_FIELDS(data);
};

struct ExecutorShutdown {
  Duration grace_period{0};
  MESOLITE_FIELDS(grace_period);
};

// ---- anyone -> agent: reading a sandbox
// ----------------------------------------------------------

struct ReadSandbox {
  std::uint64_t request = 0;  // comes back with the answer
  FrameworkId framework_id;
  TaskId task_id;
  std::string file;  // name in the task's sandbox: "stdout", "stderr", …
  std::uint64_t offset = 0;
  std::uint32_t length_max = 64u << 10;
  MESOLITE_FIELDS(request, framework_id, task_id, file, offset, length_max);
};

struct SandboxData {
  std::uint64_t request = 0;
  Bytes data;
  bool end = false;   // the task has ended and this reaches the end of the file
  std::string error;  // "" = none
  MESOLITE_FIELDS(request, data, end, error);
};

// ---- all of them
// ---------------------------------------------------------------------------------

// NOLINTNEXTLINE: one alternative a message, in the order of messages.def
using Message = std::variant<
#define MESOLITE_FIRST_MESSAGE(id, Name, direction, since) Name
#define MESOLITE_MESSAGE(id, Name, direction, since) , Name
#include "mesolite/protocol/messages.def"
    >;

// The id on the wire and the name of the alternative that `message` holds.
std::uint16_t message_id(const Message& message);
std::string_view message_name(const Message& message);
std::string_view message_name(std::uint16_t id);  // "" if not known
// Who sends it to whom: "scheduler -> master".
std::string_view message_direction(const Message& message);

// Appends the message's payload, without id or length.
void encode_message(std::string& out, const Message& message);
// Fails with a sentence that names message and field; an unknown id is a failure too.
Result<Message> decode_message(std::uint16_t id, std::string_view payload);

}  // namespace mesolite
