// Deadlines: what shall be looked at when. A heap with lazy deletion: nothing is ever taken out
// early. Whoever sets a deadline remembers its time, and an entry whose time is no longer the
// remembered one is stale and means nothing.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

#include "mesolite/base/time.hpp"

namespace mesolite::master {

enum class DeadlineKind : std::uint8_t {
  peer,       // its greeting takes too long, or its next ping is due
  agent,      // disconnected for too long
  framework,  // its scheduler did not come back
  removal,    // the next lost agent may be taken off the books
  drain,      // an agent should be empty by now
  rate,       // a message that has waited may go
};

struct Deadline {
  Time when{};
  DeadlineKind kind = DeadlineKind::peer;
  // PeerId, AgentHandle, FrameworkHandle or the number of a meter; none for removal.
  std::uint64_t subject = 0;

  friend bool operator==(const Deadline&, const Deadline&) = default;
};

class Deadlines {
 public:
  void add(Deadline deadline) {
    heap_.push_back(deadline);
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  std::optional<Deadline> next() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front();
  }

  void pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    heap_.pop_back();
  }

 private:
  // Total, so that deadlines of the same moment fire in an order that does not depend on the heap.
  static bool later(const Deadline& a, const Deadline& b) {
    return std::tie(a.when, a.kind, a.subject) > std::tie(b.when, b.kind, b.subject);
  }

  std::vector<Deadline> heap_;
};

// now + wait, or the end of time if that lies beyond it.
inline Time after(Time now, Duration wait) {
  const Duration since_epoch = now.time_since_epoch();
  if (wait > Duration::max() - since_epoch) return Time(Duration::max());
  return now + wait;
}

}  // namespace mesolite::master
