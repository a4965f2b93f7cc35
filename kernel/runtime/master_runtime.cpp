#include "kernel/runtime/master_runtime.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "kernel/http/routes.hpp"
#include "kernel/runtime/listening.hpp"
#include "kernel/runtime/master_configuration.hpp"
#include "mesolite/base/check.hpp"
#include "mesolite/base/random.hpp"

namespace mesolite::runtime {
namespace {

constexpr Duration snapshot_age_max = 100ms;
constexpr std::size_t views_waiting_max = 1'000;
constexpr std::size_t registry_writes_waiting_max = 1'000'000;
// An allocator that answers each answer with more would otherwise keep the sockets waiting.
constexpr int rounds_max = 4;
// Of newcomers while the registry is read; the others come again.
constexpr std::size_t early_max = 100'000;
constexpr std::size_t greeting_bytes_max = std::size_t{64} << 10;

}  // namespace

MasterRuntime::MasterRuntime(Parts parts)
    : parts_(std::move(parts)),
      cut_offs_(parts_.log),
      snapshots_({.now = [this] { return clock_.now(); },
                  .post = [this](auto work) { reactor_.post(std::move(work)); },
                  .take = [this] { return take_snapshot(); }},
                 views_, snapshot_age_max),
      views_("views", views_waiting_max),
      registry_("registry", registry_writes_waiting_max),
      order_([this](master::Output output) {
        std::visit([this](auto& what) { perform(what); }, output);
      }),
      detector_(std::move(parts_.detector)),
      contender_(std::move(parts_.contender)) {
  // Before the bus exists: at the end of a turn the machine speaks first, then the bus sends.
  reactor_.at_turn_end([this] { end_turn(); });
  reactor_.add_deadline(
      [this] { return machine_ ? machine_->next_deadline() : std::optional<Time>(); });
  reactor_.watch(parts_.signals.descriptor(), [this] { take_signal(); });
  allocator_ = std::make_unique<AllocatorSeat>(
      parts_.options.allocator, std::move(parts_.allocator), std::move(parts_.load_allocator),
      reactor_, [this](master::Input input) { step(std::move(input)); });
  for (auto& [mechanism, authenticator] : parts_.authenticators) {
    authenticators_.try_emplace(mechanism, std::move(authenticator), reactor_);
  }
}

MasterRuntime::~MasterRuntime() {
  reactor_.unwatch(parts_.signals.descriptor());
  if (http_) http_->stop();
}

Status MasterRuntime::start(master::Configuration configuration) {
  started_at_ = clock_.now();
  configuration_ = std::move(configuration);
  if (auto listening = listen(); !listening) return listening;
  if (contender_) {
    snapshots_.take();
    contend();
    return {};
  }
  auto office = take_office(parts_.open_registry, {}, configuration_.seed);
  if (!office) return tl::unexpected(office.error());
  lead(std::move(*office), clock_.now());
  return {};
}

// ---- leadership
// ----------------------------------------------------------------------------------

void MasterRuntime::contend() {
  detector_->detect([this](std::optional<MasterInfo> leader) {
    reactor_.post([this, leader = std::move(leader)] {
      leader_ = leader.value_or(MasterInfo());
      if (!machine_) snapshots_.take();
    });
  });
  MasterInfo self = info_;
  self.id = "master@" + info_.ip + ":" + std::to_string(info_.port);  // it has no number yet
  contender_->contend(self, [this](std::optional<election::Leadership> leadership) {
    reactor_.post([this, leadership = std::move(leadership)]() mutable {
      if (!leadership) return step_down("the election was lost, or may have been");
      won(std::move(*leadership));
    });
  });
}

void MasterRuntime::won(election::Leadership leadership) {
  parts_.log.write(Severity::info, "elected epoch=" + std::to_string(leadership.epoch));
  taking_office_ = true;
  registry_.post([this, leadership = std::move(leadership)] {
    // Shared, since what is posted is copied.
    auto office = std::make_shared<Result<Office>>(
        take_office(parts_.open_registry, leadership, configuration_.seed));
    reactor_.post([this, office] {
      if (!*office) return step_down(office->error().message);
      lead(std::move(**office), reactor_.now());
    });
  });
}

void MasterRuntime::lead(Office office, Time now) {
  office_ = std::move(office);
  const election::Leadership& leadership = office_.leadership;
  info_.cluster = leadership.cluster;
  info_.epoch = leadership.epoch;
  info_.id = leadership.cluster + "-M" + std::to_string(leadership.epoch);
  configuration_.info = info_;
  machine_ = std::make_unique<master::Master>(configuration_, now, std::move(office_.durable));
  bus_->set_epoch(info_.epoch);
  snapshots_.take();
  parts_.log.write(Severity::info,
                   "leading cluster=" + info_.cluster + " epoch=" + std::to_string(info_.epoch));
  taking_office_ = false;
  for (auto& [peer, message] : std::exchange(early_, {})) received(peer, std::move(message));
}

// What is in the outbox stays there: somebody else may lead by now.
void MasterRuntime::step_down(const std::string& reason) {
  if (end_ != End::asked) return;
  parts_.log.write(Severity::error, "stepped_down " + reason);
  end_ = End::stepped_down;
  outbox_.clear();
  reactor_.stop();
}

// By the clock, asked before anything leaves: a process that was stopped for a while hears of the
// end of its leadership later than of what waits in its sockets.
bool MasterRuntime::may_speak() {
  if (end_ != End::asked) return false;
  if (!contender_ || !machine_ || contender_->holds()) return true;
  step_down("the lease has run out");
  return false;
}

void MasterRuntime::turn_away(PeerId peer) {
  if (!leader_.bus.empty() && leader_.bus != info_.bus) {
    (void)bus_->send(peer, Refused{"this master does not lead", leader_.bus});  // small
  }
  bus_->disconnect(peer);
}

// ---- sockets
// -------------------------------------------------------------------------------------

Status MasterRuntime::listen() {
  const config::MasterOptions& options = parts_.options;
  info_ = configuration_.info;
  const auto port = bus_port(options.port, options.bus_port);
  if (!port) return tl::unexpected(port.error());
  // The first frame of a connection is a greeting, and comes from nobody knows whom.
  net::BusLimits limits;
  limits.first_frame_bytes_max = greeting_bytes_max;
  bus_ = std::make_unique<net::BusServer>(reactor_, static_cast<net::BusServer::Handler&>(*this),
                                          limits);
  bus_->secure(parts_.access.keys);
  auto bound = listen_bus(*bus_, options.ip, *port, info_.ip);
  if (!bound) return tl::unexpected(bound.error());
  info_.bus = std::move(*bound);

  http_ = std::make_unique<http::HttpServer>(
      http_handler(), http_limits(options.http_connections_max, options.http_body_max),
      parts_.access.tls);
  auto http_port = listen_http(*http_, options.ip, options.port, options.http_threads);
  if (!http_port) return tl::unexpected(http_port.error());
  info_.port = *http_port;
  return {};
}

http::Handler MasterRuntime::http_handler() {
  return http::handler_of(http::master_routes([this] { return snapshots_.latest(); }),
                          parts_.access.door(configuration_.acls),
                          refreshed([this](auto ready) { snapshots_.refresh(std::move(ready)); }));
}

MasterRuntime::End MasterRuntime::run() {
  // The thread keeps the name of the program: by that people find it (ps, ss, top).
  reactor_.run();
  http_->stop();
  return end_;
}

void MasterRuntime::take_signal() {
  while (const int signal = parts_.signals.take()) {
    if (++signals_ > 1) end_at_once(signal);
    reactor_.stop();
  }
}

void MasterRuntime::received(PeerId peer, Message message) {
  if (machine_) return step(master::Received{peer, std::move(message)});
  if (!taking_office_ || early_.size() >= early_max) return turn_away(peer);
  early_.emplace_back(peer, std::move(message));
}

void MasterRuntime::peer_lost(PeerId peer) {
  if (!machine_) {
    std::erase_if(early_, [peer](const auto& early) { return early.first == peer; });
    return;
  }
  forget_session(peer);
  step(master::PeerLost{peer});
}

void MasterRuntime::key_refused(const std::string& address, const std::string& key) {
  parts_.access.audit->record(refused_key(address, key));
}

void MasterRuntime::cut_off(const std::string& address, const std::string& reason) {
  cut_offs_.note(reactor_.now(), address, reason);
}

void MasterRuntime::step(master::Input input) {
  machine_->step(reactor_.now(), std::move(input), outbox_);
  answered_ = true;
}

void MasterRuntime::end_turn() {
  if (!machine_ || !may_speak()) return;
  for (int round = 0; round < rounds_max; ++round) {
    machine_->advance(reactor_.now(), outbox_);
    answered_ = false;
    carry_out();
    if (!answered_) return;
  }
  reactor_.post([] {});  // the rest comes in the next turn, after what has arrived meanwhile
}

void MasterRuntime::carry_out() {
  // Answers of effects append to the outbox while it is carried out.
  while (!outbox_.empty()) {
    master::Outbox outputs;
    outputs.swap(outbox_);
    for (master::Output& output : outputs) deliver(std::move(output));
    write_registry();
  }
}

void MasterRuntime::deliver(master::Output output) {
  const bool leaves = std::holds_alternative<master::Send>(output) ||
                      std::holds_alternative<master::Disconnect>(output);
  if (leaves) return order_.add(std::move(output));
  std::visit([this](auto& what) { perform(what); }, output);
}

void MasterRuntime::perform(master::Send& send) {
  if (!may_speak()) return;
  for (net::Unsent& part : bus_->send(send.peer, send.message)) {
    step(master::NotSent{send.peer, std::move(part.message), std::move(part.error.message)});
  }
}

void MasterRuntime::perform(master::Disconnect& disconnect) {
  forget_session(disconnect.peer);
  bus_->disconnect(disconnect.peer);
}

void MasterRuntime::perform(master::Allocate& allocate) {
  allocator_->perform(allocate);
}

void MasterRuntime::perform(master::LoadAllocator& load) {
  allocator_->perform(load);
}

void MasterRuntime::perform(master::Explain& explain) {
  allocator_->perform(explain);
}

void MasterRuntime::perform(master::SeatAllocator& seat) {
  allocator_->perform(seat);
}

void MasterRuntime::perform(master::Authenticate& authenticate) {
  const PeerId peer = authenticate.peer;
  const auto found = authenticators_.find(authenticate.mechanism);
  if (found == authenticators_.end()) {
    const auto problem = "no authenticator named '" + authenticate.mechanism + "' is loaded";
    return step(master::Authenticated{peer, failure(problem)});
  }
  const std::uint64_t session = authenticate.token.session;
  sessions_[peer] = {authenticate.mechanism, session};
  authenticate.token.connection_principal = bus_->principal(peer);
  found->second.call(
      [token = std::move(authenticate.token)](Authenticator& authenticator, auto*) {
        return authenticator.server_step(token);
      },
      [this, peer, session](auto answer) { authenticated(peer, session, std::move(answer)); });
}

void MasterRuntime::authenticated(PeerId peer, std::uint64_t session,
                                  Result<AuthenticationAnswer> answer) {
  const auto known = sessions_.find(peer);
  if (known == sessions_.end() || known->second.number != session) return;  // its peer is gone
  if (!answer || answer->state != AuthenticationState::proceed) forget_session(peer);
  step(master::Authenticated{peer, std::move(answer)});
}

void MasterRuntime::forget_session(PeerId peer) {
  const auto session = sessions_.find(peer);
  if (session == sessions_.end()) return;
  const auto [mechanism, number] = std::move(session->second);
  sessions_.erase(session);
  authenticators_.at(mechanism).call(
      [number = number](Authenticator& authenticator, auto*) {
        return authenticator.end({number});
      },
      [this, mechanism = mechanism](const Result<Nothing>& ended) {
        if (ended) return;
        parts_.log.write(Severity::warning, mechanism + ": " + ended.error().message);
      });
}

void MasterRuntime::perform(master::Persist& persist) {
  order_.persisting(persist.number);
  unwritten_.push_back({std::move(persist.key), std::move(persist.value)});
  unwritten_up_to_ = persist.number;
}

void MasterRuntime::write_registry() {
  if (unwritten_.empty()) return;
  const bool taken =
      registry_.post([this, records = std::exchange(unwritten_, {}), number = unwritten_up_to_] {
        auto written = office_.registry->write(records);
        reactor_.post([this, written = std::move(written), number] {
          if (!written) {
            // A master that cannot keep its promises must not make more.
            parts_.log.write(Severity::error, "registry_failed " + written.error().message);
            step_down("the registry does not take what must be kept");
            if (!contender_) end_ = End::failed;
            return;
          }
          step(master::Persisted{number});
          order_.durable(number);
        });
      });
  MESOLITE_CHECK(taken, "the registry keeps up with its master");
}

void MasterRuntime::perform(Event& event) {
  parts_.log.note(event);
}

void MasterRuntime::perform(authorization::Decision& decision) {
  parts_.access.audit->record(decision);
}

ClusterSnapshot MasterRuntime::snapshot_of_waiting() const {
  ClusterSnapshot snapshot;
  snapshot.master = info_;
  snapshot.cluster_name = configuration_.cluster_name;
  snapshot.leading = false;
  snapshot.leader = leader_;
  snapshot.started_at = started_at_;
  snapshot.taken_at = clock_.now();
  snapshot.flags = configuration_.flags;
  return snapshot;
}

ClusterSnapshot MasterRuntime::take_snapshot() const {
  ClusterSnapshot snapshot = machine_ ? machine_->snapshot(clock_.now()) : snapshot_of_waiting();
  parts_.log.add_counts(snapshot.metrics);
  add_counters(bus_->counters(), snapshot.metrics);
  snapshot.metrics["access/denials"] = static_cast<double>(parts_.access.audit->denials());
  snapshot.metrics["modules/calls_overrun"] = static_cast<double>(parts_.calls_overrun());
  return snapshot;
}

}  // namespace mesolite::runtime
