#include "kernel/runtime/allocator_seat.hpp"

#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::runtime {
namespace {

// The machine asks for one candidate at a time; it or its predecessor is to be let go of.
constexpr std::size_t loads_waiting_max = 2;

}  // namespace

AllocatorSeat::AllocatorSeat(std::string name, modules::Hosted<Allocator> first, Load load,
                             net::Reactor& reactor, Step step)
    : reactor_(reactor),
      step_(std::move(step)),
      load_(std::move(load)),
      name_(std::move(name)),
      loader_("module-loader", loads_waiting_max) {
  serve(std::make_unique<Caller>(std::move(first), reactor_));
}

void AllocatorSeat::serve(std::unique_ptr<Caller> allocator) {
  serving_ = std::move(allocator);
  const std::uint64_t serial = ++serial_;
  if (serving_->hosted().process == nullptr) return;
  serving_->hosted().process->on_fresh(
      [this, serial] { reactor_.post([this, serial] { started_again(serial); }); });
}

void AllocatorSeat::started_again(std::uint64_t serial) {
  if (serial != serial_) return;
  // A call may have found it, and brought it up to date, before we heard.
  if (!serving_->hosted().process->current()) step_(master::AllocatorStarted{});
}

void AllocatorSeat::perform(master::Allocate& allocate) {
  Caller& asked = allocate.candidate ? *candidate_ : *serving_;
  asked.call(
      [request = std::move(allocate.request), rebuild = allocate.rebuild](
          Allocator& allocator, modules::ProcessInstance* process) {
        if (rebuild && process != nullptr) process->resume();
        master::Allocated answer{allocator.allocate(request)};
        answer.forgotten = !answer.response && process != nullptr && !process->current();
        return answer;
      },
      [this](master::Allocated answer) { step_(std::move(answer)); });
}

void AllocatorSeat::perform(master::Explain& explain) {
  serving_->call(
      [number = explain.number, request = std::move(explain.request)](Allocator& allocator, auto*) {
        return master::Explained{number, allocator.explain(request)};
      },
      [this](master::Explained answer) { step_(std::move(answer)); });
}

void AllocatorSeat::perform(master::LoadAllocator& load) {
  candidate_name_ = load.name.empty() ? name_ : load.name;
  const bool taken = loader_.post([this, name = candidate_name_] {
    // What is posted has to be copyable.
    auto loaded = std::make_shared<Result<modules::Hosted<Allocator>>>(load_(name));
    reactor_.post([this, loaded] {
      if (!*loaded) return step_(master::AllocatorLoaded{tl::unexpected(loaded->error())});
      std::string title = (*loaded)->title;
      candidate_ = std::make_unique<Caller>(std::move(**loaded), reactor_);
      step_(master::AllocatorLoaded{std::move(title)});
    });
  });
  MESOLITE_CHECK(taken, "the machine asks for one candidate at a time");
}

void AllocatorSeat::perform(master::SeatAllocator& seat) {
  if (!seat.adopt) return retire(std::move(candidate_));
  name_ = std::move(candidate_name_);
  retire(std::move(serving_));
  serve(std::move(candidate_));
}

void AllocatorSeat::retire(std::unique_ptr<Caller> allocator) {
  (void)loader_.post([retired = std::shared_ptr<Caller>(std::move(allocator))] {});
}

}  // namespace mesolite::runtime
