// ModuleCaller: how the kernel thread calls a module without waiting for another process.
//
// A module of our own process is called at once. One in a process of its own is called by a thread
// that waits in our place, and the answer comes in a later turn; calls stay in order.
#pragma once

#include <optional>
#include <utility>

#include "kernel/modules/hosted.hpp"
#include "kernel/runtime/worker.hpp"
#include "mesolite/base/check.hpp"
#include "sdk/net/reactor.hpp"

namespace mesolite::runtime {

template <class Kind>
class ModuleCaller {
 public:
  // `reactor` is the kernel thread's, and outlives the caller.
  ModuleCaller(modules::Hosted<Kind> hosted, net::Reactor& reactor)
      : hosted_(std::move(hosted)), reactor_(reactor) {
    if (hosted_.process != nullptr) worker_.emplace("module", calls_waiting_max);
  }

  const modules::Hosted<Kind>& hosted() const { return hosted_; }

  // Calls ask(module, process), and on the kernel thread done(its answer). What they hold is
  // copyable. [kernel thread]
  template <class Ask, class Done>
  void call(Ask ask, Done done) {
    if (!worker_) return done(ask(*hosted_.module, hosted_.process));
    const bool taken = worker_->post([this, ask = std::move(ask), done = std::move(done)] {
      reactor_.post([done, answer = ask(*hosted_.module, hosted_.process)]() mutable {
        done(std::move(answer));
      });
    });
    MESOLITE_CHECK(taken, "what is asked of modules is limited by who asks");
  }

 private:
  // More than there can be: one allocation, and an authentication and its end for each peer.
  static constexpr std::size_t calls_waiting_max = 1'000'000;

  modules::Hosted<Kind> hosted_;
  net::Reactor& reactor_;
  std::optional<Worker> worker_;  // last: what it calls outlives it
};

}  // namespace mesolite::runtime
