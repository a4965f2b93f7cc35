// MasterNode: the master machine and a real allocator, in the shell that the simulation is.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernel/master/master.hpp"
#include "kernel/runtime/durable_order.hpp"
#include "mesolite/module/host.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/faulty_allocator.hpp"
#include "tests/simulation/surroundings.hpp"

namespace mesolite::simulation {

class MasterNode final : public Node {
 public:
  struct Settings {
    std::uint64_t epoch = 1;  // of the first of a run; 2 for its successor, …
    std::uint64_t seed = 1;
    std::vector<std::string> allocators;  // to draw from, again for each that is loaded
    bool restarted = false;               // others may know what this one does not
  };

  // `disk` is that of its host; it outlives the node.
  MasterNode(Surroundings& around, Settings settings, Disk& disk);
  ~MasterNode() override;

  const std::string& name() const override { return name_; }
  std::uint64_t epoch() const override { return settings_.epoch; }
  void received_from(PeerId peer, Message message) override;
  void peer_lost(PeerId peer) override;
  void end_turn() override;

  // Another leads: what this one writes from now on never becomes durable. It does not know yet.
  void depose() { deposed_ = true; }

  const master::Master& machine() const { return machine_; }
  Time now() const { return clock_.local(around_.timeline.now()); }

 private:
  class QuietHost final : public Host {
   public:
    void log(Severity, std::string_view) override {}
    void notify(std::string_view) override {}
  };

  void step(master::Input input);
  void carry_out();
  void perform(master::Output& output);
  void leave(master::Output output);
  void send(PeerId peer, Message message);
  void flush();
  std::unique_ptr<FaultyAllocator> fresh_allocator();
  void allocate(const master::Allocate& call);
  // The process of the module ends, and is started again.
  void let_allocator_die();
  void load_candidate();
  void explain(const master::Explain& call);
  void later(Duration wait, std::function<void(MasterNode&)> work);
  void persist(master::Persist& record);
  void noted(const Event& event) const;
  void check();
  void check_books() const;

  Surroundings& around_;
  const Settings settings_;
  const std::string name_ = "master";
  const Clock clock_;
  Disk& disk_;
  QuietHost host_;
  std::unique_ptr<FaultyAllocator> allocator_;  // null: it has died
  std::unique_ptr<FaultyAllocator> candidate_;  // that may take its place
  master::Master machine_;
  master::Outbox outbox_;
  std::vector<std::pair<PeerId, std::vector<Message>>> frames_;  // of this turn
  runtime::DurableOrder<master::Output> order_;
  Time last_durable_{};  // when the newest record under way will be durable
  bool deposed_ = false;
  bool allocated_ = false;       // since the books were compared
  bool answer_awaited_ = false;  // of the allocator
  Alarm alarm_{around_, clock_, *this};
};

}  // namespace mesolite::simulation
