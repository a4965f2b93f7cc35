// Clock: what a host believes the time to be. It never goes back; neither do those of the daemons,
// which read the wall clock once and then count steadily.
#pragma once

#include "mesolite/base/random.hpp"
#include "tests/simulation/scenario.hpp"
#include "tests/simulation/timeline.hpp"

namespace mesolite::simulation {

class Clock {
 public:
  Clock() = default;
  Clock(const HostTorments& torments, Random& random)
      : offset_(static_cast<std::int64_t>(static_cast<double>(torments.clock_offset_max.count()) *
                                          (2 * random.unit() - 1))),
        rate_(1 + torments.clock_drift_max * (2 * random.unit() - 1)) {}

  Time local(Time truly) const { return simulation_start + offset_ + scaled(truly, rate_); }
  // When this clock will show `local`, or a moment later.
  Time truly(Time local) const {
    return simulation_start + scaled(local - offset_, 1 / rate_) + 1us;
  }

 private:
  static Duration scaled(Time moment, double rate) {
    const Duration passed = moment - simulation_start;
    if (rate == 1.0) return passed;
    return Duration(static_cast<std::int64_t>(static_cast<double>(passed.count()) * rate));
  }

  Duration offset_{0};
  double rate_ = 1.0;
};

}  // namespace mesolite::simulation
