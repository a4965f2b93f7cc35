// Timeline: virtual time, and what happens when. What is due at the same moment happens in the
// order in which it was planned.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "mesolite/base/time.hpp"

namespace mesolite::simulation {

inline constexpr Time simulation_start{Duration(1'000'000s)};

class Timeline {
 public:
  Time now() const { return now_; }

  void at(Time when, std::function<void()> work) {
    events_.push({std::max(when, now_), ++sequence_, std::move(work)});
  }
  void in(Duration wait, std::function<void()> work) { at(now_ + wait, std::move(work)); }

  // Lets the next thing happen, if it happens before `end`.
  bool step(Time end) {
    if (events_.empty() || events_.top().when >= end) {
      now_ = std::max(now_, end);
      return false;
    }
    // The queue hands out const references only; the work is moved out just before it is popped.
    Event event = std::move(const_cast<Event&>(events_.top()));
    events_.pop();
    now_ = event.when;
    event.work();
    return true;
  }

 private:
  struct Event {
    Time when{};
    std::uint64_t sequence = 0;
    std::function<void()> work;

    bool operator<(const Event& other) const {
      return std::pair(when, sequence) > std::pair(other.when, other.sequence);
    }
  };

  Time now_ = simulation_start;
  std::uint64_t sequence_ = 0;
  std::priority_queue<Event> events_;
};

}  // namespace mesolite::simulation
