// SnapshotExchange: how readers on other threads get a copy of a machine's state without the
// machine ever waiting for them.
//
// A reader is answered at once with the last snapshot if that is young enough. Else it waits while
// the kernel thread takes a new one, one for all who wait, and a worker hands it out: what readers
// make of it (a page, JSON) costs the kernel thread nothing.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "kernel/runtime/worker.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::runtime {

template <class Snapshot>
class SnapshotExchange {
 public:
  using Shared = std::shared_ptr<const Snapshot>;
  using Ready = std::function<void()>;

  struct Hooks {
    std::function<Time()> now;                        // [any thread]
    std::function<void(std::function<void()>)> post;  // to the kernel thread
    std::function<Snapshot()> take;                   // [kernel thread]
  };

  // A snapshot older than `age_max` is not handed out, nor is the kernel thread busy with them for
  // more than a tenth of its time: one that takes long to take is young for longer. `worker`
  // outlives the exchange.
  SnapshotExchange(Hooks hooks, Worker& worker, Duration age_max)
      : hooks_(std::move(hooks)), worker_(worker), age_max_(age_max) {}
  SnapshotExchange(const SnapshotExchange&) = delete;
  SnapshotExchange& operator=(const SnapshotExchange&) = delete;

  // The last snapshot, however old; null before the first. [any thread]
  Shared latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
  }

  // Calls `ready` once latest() is young enough, on this thread or on the worker's. If the kernel
  // thread ends first, `ready` goes away uncalled. [any thread]
  void refresh(Ready ready) {
    bool young = false;
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      young = latest_ && hooks_.now() - taken_at_ < std::max(age_max_, pause_);
      if (!young) {
        first = waiting_.empty();
        waiting_.push_back(std::move(ready));
      }
    }
    if (young) return ready();
    if (first) hooks_.post([this] { take(); });
  }

  // Takes a snapshot now and tells all who wait. [kernel thread]
  void take() {
    const Time begin = hooks_.now();
    auto snapshot = std::make_shared<const Snapshot>(hooks_.take());
    std::vector<Ready> told;
    {
      const std::lock_guard lock(mutex_);
      latest_.swap(snapshot);
      taken_at_ = hooks_.now();
      pause_ = (taken_at_ - begin) * 9;
      told.swap(waiting_);
    }
    // The worker also frees the snapshot of before, which may be large.
    worker_.post([before = std::move(snapshot), told = std::move(told)] {
      for (const Ready& ready : told) ready();
    });
  }

 private:
  const Hooks hooks_;
  Worker& worker_;
  const Duration age_max_;
  // Guards what follows: the last snapshot (immutable once stored), who waits for the next and from
  // when on that may be taken. Held for a few pointer moves only, so the kernel thread never waits
  // for a reader's work.
  mutable std::mutex mutex_;
  Shared latest_;
  Time taken_at_{};
  Duration pause_{0};
  std::vector<Ready> waiting_;
};

}  // namespace mesolite::runtime
