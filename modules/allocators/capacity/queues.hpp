// Queues: what the operator has configured of each queue, checked and made absolute. A value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "mesolite/base/result.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite::capacity {

// [modules.capacity]. A queue is a role, its name the role's: "prod", "prod/web".
struct Parameters {
  std::map<std::string, double> capacity;        // percent of its parent that is the queue's share
  std::map<std::string, double> maximum;         // percent of its parent that it never exceeds
  std::map<std::string, std::int64_t> priority;  // the higher the sooner; 0 unless said
  std::string ordering = "fifo";                 // within a queue: "fifo" or "fair"
  MESOLITE_FIELDS(capacity, maximum, priority, ordering);
};

class Queues {
 public:
  // Fails with a sentence that names the queue.
  static Result<Queues> create(const Parameters& parameters);

  // Parts of the whole cluster, from 0 to 1. What is not configured has the share 0.
  double share(std::string_view queue) const;
  double maximum(std::string_view queue) const;
  // What the children of a queue leave of its share to those directly in it.
  double share_left(std::string_view queue) const;
  std::int64_t priority(std::string_view queue) const;
  bool fair() const { return parameters_.ordering == "fair"; }
  // Queues that have a maximum of their own.
  const std::map<std::string, double>& maxima() const { return parameters_.maximum; }

 private:
  Parameters parameters_;
  std::map<std::string, double, std::less<>> children_;  // sum of their capacities; "" is the root
};

}  // namespace mesolite::capacity
