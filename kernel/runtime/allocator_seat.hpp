// AllocatorSeat: the allocator that serves a master, and the candidate for its place. Carries out
// what the master machine says about them and steps the answers into it.
//
// Used by the kernel thread; loading happens on a thread of its own, and so do calls to an
// allocator in another process.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "kernel/master/io.hpp"
#include "kernel/runtime/module_caller.hpp"

namespace mesolite::runtime {

class AllocatorSeat {
 public:
  // Loads an allocator beside the one that serves. [worker thread]
  using Load = std::function<Result<modules::Hosted<Allocator>>(const std::string& name)>;
  using Step = std::function<void(master::Input)>;

  // `name` is the first one's. `step` takes what comes of it into the machine.
  AllocatorSeat(std::string name, modules::Hosted<Allocator> first, Load load,
                net::Reactor& reactor, Step step);

  void perform(master::Allocate& allocate);
  void perform(master::LoadAllocator& load);
  void perform(master::SeatAllocator& seat);
  void perform(master::Explain& explain);

 private:
  using Caller = ModuleCaller<Allocator>;

  void serve(std::unique_ptr<Caller> allocator);
  // Lets it go without waiting for the end of its process, or of a question that it was asked.
  void retire(std::unique_ptr<Caller> allocator);
  void started_again(std::uint64_t serial);

  net::Reactor& reactor_;
  const Step step_;
  const Load load_;
  std::string name_;
  std::unique_ptr<Caller> serving_;
  std::uint64_t serial_ = 0;  // of the one that serves: what an earlier one says is past
  std::string candidate_name_;
  std::unique_ptr<Caller> candidate_;
  Worker loader_;  // last: it may be at work
};

}  // namespace mesolite::runtime
