// AgentRuntime: the shell around the agent machine. It owns the sockets, the clock and the threads;
// whatever is decided is decided in kernel/agent, and whatever is done to the machine is done by
// kernel/container.
//
// A turn of the kernel thread: all that has arrived (from the master, from executors, from the
// containerizer) is stepped into the machine, then the machine advances once, then its outbox is
// carried out: what rests on a checkpoint, once that is durable. Checkpoints of many turns are
// written together while an earlier write is under way.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "kernel/agent/agent.hpp"
#include "kernel/config/options.hpp"
#include "kernel/container/containerizer.hpp"
#include "kernel/http/server.hpp"
#include "kernel/runtime/access.hpp"
#include "kernel/runtime/checkpoint_store.hpp"
#include "kernel/runtime/cut_off_log.hpp"
#include "kernel/runtime/durable_order.hpp"
#include "kernel/runtime/event_log.hpp"
#include "kernel/runtime/module_caller.hpp"
#include "kernel/runtime/runtime_directory.hpp"
#include "kernel/runtime/signals.hpp"
#include "kernel/runtime/snapshot_exchange.hpp"
#include "kernel/runtime/worker.hpp"
#include "sdk/detection/detector.hpp"
#include "sdk/net/bus.hpp"
#include "sdk/net/clock.hpp"

namespace mesolite::runtime {

class AgentRuntime final : private net::BusServer::Handler, private net::BusClient::Handler {
 public:
  // What main() wires in; all that is referred to outlives the runtime.
  struct Parts {
    const config::AgentOptions& options;
    container::Containerizer& containerizer;
    modules::Hosted<Authenticator> authenticator;  // the client's half
    Credential credential;
    const RuntimeDirectory& runtime_directory;
    CheckpointStore& checkpoints;
    std::unique_ptr<detection::Detector> detector;
    std::optional<modules::Hosted<Authenticator>> reader_authenticator;  // none: "none"
    const Access& access;
    EventLog& log;
    SignalWatch& signals;
  };

  explicit AgentRuntime(Parts parts);
  ~AgentRuntime() override;
  AgentRuntime(const AgentRuntime&) = delete;
  AgentRuntime& operator=(const AgentRuntime&) = delete;

  // Listens, on the bus, for executors and on HTTP, and builds the machine with what that gave and
  // with what an earlier agent has left behind. Fails with a sentence that names the address.
  Status start(agent::Configuration configuration, agent::Durable durable);
  // Of this agent, ports as bound. REQUIRES: started.
  const AgentInfo& info() const { return info_; }
  // Serves until the machine has finished; the exit status of the process. REQUIRES: started.
  int run();

 private:
  // Executors have a bus of their own, which does not leave this machine: it needs no keys. For the
  // machine their numbers are above all others'.
  class ExecutorBus final : public net::BusServer::Handler {
   public:
    explicit ExecutorBus(AgentRuntime& runtime) : runtime_(runtime) {}
    void received(PeerId peer, Message message) override;
    void peer_lost(PeerId peer) override;

   private:
    AgentRuntime& runtime_;
  };

  // As server of executors and of those who read sandboxes.
  void received(PeerId peer, Message message) override;
  void peer_lost(PeerId peer) override;
  void key_refused(const std::string& address, const std::string& key) override;
  std::vector<net::Unsent> send(PeerId peer, const Message& message);
  void cut_off(const std::string& address, const std::string& reason) override;
  // As client of the master.
  void connected() override;
  void disconnected() override;
  void received(Message message, std::uint64_t epoch) override;

  void follow(const MasterInfo& leader);
  void take_outcomes();
  void take_outcome(container::Launched& launched);
  void take_outcome(container::Exited& exited);
  void take_outcome(container::Recovered& recovered);
  void take_outcome(container::Checked& checked);
  void take_outcome(container::UsageMeasured& measured);
  void take_outcome(container::Warning& warning);
  void take_signal();
  void leave();

  // The one way into the machine: what is recorded here can be replayed.
  void step(agent::Input input);
  void end_turn();
  void carry_out();
  void deliver(agent::Output output);
  void reach(std::string_view step) const;  // a failpoint
  void write_checkpoints();
  void write_unwritten();
  void checkpoints_written(const Status& written, std::uint64_t number);
  void perform(agent::SendToMaster& send);
  void report_unsent(const Message& message, const Error& error);
  void perform(agent::ReconnectMaster& reconnect);
  void perform(agent::SendToPeer& send);
  void perform(agent::DisconnectPeer& disconnect);
  void perform(agent::Authenticate& authenticate);
  void authenticated(std::uint64_t session, Result<AuthenticationAnswer> answer);
  void perform(agent::Launch& launch);
  void perform(agent::Terminate& terminate);
  void perform(agent::Destroy& destroy);
  void perform(agent::UpdateContainer& update);
  void perform(agent::RetireSandbox& retire);
  void perform(agent::ReadSandboxFile& read);
  void perform(agent::Checkpoint& checkpoint);
  void perform(agent::RecoverContainers& recover);
  void perform(agent::MeasureUsage& measure);
  void perform(agent::RunCheck& run);
  void perform(agent::Finished& finished);
  void perform(Event& event);
  void perform(agent::AuthenticatePeer& authenticate);
  void perform(authorization::Decision& decision);

  Status listen(agent::Configuration& configuration);
  http::Handler http_handler(const authorization::Acls& acls);
  AgentStateSnapshot take_snapshot() const;

  Parts parts_;
  CutOffLog cut_offs_;
  AgentInfo info_;
  net::Clock clock_;
  net::Reactor reactor_;
  SnapshotExchange<AgentStateSnapshot> snapshots_;
  Worker views_;  // renders pages
  Worker files_;  // reads sandboxes
  std::unique_ptr<net::BusServer> bus_;
  ExecutorBus executor_bus_{*this};
  std::unique_ptr<net::BusServer> executors_;
  std::unique_ptr<net::BusClient> master_;
  std::unique_ptr<agent::Agent> machine_;
  std::unique_ptr<http::HttpServer> http_;

  // What waits for a checkpoint, and over which connection to the master it was to go.
  struct Waiting {
    agent::Output output;
    std::uint64_t link = 0;
  };
  DurableOrder<Waiting> order_;
  std::uint64_t link_ = 0;
  std::vector<CheckpointChange> unwritten_;
  std::uint64_t unwritten_up_to_ = 0;
  bool writing_ = false;
  bool write_failed_ = false;

  agent::Outbox outbox_;
  bool answered_ = false;  // effects of this round have stepped their answers into the machine
  std::string followed_;   // bus of the master; empty: none found yet
  std::uint64_t epoch_ = 0;
  ModuleCaller<Authenticator> authenticator_;
  std::optional<ModuleCaller<Authenticator>> reader_authenticator_;
  std::uint64_t session_ = 0;  // of the authentication under way
  int signals_ = 0;
  std::unique_ptr<detection::Detector> detector_;  // its thread posts to the reactor
  Worker writer_;                                  // of checkpoints; likewise, so it ends first
};

}  // namespace mesolite::runtime
