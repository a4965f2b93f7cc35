#include "tests/bench/processes.hpp"

#include <unistd.h>

#include <fstream>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace mesolite::bench {
namespace {

constexpr const char* own_group = "bench";
const std::vector<std::string> cpu = {"cpu"};

// Those of the agent's isolators: its groups lie in ours in all of their hierarchies.
std::vector<std::string> controllers(const CgroupFs& groups) {
  std::vector<std::string> found;
  for (const char* controller : {"cpu", "cpuacct", "memory", "pids", "cgroup"}) {
    if (groups.version(controller)) found.emplace_back(controller);
  }
  return found;
}

// proc(5): utime, stime, cutime and cstime in ticks, from field 14 on; the name before may hold
// anything.
std::vector<double> processor_ticks(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  std::vector<double> ticks(4);
  for (double& each : ticks) fields >> each;
  if (!fields) throw std::runtime_error("no process " + std::to_string(process));
  return ticks;
}

double to_cpu_seconds(const std::vector<double>& ticks, int count) {
  return std::accumulate(ticks.begin(), ticks.begin() + count, 0.0) /
         static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// A line of the process's status that says kilobytes.
double status_mb(pid_t process, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == name && status >> kilobytes) return kilobytes / 1024;
  }
  throw std::runtime_error("no process " + std::to_string(process));
}

}  // namespace

double cpu_seconds(pid_t process) {
  return to_cpu_seconds(processor_ticks(process), 2);
}

double cpu_seconds_with_children(pid_t process) {
  return to_cpu_seconds(processor_ticks(process), 4);
}

double rss_mb(pid_t process) {
  return status_mb(process, "VmRSS:");
}

double rss_peak_mb(pid_t process) {
  return status_mb(process, "VmHWM:");
}

Precedence::Precedence() : root_("mesolite-bench-" + std::to_string(::getpid())) {
  auto groups = CgroupFs::open({"/sys/fs/cgroup", root_});
  if (!groups) return;
  const bool v2 = groups->version("cpu") == CgroupVersion::v2;
  if (groups->make(own_group, controllers(*groups)) &&
      groups->write("cpu", "", v2 ? "cpu.weight" : "cpu.shares", v2 ? "10000" : "262144") &&
      groups->enter(own_group, cpu, ::getpid())) {
    groups_.emplace(std::move(*groups));
  } else {
    (void)groups->remove("");
  }
}

Precedence::~Precedence() {
  if (!groups_) return;
  const bool v2 = groups_->version("cpu") == CgroupVersion::v2;
  const std::string top = groups_->place().mount + (v2 ? "" : "/cpu");
  std::ofstream(top + "/cgroup.procs") << ::getpid() << std::flush;
  (void)groups_->remove("");
}

std::string Precedence::cgroups_root() const {
  return groups_ ? root_ + "/mesos" : "mesos";
}

}  // namespace mesolite::bench
