// Removals: how fast agents are given up. A master that has lost its network sees all of its agents
// as lost; a limit gives people the time to notice before every task of the cluster is moved.
#pragma once

#include <deque>
#include <optional>

#include "kernel/master/deadlines.hpp"
#include "kernel/master/records.hpp"

namespace mesolite::master {

class Removals {
 public:
  // The least time between two; zero: there is no limit.
  explicit Removals(Duration interval) : interval_(interval) {}

  bool limited() const { return interval_ > Duration::zero(); }
  bool waiting() const { return !waiting_.empty(); }

  // Whether one may be removed now; if so, it counts. Who was here before goes first.
  bool admit(Time now) {
    if (!limited()) return true;
    if (waiting() || now < next_) return false;
    next_ = after(now, interval_);
    return true;
  }
  // It waits for its turn. It may come back meanwhile: whoever takes it looks.
  void add(AgentHandle agent) { waiting_.push_back(agent); }
  AgentHandle take(Time now) {
    const AgentHandle agent = waiting_.front();
    waiting_.pop_front();
    next_ = after(now, interval_);
    return agent;
  }
  // Of one that turned out not to need its turn.
  void skip() { waiting_.pop_front(); }
  AgentHandle front() const { return waiting_.front(); }

  // When the next turn comes; none if nobody waits.
  std::optional<Time> next() const { return waiting() ? std::optional(next_) : std::nullopt; }

 private:
  const Duration interval_;
  Time next_{Duration::min()};
  std::deque<AgentHandle> waiting_;
};

}  // namespace mesolite::master
