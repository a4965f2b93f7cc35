#include "tests/simulation/master_node.hpp"

#include <algorithm>
#include <utility>

#include "kernel/master/state.hpp"
#include "mesolite/base/check.hpp"
#include "tests/simulation/allocators.hpp"

namespace mesolite::simulation {

namespace {

master::Configuration master_configuration(const MasterNode::Settings& settings) {
  master::Configuration result;
  result.info.id = "master-" + std::to_string(settings.epoch);
  result.info.cluster = "c";
  result.info.epoch = settings.epoch;
  result.seed = settings.seed;
  result.agent_ping_timeout = 2s;
  result.agent_reregister_timeout = 40s;
  result.framework_ping_interval = 2s;
  result.hello_timeout = 5s;
  result.offer_timeout = 20s;
  result.minimum_allocatable = {*Resources::parse("cpus:0.01"), *Resources::parse("mem:32")};
  return result;
}

master::Durable left_behind(const Disk& disk) {
  master::Durable durable;
  durable.complete = true;
  for (const auto& [key, value] : disk.records()) {
    MESOLITE_CHECK(durable.add(key, value.view()).has_value(), "a record can be read again");
  }
  return durable;
}

std::string difference_of(const Ledger::Holdings& master, const Ledger::Holdings& allocator) {
  for (const Ledger::Holdings* books : {&master, &allocator}) {
    for (const auto& [key, resources] : *books) {
      const auto in = [&key = key](const Ledger::Holdings& other) {
        const auto found = other.find(key);
        return found == other.end() ? Resources() : found->second;
      };
      if (in(master) == in(allocator)) continue;
      return "on agent " + std::to_string(std::get<0>(key).value) + " framework " +
             std::to_string(std::get<1>(key).value) + " in role " +
             std::to_string(std::get<2>(key).value) + " holds " + in(master).to_text() +
             ", says the master, and " + in(allocator).to_text() + ", says the allocator";
    }
  }
  return "";
}

}  // namespace

MasterNode::MasterNode(Surroundings& around, Settings settings, Disk& disk)
    : around_(around),
      settings_(std::move(settings)),
      clock_(around.scenario.hosts, around.random),
      disk_(disk),
      allocator_(fresh_allocator()),
      machine_(master_configuration(settings_), now(), left_behind(disk)),
      order_([this](master::Output output) { leave(std::move(output)); }) {
  around_.network.add(*this);
  around_.network.listen("master", id);
}

MasterNode::~MasterNode() {
  around_.network.remove(*this);
}

void MasterNode::received_from(PeerId peer, Message message) {
  step(master::Received{peer, std::move(message)});
}

void MasterNode::peer_lost(PeerId peer) {
  step(master::PeerLost{peer});
}

void MasterNode::step(master::Input input) {
  machine_.step(now(), std::move(input), outbox_);
}

void MasterNode::end_turn() {
  machine_.advance(now(), outbox_);
  carry_out();
  flush();
  check();
  alarm_.set(machine_.next_deadline());
}

// ---- what comes out
// ------------------------------------------------------------------------------

// Carries out in order; answers that come at once are stepped and what follows is carried out too.
void MasterNode::carry_out() {
  while (!outbox_.empty()) {
    for (master::Output& output : std::exchange(outbox_, {})) {
      const bool leaves = std::holds_alternative<master::Send>(output) ||
                          std::holds_alternative<master::Disconnect>(output);
      leaves ? order_.add(std::move(output)) : perform(output);
    }
    machine_.advance(now(), outbox_);
  }
}

void MasterNode::perform(master::Output& output) {
  if (const auto* asked = std::get_if<master::Authenticate>(&output)) {
    AuthenticationAnswer answer;
    answer.state = AuthenticationState::accepted;
    answer.principal = asked->token.principal;
    step(master::Authenticated{asked->peer, std::move(answer)});
  } else if (const auto* call = std::get_if<master::Allocate>(&output)) {
    allocate(*call);
  } else if (const auto* question = std::get_if<master::Explain>(&output)) {
    explain(*question);
  } else if (std::holds_alternative<master::LoadAllocator>(output)) {
    load_candidate();
  } else if (const auto* seat = std::get_if<master::SeatAllocator>(&output)) {
    if (seat->adopt) allocator_ = std::move(candidate_);
    candidate_.reset();
  } else if (auto* record = std::get_if<master::Persist>(&output)) {
    persist(*record);
  } else if (const auto* event = std::get_if<Event>(&output)) {
    noted(*event);
  }
}

void MasterNode::leave(master::Output output) {
  if (auto* sent = std::get_if<master::Send>(&output)) {
    send(sent->peer, std::move(sent->message));
  } else if (const auto* cut = std::get_if<master::Disconnect>(&output)) {
    flush();
    around_.network.disconnect(cut->peer);
  }
}

void MasterNode::send(PeerId peer, Message message) {
  if (const auto* offers = std::get_if<Offers>(&message)) {
    for (const Offer& offer : offers->offers) {
      around_.witness.offer_made(settings_.epoch, offer.id);
    }
  }
  if (frames_.empty() || frames_.back().first != peer) frames_.push_back({peer, {}});
  frames_.back().second.push_back(std::move(message));
}

void MasterNode::flush() {
  for (const auto& [peer, messages] : std::exchange(frames_, {})) {
    around_.network.send_to(peer, messages);
  }
}

void MasterNode::noted(const Event& event) const {
  around_.happened(name_, event);
  if (event.name == "framework_removed") {
    around_.witness.framework_ends(FrameworkId(event.fields.front().second));
  }
  const bool allocator_lies = around_.scenario.allocator.lies > 0;
  if (event.name == "allocation_refused" && !allocator_lies) {
    around_.witness.accuse(to_text(event));
  }
}

// ---- effects
// -------------------------------------------------------------------------------------

std::unique_ptr<FaultyAllocator> MasterNode::fresh_allocator() {
  const auto& names = settings_.allocators;
  return std::make_unique<FaultyAllocator>(
      around_, make_allocator(names[around_.random.below(names.size())], host_));
}

void MasterNode::later(Duration wait, std::function<void(MasterNode&)> work) {
  around_.timeline.in(wait, [network = &around_.network, node = id, work = std::move(work)] {
    auto* self = static_cast<MasterNode*>(network->find(node));
    if (self == nullptr) return;
    work(*self);
    self->end_turn();
  });
}

void MasterNode::allocate(const master::Allocate& call) {
  allocated_ = true;
  const bool dies = allocator_ == nullptr || around_.chance(around_.scenario.allocator.dies);
  if (dies && !call.candidate) return let_allocator_die();
  Result<AllocateResponse> response =
      (call.candidate ? candidate_ : allocator_)->allocate(call.request);
  if (!around_.chance(around_.scenario.allocator.late)) {
    return step(master::Allocated{std::move(response)});
  }
  answer_awaited_ = true;
  later(around_.between(1ms, 50ms), [response = std::move(response)](MasterNode& self) {
    self.answer_awaited_ = false;
    self.step(master::Allocated{response});
  });
}

void MasterNode::let_allocator_die() {
  if (std::exchange(allocator_, nullptr)) {
    later(around_.between(10ms, 3s), [](MasterNode& self) {
      if (self.allocator_) return;  // another has taken its place
      self.allocator_ = self.fresh_allocator();
      self.step(master::AllocatorStarted{});
    });
  }
  step(master::Allocated{failure("its process has ended"), true});
}

void MasterNode::load_candidate() {
  later(around_.between(1ms, 2s), [](MasterNode& self) {
    if (self.around_.chance(0.2)) {
      return self.step(master::AllocatorLoaded{failure("no such module")});
    }
    self.candidate_ = self.fresh_allocator();
    self.step(master::AllocatorLoaded{std::string("another")});
  });
}

void MasterNode::explain(const master::Explain& call) {
  Result<ExplainAnswer> answer =
      allocator_ ? allocator_->explain(call.request) : failure("its process has ended");
  step(master::Explained{call.number, std::move(answer)});
}

void MasterNode::persist(master::Persist& record) {
  order_.persisting(record.number);
  if (deposed_) return;
  disk_.write(std::move(record.key), std::move(record.value));
  const Time durable = around_.timeline.now() + around_.write_time();
  last_durable_ = std::max(last_durable_, durable);
  later(last_durable_ - around_.timeline.now(), [number = record.number](MasterNode& self) {
    if (self.deposed_) return;
    self.disk_.finish();
    self.step(master::Persisted{number});
    self.order_.durable(number);
  });
}

// ---- what must hold
// ------------------------------------------------------------------------------

void MasterNode::check() {
  machine_.check_invariants();
  // While changes wait to be told, or an answer to be heard, the two books differ for good reason.
  const auto& allocation = machine_.state().allocation;
  if (answer_awaited_ || allocation.next_call(now())) return;
  if (!allocator_ || !allocator_->informed()) return;
  if (std::exchange(allocated_, false)) check_books();
}

void MasterNode::check_books() const {
  Ledger::Holdings booked;
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
  const std::string difference = difference_of(booked, allocator_->ledger().held());
  if (!difference.empty()) around_.witness.accuse(difference);
}

}  // namespace mesolite::simulation
