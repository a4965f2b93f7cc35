// MasterRuntime: the shell around the master machine. It owns the sockets, the clock and the
// threads; whatever is decided is decided in kernel/master.
//
// A turn of the kernel thread: all messages that have arrived are stepped into the machine one
// after the other, then the machine advances once, then its outbox is carried out. So a burst costs
// one allocation and one frame for each peer.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "kernel/config/options.hpp"
#include "kernel/http/server.hpp"
#include "kernel/master/master.hpp"
#include "kernel/registry/registry.hpp"
#include "kernel/runtime/allocator_seat.hpp"
#include "kernel/runtime/durable_order.hpp"
#include "kernel/runtime/event_log.hpp"
#include "kernel/runtime/signals.hpp"
#include "kernel/runtime/snapshot_exchange.hpp"
#include "kernel/runtime/worker.hpp"
#include "sdk/net/bus.hpp"
#include "sdk/net/clock.hpp"

namespace mesolite::runtime {

class MasterRuntime final : private net::BusServer::Handler {
 public:
  // What main() wires in; all that is referred to outlives the runtime.
  struct Parts {
    const config::MasterOptions& options;
    modules::Hosted<Allocator> allocator;
    AllocatorSeat::Load load_allocator;
    std::map<std::string, modules::Hosted<Authenticator>> authenticators;  // by mechanism
    std::function<std::uint64_t()> calls_overrun;  // into modules of our process [any thread]
    registry::Registry& registry;
    EventLog& log;
    SignalWatch& signals;
  };

  explicit MasterRuntime(Parts parts);
  ~MasterRuntime() override;
  MasterRuntime(const MasterRuntime&) = delete;
  MasterRuntime& operator=(const MasterRuntime&) = delete;

  // Listens, on the bus and on HTTP, and builds the machine with what that gave. Fails with a
  // sentence that names the address.
  Status start(master::Configuration configuration, master::Durable durable);
  // Of this master, ports as bound. REQUIRES: started.
  const MasterInfo& info() const { return info_; }
  // Serves until a signal comes; the exit status of the process. REQUIRES: started.
  int run();

 private:
  void received(PeerId peer, Message message) override;
  void peer_lost(PeerId peer) override;

  // The one way into the machine: what is recorded here can be replayed.
  void step(master::Input input);
  void end_turn();
  void carry_out();
  void deliver(master::Output output);
  void perform(master::Send& send);
  void perform(master::Disconnect& disconnect);
  void perform(master::Allocate& allocate);
  void perform(master::LoadAllocator& load);
  void perform(master::SeatAllocator& seat);
  void perform(master::Explain& explain);
  void perform(master::Authenticate& authenticate);
  void perform(master::Persist& persist);
  void perform(Event& event);
  void write_registry();
  void authenticated(PeerId peer, std::uint64_t session, Result<AuthenticationAnswer> answer);
  void forget_session(PeerId peer);

  Status listen(const MasterInfo& info);
  http::Handler http_handler();
  ClusterSnapshot take_snapshot() const;
  void take_signal();

  struct Session {
    std::string mechanism;
    std::uint64_t number = 0;
  };

  Parts parts_;
  MasterInfo info_;
  net::Clock clock_;
  net::Reactor reactor_;
  SnapshotExchange<ClusterSnapshot> snapshots_;
  Worker views_;     // renders pages
  Worker registry_;  // waits for the disk
  std::unique_ptr<net::BusServer> bus_;
  std::unique_ptr<master::Master> machine_;
  std::unique_ptr<http::HttpServer> http_;

  master::Outbox outbox_;
  bool answered_ = false;  // effects of this round have stepped their answers into the machine
  DurableOrder<master::Output> order_;
  std::vector<registry::Record> unwritten_;
  std::uint64_t unwritten_up_to_ = 0;
  std::map<PeerId, Session> sessions_;  // authentications under way
  std::unique_ptr<AllocatorSeat> allocator_;
  std::map<std::string, ModuleCaller<Authenticator>> authenticators_;  // by mechanism
  int signals_ = 0;
  int exit_status_ = 0;
};

}  // namespace mesolite::runtime
