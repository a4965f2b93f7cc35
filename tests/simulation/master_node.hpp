// MasterNode: the master machine and the real allocator, in the shell that the simulation is.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "kernel/master/master.hpp"
#include "mesolite/module/host.hpp"
#include "tests/simulation/surroundings.hpp"

namespace mesolite::simulation {

class MasterNode final : public Node {
 public:
  // `epoch` is 1 for the first of a run, 2 for its successor, …
  MasterNode(Surroundings& around, std::uint64_t epoch, std::uint64_t seed);

  void received_from(PeerId peer, Message message) override;
  void peer_lost(PeerId peer) override;
  void end_turn() override;

  const master::Master& machine() const { return machine_; }

 private:
  class QuietHost final : public Host {
   public:
    void log(Severity, std::string_view) override {}
    void notify(std::string_view) override {}
  };

  void step(master::Input input);
  void carry_out();
  void send(PeerId peer, Message message);
  void flush();
  void allocate(const AllocateRequest& request);
  void check();
  void check_books() const;

  Surroundings& around_;
  const std::uint64_t epoch_;
  QuietHost host_;
  std::unique_ptr<Allocator> allocator_;
  Ledger ledger_;
  master::Master machine_;
  master::Outbox outbox_;
  std::vector<std::pair<PeerId, std::vector<Message>>> frames_;  // of this turn
  bool allocation_late_ = false;  // an answer is to come in a later turn
  Alarm alarm_{around_, *this};
};

}  // namespace mesolite::simulation
