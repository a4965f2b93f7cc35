// The parts of the bench `end_to_end`: real processes, a master and agents as they are installed.
// Each adds its figures, or throws if it cannot measure.
#pragma once

#include <stdexcept>

#include "mesolite/framework/driver.hpp"
#include "tests/bench/report.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::bench {

// One way over loopback through bare ZeroMQ sockets, 1 KiB each: what any bus could reach.
void measure_wire(Figures& figures);
// Tiny tasks through one scheduler, three agents and one executor an agent: launched, finished,
// acknowledged. 1,000 at a time on each agent; all at once; all at once on one agent; one at a
// time.
void measure_tasks(Figures& figures);
// From the end of a task, as its executor saw it, to the offer in the hands of another framework.
void measure_freed(Figures& figures);

// Of the bench's executor (executor.cpp), which reads it in its tasks' data: run until killed, and
// say in the data of the last update when that was.
inline constexpr std::string_view hold = "hold";

// The executor of the bench as a framework describes it.
ExecutorInfo bench_executor();
SchedulerOptions scheduler_options(const std::string& master, const std::string& name);
void start(MesosSchedulerDriver& driver);

}  // namespace mesolite::bench
