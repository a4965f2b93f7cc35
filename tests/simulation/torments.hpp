// Torments: what goes wrong in a run, and how often. A gap is the mean time between two of a kind;
// zero means never.
#pragma once

#include "mesolite/base/time.hpp"

namespace mesolite::simulation {

struct Torments {
  Duration link_breaks{0};    // both ends notice, each in its own time
  Duration link_cuts{0};      // one direction carries nothing for a while; then the link breaks
  Duration agent_crashes{0};  // the host dies with all that runs there; a new agent comes up
  Duration executor_crashes{0};
  Duration scheduler_crashes{0};
  Duration master_crashes{0};    // what it knew is gone; its successor learns it from the others
  double scheduler_forgets = 0;  // part of scheduler crashes after which it comes back as a new one
  double launch_fails = 0;       // part of containers that cannot be started
  double delays = 0;             // part of frames that take up to `delay_max`
  double duplicates = 0;         // part of frames that come twice, of those that may
  double slow_allocations = 0;   // part of allocations that are answered in a later turn
  double terminations_ignored = 0;  // part of containers that do not mind SIGTERM
  Duration delay_max{500ms};
};

}  // namespace mesolite::simulation
