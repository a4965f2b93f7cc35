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

}  // namespace

MasterRuntime::MasterRuntime(Parts parts)
    : parts_(std::move(parts)),
      snapshots_({.now = [this] { return clock_.now(); },
                  .post = [this](auto work) { reactor_.post(std::move(work)); },
                  .take = [this] { return take_snapshot(); }},
                 views_, snapshot_age_max),
      views_("views", views_waiting_max),
      registry_("registry", registry_writes_waiting_max),
      order_([this](master::Output output) {
        std::visit([this](auto& what) { perform(what); }, output);
      }) {
  // Before the bus exists: at the end of a turn the machine speaks first, then the bus sends.
  reactor_.at_turn_end([this] { end_turn(); });
  reactor_.add_deadline([this] { return machine_->next_deadline(); });
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

Status MasterRuntime::start(master::Configuration configuration, master::Durable durable) {
  const Time now = clock_.now();
  if (auto listening = listen(configuration.info); !listening) return listening;
  configuration.info = info_;
  machine_ = std::make_unique<master::Master>(std::move(configuration), now, std::move(durable));
  bus_->set_epoch(info_.epoch);
  snapshots_.take();
  return {};
}

Status MasterRuntime::listen(const MasterInfo& info) {
  const config::MasterOptions& options = parts_.options;
  info_ = info;
  const auto port = bus_port(options.port, options.bus_port);
  if (!port) return tl::unexpected(port.error());
  bus_ = std::make_unique<net::BusServer>(reactor_, static_cast<net::BusServer::Handler&>(*this));
  auto bound = listen_bus(*bus_, options.ip, *port, info_.ip);
  if (!bound) return tl::unexpected(bound.error());
  info_.bus = std::move(*bound);

  http_ = std::make_unique<http::HttpServer>(
      http_handler(), http_limits(options.http_connections_max, options.http_body_max));
  auto http_port = listen_http(*http_, options.ip, options.port, options.http_threads);
  if (!http_port) return tl::unexpected(http_port.error());
  info_.port = *http_port;
  return {};
}

http::Handler MasterRuntime::http_handler() {
  return refreshed(http::handler_of(http::master_routes([this] { return snapshots_.latest(); })),
                   [this](auto ready) { snapshots_.refresh(std::move(ready)); });
}

int MasterRuntime::run() {
  name_this_thread("kernel");
  reactor_.run();
  http_->stop();
  return exit_status_;
}

void MasterRuntime::take_signal() {
  while (const int signal = parts_.signals.take()) {
    if (++signals_ > 1) end_at_once(signal);
    reactor_.stop();
  }
}

void MasterRuntime::received(PeerId peer, Message message) {
  step(master::Received{peer, std::move(message)});
}

void MasterRuntime::peer_lost(PeerId peer) {
  forget_session(peer);
  step(master::PeerLost{peer});
}

void MasterRuntime::step(master::Input input) {
  machine_->step(reactor_.now(), std::move(input), outbox_);
  answered_ = true;
}

void MasterRuntime::end_turn() {
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
        auto written = parts_.registry.write(records);
        reactor_.post([this, written = std::move(written), number] {
          if (!written) {
            // A master that cannot keep its promises must not make more.
            parts_.log.write(Severity::error, "registry_failed " + written.error().message);
            exit_status_ = 1;
            return reactor_.stop();
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

ClusterSnapshot MasterRuntime::take_snapshot() const {
  ClusterSnapshot snapshot = machine_->snapshot(clock_.now());
  parts_.log.add_counts(snapshot.metrics);
  add_counters(bus_->counters(), snapshot.metrics);
  snapshot.metrics["modules/calls_overrun"] = static_cast<double>(parts_.calls_overrun());
  return snapshot;
}

}  // namespace mesolite::runtime
