// Deadlines: what shall be looked at when.
//
// Whoever sets a deadline keeps its handle and cancels with it, so that nothing stale is left:
// tens of thousands of updates a second are each given a deadline that is almost never reached.
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "mesolite/base/check.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::agent {

// Due: a value that says what is due. Deadlines of one moment fire in the order they were set.
template <class Due>
class Deadlines {
  using Queue = std::multimap<Time, Due>;

 public:
  class Handle {
   public:
    bool is_set() const { return entry_.has_value(); }
    // REQUIRES: is_set().
    Time when() const { return (*entry_)->first; }

   private:
    friend class Deadlines;
    std::optional<typename Queue::iterator> entry_;
  };

  // Replaces what the handle stood for. The handle stays where it is until it fires or is
  // cancelled.
  void set(Handle& handle, Time when, Due due) {
    cancel(handle);
    // Most deadlines are the latest so far.
    handle.entry_ = queue_.emplace_hint(queue_.end(), when, std::move(due));
  }

  void cancel(Handle& handle) {
    if (!handle.entry_) return;
    queue_.erase(*handle.entry_);
    handle.entry_.reset();
  }

  std::optional<Time> next() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first;
  }

  // What is due first, if it is due at `now`. It stays until its handle is cancelled or set anew.
  const Due* due(Time now) const {
    if (queue_.empty() || queue_.begin()->first > now) return nullptr;
    return &queue_.begin()->second;
  }

  std::size_t size() const { return queue_.size(); }

 private:
  Queue queue_;
};

// now + wait, or the end of time if that lies beyond it.
inline Time after(Time now, Duration wait) {
  if (wait > Duration::max() - now.time_since_epoch()) return Time(Duration::max());
  return now + wait;
}

}  // namespace mesolite::agent
