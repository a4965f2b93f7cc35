// What goes into the agent machine and what comes out of it: its whole contact with the world.
//
// All are values. The shell (kernel/runtime) and the simulator (tests/simulation) feed Inputs and
// carry out Outputs; neither decides anything.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "kernel/authorization/acls.hpp"
#include "mesolite/module/authenticator.hpp"
#include "mesolite/module/isolator.hpp"
#include "mesolite/protocol/event.hpp"
#include "mesolite/protocol/messages.hpp"
#include "mesolite/protocol/snapshot.hpp"

namespace mesolite::agent {

// ---- in -----------------------------------------------------------------------------------------

// The link to the master is up (the agent says Hello next) or down.
struct MasterConnected {};
struct MasterDisconnected {};

struct ReceivedFromMaster {
  Message message;
};

// Executors, and anyone who reads a sandbox, are peers of the agent's own bus.
struct ReceivedFromPeer {
  PeerId peer;
  Message message;
};

struct PeerLost {
  PeerId peer;
};

// Answer to Launch: the process runs, or why it does not.
struct Launched {
  ContainerId container;
  Result<std::int64_t> pid;
};

// The container's first process has ended, and with it everything in the container.
struct Exited {
  ContainerId container;
  std::int32_t exit_status = 0;          // as waitpid(2) gives it
  std::optional<Limitation> limitation;  // why the host destroyed it, if it did
};

// The answer to Authenticate.
struct Authenticated {
  Result<AuthenticationAnswer> answer;
};

// Answers RecoverContainers, once for each container that was known; an Exited follows for those
// that do not run.
struct ContainerRecovered {
  ContainerId container;
  std::optional<std::int64_t> pid;  // of the first process; none: it has ended, or never began
};

// The answer to RunCheck.
struct Checked {
  ContainerId container;
  std::uint64_t number = 0;
  bool passed = false;
  std::string message;  // "HTTP status 200", "exited with status 1", "took longer than 20secs"
};

// The answer to MeasureUsage.
struct UsageMeasured {
  std::map<ContainerId, std::map<std::string, double>> statistics;
};

// The answer to AuthenticatePeer.
struct PeerAuthenticated {
  PeerId peer;
  Result<AuthenticationAnswer> answer;
};

// The process was asked to end (SIGTERM): kill all, unregister, then say Finished.
struct ShutdownRequested {};

using Input =
    std::variant<MasterConnected, MasterDisconnected, ReceivedFromMaster, ReceivedFromPeer,
                 PeerLost, Launched, Exited, Authenticated, ContainerRecovered, Checked,
                 UsageMeasured, ShutdownRequested, PeerAuthenticated>;

// ---- out ----------------------------------------------------------------------------------------

struct SendToMaster {
  Message message;
};

// Give up the link to the master and make a new one.
struct ReconnectMaster {};

struct SendToPeer {
  PeerId peer;
  Message message;
};

struct DisconnectPeer {
  PeerId peer;
};

// The next token of the agent's own authentication towards the master.
struct Authenticate {
  bool start = false;  // client_start, else client_step with `challenge`
  Bytes challenge;
};

// Ask the authenticator of those who read sandboxes; the answer comes back as PeerAuthenticated.
struct AuthenticatePeer {
  PeerId peer;
  AuthenticationToken token;
};

// Start a process in a container; the answer comes back as Launched, its end as Exited.
struct Launch {
  ContainerContext context;  // pid not yet known
  CommandInfo command;
  std::map<std::string, std::string> environment;   // built from scratch; the command's own wins
  std::map<std::string, std::string> secret_files;  // name in the sandbox -> content
  Duration kill_grace{3s};
};

// Ask a container's processes to end (SIGTERM to the first one's group).
struct Terminate {
  ContainerId container;
};

// End all of a container's processes now.
struct Destroy {
  ContainerId container;
};

// Resources of a running container have changed (an executor took or ended a task).
struct UpdateContainer {
  ContainerContext context;
};

// The sandbox is not needed any more from this moment on; collect it when it is old.
struct RetireSandbox {
  ContainerId container;
  std::string sandbox;
};

// Read a file of a sandbox and answer `peer` with SandboxData.
struct ReadSandboxFile {
  PeerId peer;
  std::uint64_t request = 0;
  std::string sandbox;
  std::string file;
  std::uint64_t offset = 0;
  std::uint32_t length_max = 0;
  bool ended = false;  // the task has: the end of the file is the end
};

// A record that must survive the agent (durable.hpp). Nothing that follows it in the outbox and can
// be seen from outside may happen before it is durable.
struct Checkpoint {
  std::uint64_t number = 0;  // 1, 2, 3, …
  std::string key;           // "frameworks/F/tasks/T"; empty, with no value: all that there is
  Bytes value;               // empty = remove the key and all below it
};

// Take over the containers that an earlier agent has left behind. What else there is, `orphans` and
// whatever the launcher or an isolator finds, is ended and cleaned up.
struct RecoverContainers {
  std::vector<ContainerContext> known;
  std::vector<ContainerId> orphans;
};

struct MeasureUsage {};

// Look after a running container once, within the check's timeout.
struct RunCheck {
  ContainerId container;
  std::uint64_t number = 0;
  Check check;
};

// After ShutdownRequested or ShutdownAgent: nothing is left to do, the process may end.
struct Finished {
  std::string reason;
};

// A Decision is for the audit log.
using Output = std::variant<SendToMaster, ReconnectMaster, SendToPeer, DisconnectPeer, Authenticate,
                            Launch, Terminate, Destroy, UpdateContainer, RetireSandbox,
                            ReadSandboxFile, Checkpoint, RecoverContainers, MeasureUsage, RunCheck,
                            Finished, Event, AuthenticatePeer, authorization::Decision>;

// Ordered: outputs are carried out first to last.
using Outbox = std::vector<Output>;

// ---- configuration ------------------------------------------------------------------------------

struct Configuration {
  AgentInfo info;  // id empty: the master gives one
  std::uint64_t seed = 1;
  std::uint64_t incarnation = 1;  // random, of this run; part of every update's id
  std::string work_dir;           // sandboxes lie below it
  std::string runtime_dir;
  std::string executor_endpoint;  // "ipc://…", where executors reach the agent
  std::string mechanism = "none";
  std::string principal;
  std::string reader_mechanism = "none";  // of those who read sandboxes
  authorization::Acls acls = authorization::Acls::allow_all();
  std::map<std::string, std::string> executor_environment;
  std::map<std::string, std::string> flags;  // for the snapshot

  Duration registration_backoff_factor{1s};
  Duration executor_registration_timeout{1min};
  Duration executor_shutdown_grace_period{5s};
  Duration recovery_timeout{15min};
  Duration update_retry_min{10s};  // doubles with each attempt
  Duration update_retry_max{10min};
  Duration usage_interval{5s};

  // Limits: what comes above is refused with a sentence, or the oldest is forgotten.
  std::size_t tasks_max = 100'000;
  std::size_t executors_max = 10'000;
  std::size_t peers_max = 10'000;
  std::size_t completed_containers_max = 1'000;
};

}  // namespace mesolite::agent
