#include "tests/bench/master/lone_master.hpp"

#include <ctime>

#include "mesolite/base/check.hpp"
#include "modules/allocators/hierarchical/hierarchical.hpp"

namespace mesolite::bench {

namespace {

master::Configuration configuration(std::uint64_t epoch) {
  master::Configuration settings;
  settings.info.id = "master";
  settings.info.cluster = "c";
  settings.info.epoch = epoch;
  settings.minimum_allocatable = {*Resources::parse("cpus:0.01"), *Resources::parse("mem:32")};
  return settings;
}

}  // namespace

Duration cpu_time() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return Duration(spent.tv_sec * 1'000'000'000LL + spent.tv_nsec);
}

LoneMaster::LoneMaster(std::uint64_t epoch)
    : allocator_(std::make_unique<hierarchical::HierarchicalAllocator>(Nothing{}, host_)),
      machine_(configuration(epoch), now_) {}

std::vector<LoneMaster::Frame> LoneMaster::turn(const std::vector<Frame>& frames) {
  const Duration begin = cpu_time();
  const Duration allocator_before = allocator_time_;
  now_ += 1ms;
  for (const Frame& frame : frames) take(frame);
  machine_.advance(now_, outbox_);
  carry_out();
  std::vector<Frame> left;
  for (auto& [peer, builder] : std::exchange(leaving_, {})) {
    left.emplace_back(peer, builder.take());
  }
  machine_time_ += cpu_time() - begin - (allocator_time_ - allocator_before);
  return left;
}

void LoneMaster::settle() {
  do {
    turn({});
  } while (machine_.next_deadline() && *machine_.next_deadline() <= now_);
}

void LoneMaster::take(const Frame& frame) {
  Result<net::FrameReader> reader = net::FrameReader::open(frame.second);
  MESOLITE_CHECK(reader.has_value(), "the bench makes good frames");
  while (!reader->at_end()) {
    auto item = reader->next();
    MESOLITE_CHECK(item.has_value() && item->known, "the bench writes good messages");
    machine_.step(now_, master::Received{frame.first, std::move(item->message)}, outbox_);
  }
}

void LoneMaster::carry_out() {
  while (!outbox_.empty()) {
    for (master::Output& output : std::exchange(outbox_, {})) perform(output);
    machine_.advance(now_, outbox_);
  }
}

void LoneMaster::perform(const master::Output& output) {
  if (const auto* sent = std::get_if<master::Send>(&output)) {
    if (leaving_.empty() || leaving_.back().first != sent->peer) {
      leaving_.emplace_back(sent->peer, net::FrameBuilder(1));
    }
    MESOLITE_CHECK(leaving_.back().second.add(sent->message).has_value(), "messages are small");
  } else if (const auto* asked = std::get_if<master::Authenticate>(&output)) {
    AuthenticationAnswer answer;
    answer.state = AuthenticationState::accepted;
    machine_.step(now_, master::Authenticated{asked->peer, std::move(answer)}, outbox_);
  } else if (const auto* call = std::get_if<master::Allocate>(&output)) {
    allocate(call->request);
  } else if (const auto* record = std::get_if<master::Persist>(&output)) {
    machine_.step(now_, master::Persisted{record->number}, outbox_);
  }
}

void LoneMaster::allocate(const AllocateRequest& request) {
  const Duration begin = cpu_time();
  Result<AllocateResponse> response = allocator_->allocate(request);
  allocator_time_ += cpu_time() - begin;
  machine_.step(now_, master::Allocated{std::move(response)}, outbox_);
}

}  // namespace mesolite::bench
