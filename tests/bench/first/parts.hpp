// The parts of the group `first`. Each adds its figures, or throws if it cannot measure.
#pragma once

#include "tests/bench/report.hpp"

namespace mesolite::bench {

// posix_spawn of /bin/true, one after the other; a ZeroMQ round trip over loopback.
void measure_yardsticks(Figures& figures);
// On an idle cluster of one agent: from the start of a driver (connecting and registering included)
// to its first offer; from launching a task to hearing that it runs.
void measure_latencies(Figures& figures);
// 200 MB of text on a cluster of three agents, beside a hand-written count in one thread.
void measure_word_count(Figures& figures);

}  // namespace mesolite::bench
