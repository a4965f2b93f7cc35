// What a large cluster costs its master: agents that come in all at once, for the first time or
// back with their tasks after the master's failure; and the memory that all of them take.
//
// The master machine with its codec and its allocator, in one thread; who sends the frames is not
// counted. CPU seconds, so that a busy machine measures the same.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "tests/bench/master/fleet.hpp"
#include "tests/bench/report.hpp"

namespace mesolite::bench {
namespace {

constexpr std::size_t frames_per_turn = 64;
constexpr double mebibyte = 1 << 20;

// Lets `count` parties say their frame, so many a turn.
template <class MakeFrame>
void all_say(LoneMaster& master, std::size_t count, MakeFrame&& make_frame) {
  for (std::size_t begin = 0; begin < count; begin += frames_per_turn) {
    std::vector<LoneMaster::Frame> frames;
    for (std::size_t i = begin; i < std::min(count, begin + frames_per_turn); ++i) {
      frames.push_back(make_frame(i));
    }
    master.turn(frames);
  }
}

void schedulers_come(LoneMaster& master, const Fleet& fleet, bool returning) {
  const std::size_t count = fleet.size().frameworks;
  all_say(master, count, [&](std::size_t i) { return fleet.scheduler_hello(i); });
  all_say(master, count, [&](std::size_t i) { return fleet.scheduler_subscribes(i, returning); });
}

void agents_come(LoneMaster& master, const Fleet& fleet, bool returning) {
  const std::size_t count = fleet.size().agents;
  all_say(master, count, [&](std::size_t i) { return fleet.agent_hello(i); });
  all_say(master, count, [&](std::size_t i) { return fleet.agent_registers(i, returning); });
  master.settle();
}

void expect(const LoneMaster& master, std::size_t agents, std::size_t tasks) {
  const ClusterSnapshot cluster = master.machine().snapshot(Time(Duration(2'000'000s)));
  const auto active = std::count_if(
      cluster.agents.begin(), cluster.agents.end(),
      [](const AgentSnapshot& agent) { return agent.condition == AgentCondition::active; });
  if (static_cast<std::size_t>(active) == agents && cluster.tasks.size() == tasks) return;
  throw std::runtime_error("the master knows " + std::to_string(active) + " agents and " +
                           std::to_string(cluster.tasks.size()) + " tasks");
}

// ---- time
// ----------------------------------------------------------------------------------------

void measure_registration(Figures& figures) {
  LoneMaster master(1);
  const Fleet fleet({.agents = 40'000});
  schedulers_come(master, fleet, false);
  agents_come(master, fleet, false);
  expect(master, 40'000, 0);
  figures["register_s_40000"] = to_seconds(master.machine_time());
  figures["register_allocator_s_40000"] = to_seconds(master.allocator_time());
}

void measure_failover(Figures& figures) {
  LoneMaster master(2);
  const Fleet fleet({.agents = 40'000, .tasks_per_agent = 10});
  agents_come(master, fleet, true);
  schedulers_come(master, fleet, true);
  master.settle();
  expect(master, 40'000, 400'000);
  figures["reregister_s_40000x400000"] = to_seconds(master.machine_time());
  figures["reregister_allocator_s_40000x400000"] = to_seconds(master.allocator_time());
}

// ---- memory
// --------------------------------------------------------------------------------------

double resident_mb() {
  ::malloc_trim(0);
  std::ifstream in("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  in >> pages >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / mebibyte;
}

void measure_memory(Figures& figures) {
  const double before = resident_mb();
  LoneMaster master(2);
  const Fleet fleet({.agents = 50'000, .tasks_per_agent = 10});
  agents_come(master, fleet, true);
  schedulers_come(master, fleet, true);
  master.settle();
  figures["rss_mb_50000x500000"] = resident_mb() - before;
  const Duration begin = cpu_time();
  expect(master, 50'000, 500'000);
  figures["snapshot_s_50000x500000"] = to_seconds(cpu_time() - begin);
}

void measure_memory_per_agent(Figures& figures) {
  const double before = resident_mb();
  LoneMaster master(1);
  const Fleet fleet({.agents = 50'000});
  schedulers_come(master, fleet, false);
  agents_come(master, fleet, false);
  const double agents = resident_mb() - before;
  constexpr double kibibytes = 1024;
  figures["rss_kb_per_agent"] = agents * kibibytes / 50'000;
}

Figures measure() {
  Figures figures;
  measure_memory(figures);  // first: nobody has left memory behind that it could use
  measure_memory_per_agent(figures);
  const double kibibytes = 1024;
  figures["rss_kb_per_task"] =
      (figures["rss_mb_50000x500000"] - figures["rss_kb_per_agent"] * 50'000 / kibibytes) *
      kibibytes / 500'000;
  measure_registration(figures);
  measure_failover(figures);
  return figures;
}

}  // namespace
}  // namespace mesolite::bench

int main(int count, char** arguments) {
  return mesolite::bench::report(count, arguments, mesolite::bench::measure);
}
