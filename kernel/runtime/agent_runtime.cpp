#include "kernel/runtime/agent_runtime.hpp"

#include <csignal>
#include <utility>
#include <variant>

#include "kernel/container/failpoint.hpp"
#include "kernel/container/sandbox.hpp"
#include "kernel/http/routes.hpp"
#include "kernel/runtime/listening.hpp"
#include "kernel/runtime/master_configuration.hpp"
#include "mesolite/base/check.hpp"

namespace mesolite::runtime {
namespace {

constexpr Duration snapshot_age_max = 100ms;
constexpr Duration farewell_max = 500ms;  // for the last messages to leave
constexpr std::size_t views_waiting_max = 1'000;
constexpr std::size_t reads_waiting_max = 1'000;
constexpr int rounds_max = 4;
constexpr int leave_signal = SIGUSR2;
constexpr Duration rewrite_pause = 1s;  // of checkpoints that could not be written

agent::RecoveryMode recovery_mode(const std::string& name) {
  if (name == "cleanup") return agent::RecoveryMode::cleanup;
  return name == "as-new" ? agent::RecoveryMode::as_new : agent::RecoveryMode::reconnect;
}

// What nobody can see from outside, or nobody relies on, need not wait for checkpoints.
bool waits_for_checkpoints(const agent::Output& output) {
  return !std::holds_alternative<agent::Checkpoint>(output) &&
         !std::holds_alternative<agent::RecoverContainers>(output) &&
         !std::holds_alternative<agent::ReconnectMaster>(output) &&
         !std::holds_alternative<agent::Authenticate>(output) &&
         !std::holds_alternative<agent::ReadSandboxFile>(output) &&
         !std::holds_alternative<agent::MeasureUsage>(output) &&
         !std::holds_alternative<agent::AuthenticatePeer>(output) &&
         !std::holds_alternative<authorization::Decision>(output) &&
         !std::holds_alternative<Event>(output);
}

constexpr std::uint64_t executors_begin = std::uint64_t{1} << 63;

bool is_executor(PeerId peer) {
  return peer.value >= executors_begin;
}

PeerId numbered_apart(PeerId peer) {
  return PeerId{peer.value + executors_begin};
}

PeerId numbered_alone(PeerId peer) {
  return PeerId{peer.value - executors_begin};
}

SandboxData read_piece(const agent::ReadSandboxFile& read) {
  SandboxData answer;
  answer.request = read.request;
  auto piece = container::read_sandbox_file(read.sandbox, read.file, read.offset, read.length_max);
  if (!piece) {
    answer.error = piece.error().message;
    return answer;
  }
  answer.data = Bytes(std::move(piece->data));
  answer.end = read.ended && piece->at_end;
  return answer;
}

}  // namespace

AgentRuntime::AgentRuntime(Parts parts)
    : parts_(std::move(parts)),
      cut_offs_(parts_.log),
      snapshots_({.now = [this] { return clock_.now(); },
                  .post = [this](auto work) { reactor_.post(std::move(work)); },
                  .take = [this] { return take_snapshot(); }},
                 views_, snapshot_age_max),
      views_("views", views_waiting_max),
      files_("files", reads_waiting_max),
      order_([this](Waiting waiting) {
        const bool stale = waiting.link != link_;
        if (stale && std::holds_alternative<agent::SendToMaster>(waiting.output)) return;
        std::visit([this](auto& what) { perform(what); }, waiting.output);
      }),
      authenticator_(std::move(parts_.authenticator), reactor_),
      detector_(std::move(parts_.detector)),
      writer_("checkpoints", 1) {
  if (parts_.reader_authenticator) {
    reader_authenticator_.emplace(std::move(*parts_.reader_authenticator), reactor_);
  }
  // Before the bus exists: at the end of a turn the machine speaks first, then the bus sends.
  reactor_.at_turn_end([this] { end_turn(); });
  reactor_.add_deadline([this] { return machine_->next_deadline(); });
  reactor_.watch(parts_.signals.descriptor(), [this] { take_signal(); });
  reactor_.watch(parts_.containerizer.descriptor(), [this] { take_outcomes(); });
}

AgentRuntime::~AgentRuntime() {
  reactor_.unwatch(parts_.containerizer.descriptor());
  reactor_.unwatch(parts_.signals.descriptor());
  if (http_) http_->stop();
}

Status AgentRuntime::start(agent::Configuration configuration, agent::Durable durable) {
  const Time now = clock_.now();
  if (auto listening = listen(configuration); !listening) return listening;
  machine_ = std::make_unique<agent::Agent>(std::move(configuration), now);
  machine_->recover(now, std::move(durable), recovery_mode(parts_.options.recover), outbox_);
  master_ =
      std::make_unique<net::BusClient>(reactor_, static_cast<net::BusClient::Handler&>(*this));
  master_->secure(parts_.access.keys);
  snapshots_.take();
  detector_->detect([this](const std::optional<MasterInfo>& leader) {
    if (leader) reactor_.post([this, leader = *leader] { follow(leader); });
  });
  return {};
}

Status AgentRuntime::listen(agent::Configuration& configuration) {
  const config::AgentOptions& options = parts_.options;
  AgentInfo& info = configuration.info;
  const auto port = bus_port(options.port, options.bus_port);
  if (!port) return tl::unexpected(port.error());
  bus_ = std::make_unique<net::BusServer>(reactor_, static_cast<net::BusServer::Handler&>(*this));
  bus_->secure(parts_.access.keys);
  auto bound = listen_bus(*bus_, options.ip, *port, info.ip);
  if (!bound) return tl::unexpected(bound.error());
  info.bus = std::move(*bound);

  const auto socket = parts_.runtime_directory.path() / executor_socket_name;
  executors_ = std::make_unique<net::BusServer>(
      reactor_, static_cast<net::BusServer::Handler&>(executor_bus_));
  auto executors = executors_->bind("ipc://" + socket.string());
  if (!executors) return failure("cannot listen for executors", executors.error());
  configuration.executor_endpoint = std::move(*executors);
  configuration.runtime_dir = parts_.runtime_directory.path().string();

  http_ = std::make_unique<http::HttpServer>(
      http_handler(configuration.acls),
      http_limits(options.http_connections_max, options.http_body_max), parts_.access.tls);
  auto http_port = listen_http(*http_, options.ip, options.port, options.http_threads);
  if (!http_port) return tl::unexpected(http_port.error());
  info.port = *http_port;
  info_ = info;
  return {};
}

http::Handler AgentRuntime::http_handler(const authorization::Acls& acls) {
  return http::handler_of(http::agent_routes([this] { return snapshots_.latest(); }),
                          parts_.access.door(acls),
                          refreshed([this](auto ready) { snapshots_.refresh(std::move(ready)); }));
}

int AgentRuntime::run() {
  // The thread keeps the name of the program: by that people find it (ps, ss, top).
  reactor_.run();
  master_->flush(farewell_max);
  http_->stop();
  // Told by the master to end, an agent has failed at what it was started for.
  return signals_ > 0 || parts_.options.recover == "cleanup" ? 0 : 1;
}

void AgentRuntime::take_signal() {
  while (const int signal = parts_.signals.take()) {
    if (++signals_ > 1) end_at_once(signal);
    signal == leave_signal ? leave() : step(agent::ShutdownRequested{});
  }
}

// What runs here goes on, and the next agent takes it up: what is durable is all it needs.
void AgentRuntime::leave() {
  parts_.log.write(Severity::info, "agent_leaves what runs here to the next agent");
  parts_.containerizer.leave();
  reactor_.stop();
}

// ---- the master
// ----------------------------------------------------------------------------------

void AgentRuntime::follow(const MasterInfo& leader) {
  if (leader.bus == followed_) return;  // the client finds back to it by itself
  ++link_;
  if (!followed_.empty()) step(agent::MasterDisconnected{});
  followed_ = leader.bus;
  if (auto connecting = master_->connect(followed_); !connecting) {
    parts_.log.write(Severity::error, "master_unusable " + connecting.error().message);
    followed_.clear();
    detector_->look_again();
  }
}

void AgentRuntime::connected() {
  ++link_;
  master_->set_epoch(epoch_ = 0);  // whose bus this is, Welcome says: epochs of clusters differ
  step(agent::MasterConnected{});
}

void AgentRuntime::disconnected() {
  step(agent::MasterDisconnected{});
  detector_->look_again();  // another master may lead by now, or listen elsewhere
}

void AgentRuntime::received(Message message, std::uint64_t epoch) {
  if (epoch > epoch_) master_->set_epoch(epoch_ = epoch);
  step(agent::ReceivedFromMaster{std::move(message)});
}

void AgentRuntime::perform(agent::SendToMaster& send) {
  if (std::holds_alternative<AgentUpdates>(send.message)) reach("running_recorded");
  const Status sent = master_->send(send.message);
  if (!sent) report_unsent(send.message, sent.error());
}

void AgentRuntime::report_unsent(const Message& message, const Error& error) {
  parts_.log.note({Severity::error,
                   "message_not_sent",
                   {{"message", std::string(message_name(message))}, {"reason", error.message}}});
}

void AgentRuntime::perform(agent::ReconnectMaster&) {
  ++link_;
  if (followed_.empty()) return;
  if (auto connecting = master_->connect(followed_); !connecting) followed_.clear();
  detector_->look_again();
}

void AgentRuntime::perform(agent::Authenticate& authenticate) {
  if (authenticate.start) {
    ++session_;
    return authenticator_.call(
        [session = session_, credential = parts_.credential,
         secured = parts_.access.keys != nullptr](Authenticator& module, auto*) {
          // Of a session that broke off nothing shall stay behind.
          if (session > 1) (void)module.end({session - 1});
          return module.client_start({session, credential, secured});
        },
        [this, session = session_](auto answer) { authenticated(session, std::move(answer)); });
  }
  AuthenticationToken token;
  token.session = session_;
  token.data = std::move(authenticate.challenge);
  authenticator_.call(
      [token](Authenticator& module, auto*) { return module.client_step(token); },
      [this, session = session_](auto answer) { authenticated(session, std::move(answer)); });
}

void AgentRuntime::authenticated(std::uint64_t session, Result<AuthenticationAnswer> answer) {
  if (session == session_) step(agent::Authenticated{std::move(answer)});
}

// ---- executors and readers of sandboxes
// ----------------------------------------------------------

void AgentRuntime::received(PeerId peer, Message message) {
  step(agent::ReceivedFromPeer{peer, std::move(message)});
}

void AgentRuntime::ExecutorBus::received(PeerId peer, Message message) {
  runtime_.received(numbered_apart(peer), std::move(message));
}

void AgentRuntime::ExecutorBus::peer_lost(PeerId peer) {
  runtime_.step(agent::PeerLost{numbered_apart(peer)});
}

void AgentRuntime::key_refused(const std::string& address, const std::string& key) {
  parts_.access.audit->record(refused_key(address, key));
}

std::vector<net::Unsent> AgentRuntime::send(PeerId peer, const Message& message) {
  if (is_executor(peer)) return executors_->send(numbered_alone(peer), message);
  return bus_->send(peer, message);
}

void AgentRuntime::cut_off(const std::string& address, const std::string& reason) {
  cut_offs_.note(reactor_.now(), address, reason);
}

void AgentRuntime::peer_lost(PeerId peer) {
  if (reader_authenticator_) {
    // An exchange that broke off leaves nothing behind.
    reader_authenticator_->call(
        [peer](Authenticator& module, auto*) { return module.end({peer.value}); },
        [](const Result<Nothing>&) {});
  }
  step(agent::PeerLost{peer});
}

void AgentRuntime::perform(agent::SendToPeer& send) {
  for (const net::Unsent& part : this->send(send.peer, send.message)) {
    report_unsent(part.message, part.error);
  }
}

void AgentRuntime::perform(agent::AuthenticatePeer& authenticate) {
  const PeerId peer = authenticate.peer;
  if (!reader_authenticator_) return;  // the machine asks for none
  authenticate.token.connection_principal = bus_->principal(peer);
  reader_authenticator_->call(
      [token = std::move(authenticate.token)](Authenticator& module, auto*) {
        return module.server_step(token);
      },
      [this, peer](auto answer) {
        step(agent::PeerAuthenticated{peer, std::move(answer)});
      });
}

void AgentRuntime::perform(authorization::Decision& decision) {
  parts_.access.audit->record(decision);
}

void AgentRuntime::perform(agent::DisconnectPeer& disconnect) {
  if (is_executor(disconnect.peer)) return executors_->disconnect(numbered_alone(disconnect.peer));
  bus_->disconnect(disconnect.peer);
}

void AgentRuntime::perform(agent::ReadSandboxFile& read) {
  const PeerId peer = read.peer;
  const std::uint64_t request = read.request;
  const bool taken = files_.post([this, read = std::move(read)] {
    reactor_.post(
        [this, peer = read.peer, answer = read_piece(read)] { (void)send(peer, answer); });
  });
  if (taken) return;
  SandboxData refusal;
  refusal.request = request;
  refusal.error = "too many reads at a time: try again";
  (void)send(peer, refusal);  // small
}

// ---- containers
// ----------------------------------------------------------------------------------

void AgentRuntime::perform(agent::Launch& launch) {
  reach("launch_recorded");
  parts_.containerizer.launch({std::move(launch.context), std::move(launch.command),
                               std::move(launch.environment), std::move(launch.secret_files)});
}

void AgentRuntime::perform(agent::Terminate& terminate) {
  parts_.containerizer.terminate(terminate.container);
}

void AgentRuntime::perform(agent::Destroy& destroy) {
  parts_.containerizer.destroy(destroy.container);
}

void AgentRuntime::perform(agent::UpdateContainer& update) {
  parts_.containerizer.update(std::move(update.context));
}

void AgentRuntime::perform(agent::RetireSandbox& retire) {
  parts_.containerizer.forget(retire.container);
  parts_.containerizer.retire_sandbox(std::move(retire.sandbox));
}

void AgentRuntime::perform(agent::RecoverContainers& recover) {
  parts_.containerizer.recover(std::move(recover.known), std::move(recover.orphans));
}

void AgentRuntime::perform(agent::RunCheck& run) {
  parts_.containerizer.check(run.container, run.number, std::move(run.check));
}

void AgentRuntime::perform(agent::MeasureUsage&) {
  parts_.containerizer.measure_usage();
}

void AgentRuntime::take_outcomes() {
  for (container::Outcome& outcome : parts_.containerizer.take_outcomes()) {
    std::visit([this](auto& what) { take_outcome(what); }, outcome);
  }
}

void AgentRuntime::take_outcome(container::Launched& launched) {
  reach("launch_reported");
  step(agent::Launched{std::move(launched.container), std::move(launched.pid)});
}

void AgentRuntime::take_outcome(container::Exited& exited) {
  step(
      agent::Exited{std::move(exited.container), exited.exit_status, std::move(exited.limitation)});
}

void AgentRuntime::take_outcome(container::Recovered& recovered) {
  step(agent::ContainerRecovered{std::move(recovered.container), recovered.pid});
}

void AgentRuntime::take_outcome(container::Checked& checked) {
  step(agent::Checked{std::move(checked.container), checked.number, checked.passed,
                      std::move(checked.message)});
}

void AgentRuntime::take_outcome(container::UsageMeasured& measured) {
  step(agent::UsageMeasured{std::move(measured.statistics)});
}

void AgentRuntime::take_outcome(container::Warning& warning) {
  parts_.log.write(Severity::warning, warning.message);
}

// ---- turns
// ---------------------------------------------------------------------------------------

void AgentRuntime::step(agent::Input input) {
  machine_->step(reactor_.now(), std::move(input), outbox_);
  answered_ = true;
}

void AgentRuntime::end_turn() {
  for (int round = 0; round < rounds_max; ++round) {
    machine_->advance(reactor_.now(), outbox_);
    answered_ = false;
    carry_out();
    if (!answered_) return;
  }
  reactor_.post([] {});  // the rest comes in the next turn, after what has arrived meanwhile
}

void AgentRuntime::carry_out() {
  // Answers of effects append to the outbox while it is carried out.
  while (!outbox_.empty()) {
    agent::Outbox outputs;
    outputs.swap(outbox_);
    for (agent::Output& output : outputs) deliver(std::move(output));
  }
  write_checkpoints();
}

void AgentRuntime::deliver(agent::Output output) {
  if (waits_for_checkpoints(output)) return order_.add({std::move(output), link_});
  std::visit([this](auto& what) { perform(what); }, output);
}

void AgentRuntime::reach(std::string_view step) const {
  container::reach(parts_.options.failpoint, step);
}

void AgentRuntime::perform(agent::Checkpoint& checkpoint) {
  if (checkpoint.key.find("/tasks/") != std::string::npos) reach("launch_decided");
  order_.persisting(checkpoint.number);
  unwritten_.push_back({std::move(checkpoint.key), std::move(checkpoint.value.data)});
  unwritten_up_to_ = checkpoint.number;
}

// One write at a time: what comes meanwhile goes with the next.
void AgentRuntime::write_checkpoints() {
  if (!unwritten_.empty() && !std::exchange(writing_, true)) write_unwritten();
}

void AgentRuntime::write_unwritten() {
  const bool taken =
      writer_.post([this, changes = std::exchange(unwritten_, {}), number = unwritten_up_to_] {
        auto written = parts_.checkpoints.write(changes);
        reactor_.post(
            [this, written = std::move(written), number] { checkpoints_written(written, number); });
      });
  MESOLITE_CHECK(taken, "one write of checkpoints is under way at a time");
}

// While nothing can be promised nothing is said, and nothing new is launched: a full disk costs
// time, never a task.
void AgentRuntime::checkpoints_written(const Status& written, std::uint64_t number) {
  if (!written) {
    if (!std::exchange(write_failed_, true)) {
      parts_.log.write(Severity::error, "checkpoints_failed " + written.error().message +
                                            "; nothing is said or launched until that works");
    }
    reactor_.at(reactor_.now() + rewrite_pause, [this] { write_unwritten(); });
    return;
  }
  if (std::exchange(write_failed_, false)) parts_.log.write(Severity::info, "checkpoints_resumed");
  writing_ = false;
  order_.durable(number);
  write_checkpoints();
}

void AgentRuntime::perform(agent::Finished& finished) {
  parts_.log.note({Severity::info, "agent_finished", {{"reason", finished.reason}}});
  reactor_.stop();
}

void AgentRuntime::perform(Event& event) {
  parts_.log.note(event);
}

AgentStateSnapshot AgentRuntime::take_snapshot() const {
  AgentStateSnapshot snapshot = machine_->snapshot(clock_.now());
  parts_.log.add_counts(snapshot.metrics);
  add_counters(bus_->counters(), snapshot.metrics);
  return snapshot;
}

}  // namespace mesolite::runtime
