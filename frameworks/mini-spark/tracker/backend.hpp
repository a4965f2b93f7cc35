// Backend: what runs tasks: threads of this process, or workers on a cluster.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "frameworks/mini-spark/tracker/job_tracker.hpp"

namespace mesolite::spark {

// All members may be called from any thread, never with a lock of the driver's core held.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual void wake() = 0;  // there may be tasks to run
  virtual void kill(ExecutorNumber executor, std::uint64_t serial) = 0;
  virtual void forget_shuffle(std::uint64_t shuffle) = 0;
  virtual void forget_cached(std::uint64_t rdd) = 0;
  virtual std::uint32_t slots() const = 0;  // tasks at a time, as far as is known
  // Makes the stages ready to be sent; why one cannot be, or nothing.
  virtual std::string refusal(std::vector<PlannedStage>&) { return {}; }
};

}  // namespace mesolite::spark
