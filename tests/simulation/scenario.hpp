// Scenario: what a run is made of and what goes wrong in it, as a file of tests/simulation/torments
// says it. The seed draws the rest.
//
// A gap is the mean time between two events of a kind, a part is a probability; zero means never.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/random.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"
#include "mesolite/protocol/fields.hpp"

namespace mesolite::simulation {

// A number that each seed draws anew, both ends included: `3` or `[2, 8]` in the file.
struct Range {
  std::uint64_t least = 0;
  std::uint64_t most = 0;

  std::uint64_t draw(Random& random) const { return least + random.below(most - least + 1); }
};

struct ClusterShape {
  Range agents{2, 8};
  Range schedulers{1, 4};
  std::vector<std::string> allocators{"hierarchical", "fifo", "weighted-random", "best-fit",
                                      "capacity"};  // drawn at each start of a master
  Duration torment_time{20s};                       // for so long things go wrong
  Duration converge_time{10min};                    // and in so long all must be well again
  MESOLITE_FIELDS(agents, schedulers, allocators, torment_time, converge_time);
};

struct Work {
  Range tasks_open_max{5, 25};  // of one scheduler
  Range task_time_ms{50, 10'000};
  double groups = 0.1;       // part of launches that live and die together
  double conversions = 0.1;  // part of launches that reserve, make volumes, or undo it, before
  double mistakes = 0.03;    // part of requests that are wrong
  double hesitations = 0.1;  // part of offers that are not answered, or late
  bool operators = true;     // set weights and quota, reserve, drain, ask why
  MESOLITE_FIELDS(tasks_open_max, task_time_ms, groups, conversions, mistakes, hesitations,
                  operators);
};

struct NetworkTorments {
  Duration breaks{0};      // gap of links that break; each end notices in its own time
  Duration cuts{0};        // gap of links of which one direction carries nothing for a while
  Duration partitions{0};  // gap of times in which some agents reach nobody
  Duration partition_max{1min};
  double delays = 0;  // part of frames that take up to `delay_max`
  Duration delay_max{500ms};
  double duplicates = 0;  // part of frames that come twice, of those that may
  MESOLITE_FIELDS(breaks, cuts, partitions, partition_max, delays, delay_max, duplicates);
};

struct CrashTorments {
  Duration hosts{0};              // gap of hosts that die with their agents and all that runs there
  double hosts_forget = 0;        // part of them that come back without what was written there
  Duration agents{0};             // gap of agents that die alone; what they started goes on
  Duration agents_leave{0};       // gap of agents that are asked to end, and are started again
  Duration executors{0};          // gap
  Duration schedulers{0};         // gap
  double schedulers_forget = 0;   // part of them that come back as new frameworks
  double schedulers_overlap = 0;  // part whose successor is there before they are gone
  double schedulers_end = 0;      // part of them that tear their framework down instead
  Duration masters{0};            // gap
  double masters_overlap = 0;     // part whose successor is there before they are gone
  MESOLITE_FIELDS(hosts, hosts_forget, agents, agents_leave, executors, schedulers,
                  schedulers_forget, schedulers_overlap, schedulers_end, masters, masters_overlap);
};

struct HostTorments {
  double launch_fails = 0;          // part of containers that cannot be started
  double terminations_ignored = 0;  // part of containers that do not mind SIGTERM
  double slow_writes = 0;           // part of records that take up to `write_max` to be durable
  Duration write_max{2s};
  Duration clock_offset_max{0};  // between any clock and the true time
  double clock_drift_max = 0;    // how much faster or slower any clock runs
  MESOLITE_FIELDS(launch_fails, terminations_ignored, slow_writes, write_max, clock_offset_max,
                  clock_drift_max);
};

struct AllocatorTorments {
  double late = 0;   // part of answers that come in a later turn
  double fails = 0;  // part of calls that it throws on
  double lies = 0;   // part of answers that give away what is not free
  double dies = 0;   // part of calls in which it ends, and all that it knew with it
  MESOLITE_FIELDS(late, fails, lies, dies);
};

struct Scenario {
  ClusterShape cluster;
  Work work;
  NetworkTorments network;
  CrashTorments crashes;
  HostTorments hosts;
  AllocatorTorments allocator;
  MESOLITE_FIELDS(cluster, work, network, crashes, hosts, allocator);
};

// Fails with a sentence that names the file, the line and the key: unknown keys, wrong types, parts
// outside of 0 to 1 and unknown allocators are refused.
Result<Scenario> parse_scenario(std::string_view toml, std::string_view name);
Result<Scenario> read_scenario(const std::filesystem::path& file);

}  // namespace mesolite::simulation
