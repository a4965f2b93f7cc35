#include "tests/simulation/master_node.hpp"

#include <utility>

#include "kernel/master/state.hpp"
#include "modules/allocators/hierarchical/hierarchical.hpp"

namespace mesolite::simulation {

namespace {

master::Configuration configuration(std::uint64_t epoch, std::uint64_t seed) {
  master::Configuration settings;
  settings.info.id = "master-" + std::to_string(epoch);
  settings.info.cluster = "c";
  settings.info.epoch = epoch;
  settings.seed = seed;
  settings.agent_ping_timeout = 2s;
  settings.agent_reregister_timeout = 40s;
  settings.framework_ping_interval = 2s;
  settings.hello_timeout = 5s;
  settings.offer_timeout = 20s;
  settings.minimum_allocatable = {*Resources::parse("cpus:0.01"), *Resources::parse("mem:32")};
  return settings;
}

}  // namespace

MasterNode::MasterNode(Surroundings& around, std::uint64_t epoch, std::uint64_t seed)
    : around_(around),
      epoch_(epoch),
      allocator_(std::make_unique<hierarchical::HierarchicalAllocator>(Nothing{}, host_)),
      machine_(configuration(epoch, seed), around.timeline.now()) {
  around_.network.add(*this);
  around_.network.listen("master", id);
}

void MasterNode::received_from(PeerId peer, Message message) {
  step(master::Received{peer, std::move(message)});
}

void MasterNode::peer_lost(PeerId peer) {
  step(master::PeerLost{peer});
}

void MasterNode::step(master::Input input) {
  machine_.step(around_.timeline.now(), std::move(input), outbox_);
}

void MasterNode::end_turn() {
  machine_.advance(around_.timeline.now(), outbox_);
  carry_out();
  flush();
  check();
  alarm_.set(machine_.next_deadline());
}

// Carries out in order; answers that come at once are stepped and what follows is carried out too.
void MasterNode::carry_out() {
  while (!outbox_.empty()) {
    for (master::Output& output : std::exchange(outbox_, {})) {
      if (auto* sent = std::get_if<master::Send>(&output)) {
        send(sent->peer, std::move(sent->message));
      } else if (const auto* cut = std::get_if<master::Disconnect>(&output)) {
        flush();
        around_.network.disconnect(cut->peer);
      } else if (const auto* asked = std::get_if<master::Authenticate>(&output)) {
        AuthenticationAnswer answer;
        answer.state = AuthenticationState::accepted;
        answer.principal = asked->token.principal;
        step(master::Authenticated{asked->peer, std::move(answer)});
      } else if (const auto* call = std::get_if<master::Allocate>(&output)) {
        allocate(call->request);
      } else if (const auto* event = std::get_if<Event>(&output)) {
        if (event->name == "allocation_refused") around_.witness.accuse(to_text(*event));
      }
    }
    machine_.advance(around_.timeline.now(), outbox_);
  }
}

void MasterNode::send(PeerId peer, Message message) {
  if (const auto* offers = std::get_if<Offers>(&message)) {
    for (const Offer& offer : offers->offers) around_.witness.offer_made(epoch_, offer.id);
  }
  if (frames_.empty() || frames_.back().first != peer) frames_.push_back({peer, {}});
  frames_.back().second.push_back(std::move(message));
}

void MasterNode::flush() {
  for (const auto& [peer, messages] : std::exchange(frames_, {})) {
    around_.network.send_to(peer, messages);
  }
}

void MasterNode::allocate(const AllocateRequest& request) {
  Result<AllocateResponse> response = allocator_->allocate(request);
  if (!response) return around_.witness.accuse("the allocator says: " + response.error().message);
  ledger_.told(request.changes);
  ledger_.answered(*response);
  if (!around_.chance(around_.torments.slow_allocations)) {
    return step(master::Allocated{std::move(response)});
  }
  allocation_late_ = true;
  around_.timeline.in(around_.between(1ms, 50ms), [network = &around_.network, node = id,
                                                   response = std::move(response)]() mutable {
    auto* self = static_cast<MasterNode*>(network->find(node));
    if (self == nullptr) return;
    self->allocation_late_ = false;
    self->step(master::Allocated{std::move(response)});
    self->end_turn();
  });
}

// ---- what must hold
// ------------------------------------------------------------------------------

void MasterNode::check() {
  machine_.check_invariants();
  if (!ledger_.problem().empty()) around_.witness.accuse(ledger_.problem());
  // While changes wait to be told, or an answer to be heard, the two books differ for good reason.
  const auto& allocation = machine_.state().allocation;
  if (!allocation_late_ && !allocation.next_call(around_.timeline.now())) check_books();
}

void MasterNode::check_books() const {
  std::map<Ledger::Key, Resources> booked;
  machine_.state().agents.for_each([&](const master::Agent& agent) {
    for (const master::OfferRecord& offer : agent.offers) {
      booked[{agent.handle, offer.framework->handle, offer.role}] += offer.resources;
    }
    for (const master::Task& task : agent.tasks) {
      if (is_terminal(task.state)) continue;
      booked[{agent.handle, task.framework->handle, task.role}] += task.resources;
    }
    for (const auto& [key, executor] : agent.executors) {
      booked[{agent.handle, key.first, executor.role}] += executor.resources;
    }
  });
  std::erase_if(booked, [](const auto& entry) { return entry.second.empty(); });
  if (booked != ledger_.held()) {
    around_.witness.accuse("master and allocator differ on who holds what");
  }
}

}  // namespace mesolite::simulation
