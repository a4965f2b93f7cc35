// MasterRuntime: the shell around the master machine. It owns the sockets, the clock and the
// threads; whatever is decided is decided in kernel/master.
//
// A turn of the kernel thread: all messages that have arrived are stepped into the machine one
// after the other, then the machine advances once, then its outbox is carried out. So a burst costs
// one allocation and one frame for each peer.
//
// A master without rivals leads from start(). One with rivals serves HTTP, sends clients to the
// leader and waits; the machine exists from the moment at which it leads. When it has lost its
// place, run() returns: what a leader knew is of no use to one that waits.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "kernel/config/options.hpp"
#include "kernel/election/election.hpp"
#include "kernel/http/server.hpp"
#include "kernel/master/master.hpp"
#include "kernel/runtime/access.hpp"
#include "kernel/runtime/allocator_seat.hpp"
#include "kernel/runtime/cut_off_log.hpp"
#include "kernel/runtime/durable_order.hpp"
#include "kernel/runtime/event_log.hpp"
#include "kernel/runtime/leadership.hpp"
#include "kernel/runtime/signals.hpp"
#include "kernel/runtime/snapshot_exchange.hpp"
#include "kernel/runtime/worker.hpp"
#include "sdk/detection/detector.hpp"
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
    std::function<std::uint64_t()> calls_overrun;    // into modules of our process [any thread]
    OpenRegistry open_registry;                      // [any thread]
    std::unique_ptr<election::Contender> contender;  // null: it has no rivals
    std::unique_ptr<detection::Detector> detector;   // likewise
    const Access& access;
    EventLog& log;
    SignalWatch& signals;
  };

  explicit MasterRuntime(Parts parts);
  ~MasterRuntime() override;
  MasterRuntime(const MasterRuntime&) = delete;
  MasterRuntime& operator=(const MasterRuntime&) = delete;

  // Listens, on the bus and on HTTP, and begins to lead or to contend. Fails with a sentence that
  // names the address or the registry.
  Status start(master::Configuration configuration);
  // Of this master, ports as bound. REQUIRES: started.
  const MasterInfo& info() const { return info_; }
  enum class End { asked, failed, stepped_down };
  // Serves until a signal comes, the registry fails or leadership is lost. REQUIRES: started.
  End run();

 private:
  void received(PeerId peer, Message message) override;
  void peer_lost(PeerId peer) override;
  void key_refused(const std::string& address, const std::string& key) override;
  void cut_off(const std::string& address, const std::string& reason) override;

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
  void perform(authorization::Decision& decision);
  void write_registry();
  void authenticated(PeerId peer, std::uint64_t session, Result<AuthenticationAnswer> answer);
  void forget_session(PeerId peer);

  void contend();
  void won(election::Leadership leadership);
  void lead(Office office, Time now);
  void step_down(const std::string& reason);
  bool may_speak();
  void turn_away(PeerId peer);

  Status listen();
  http::Handler http_handler();
  ClusterSnapshot take_snapshot() const;
  ClusterSnapshot snapshot_of_waiting() const;
  void take_signal();

  struct Session {
    std::string mechanism;
    std::uint64_t number = 0;
  };

  Parts parts_;
  CutOffLog cut_offs_;
  master::Configuration configuration_;
  MasterInfo info_;
  MasterInfo leader_;  // as detected
  Time started_at_{};
  net::Clock clock_;
  net::Reactor reactor_;
  SnapshotExchange<ClusterSnapshot> snapshots_;
  Worker views_;     // renders pages
  Worker registry_;  // waits for the disk
  std::unique_ptr<net::BusServer> bus_;
  Office office_;
  std::unique_ptr<master::Master> machine_;  // null while another master leads
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
  End end_ = End::asked;
  // While the registry is read: what newcomers have said. They came as soon as they heard of us.
  bool taking_office_ = false;
  std::vector<std::pair<PeerId, Message>> early_;
  // Last: their threads post to the reactor.
  std::unique_ptr<detection::Detector> detector_;
  std::unique_ptr<election::Contender> contender_;
};

}  // namespace mesolite::runtime
