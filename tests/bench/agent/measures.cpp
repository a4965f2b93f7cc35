#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "tests/bench/agent/parts.hpp"

namespace mesolite::bench {
namespace {

constexpr std::size_t tasks_count = 5'000;
constexpr std::size_t containers_count = 1'000;
constexpr int latency_samples = 300;

pid_t agent_of(harness::Cluster& cluster) {
  return cluster.agent_program(0).process().pid();
}

// Of the agent, its launcher, and all that the launcher has waited for.
double agent_cpu_seconds(harness::Cluster& cluster) {
  double seconds = 0;
  const pid_t agent = agent_of(cluster);
  for (const pid_t pid : harness::descendants_of(agent)) seconds += cpu_seconds_with_children(pid);
  return seconds + cpu_seconds(agent);
}

void measure_spawns(Figures& figures) {
  char program[] = "/bin/true";
  char* const arguments[] = {program, nullptr};
  const double before = cpu_seconds_with_children(::getpid());
  const harness::Stopwatch watch;
  for (std::size_t i = 0; i < tasks_count; ++i) {
    pid_t pid = 0;
    if (::posix_spawn(&pid, program, nullptr, nullptr, arguments, environ) != 0) {
      throw std::runtime_error("cannot spawn /bin/true");
    }
    ::waitpid(pid, nullptr, 0);
  }
  figures["spawn_per_s"] = tasks_count / to_seconds(watch.elapsed());
  figures["spawn_cpu_us"] =
      (cpu_seconds_with_children(::getpid()) - before) / tasks_count * 1'000'000;
}

void measure_tasks(const std::string& suffix, const harness::ClusterOptions& options,
                   Figures& figures) {
  harness::Cluster cluster(options);
  Crowd crowd(cluster.master(), "/bin/true");
  const double before = agent_cpu_seconds(cluster);
  const Duration taken = crowd.launch(tasks_count, TaskState::finished);
  figures["command_tasks_per_s" + suffix] = tasks_count / to_seconds(taken);
  figures["command_task_cpu_us" + suffix] =
      (agent_cpu_seconds(cluster) - before) / tasks_count * 1'000'000;
}

}  // namespace

void measure_rates(Figures& figures, Stage& stage) {
  measure_spawns(figures);
  measure_tasks("", stage.cluster(no_isolators), figures);
  measure_tasks("_cgroups", stage.cluster(cgroup_isolators), figures);
  measure_tasks("_namespaces", stage.cluster(all_isolators), figures);
}

void measure_thousand(Figures& figures, Stage& stage) {
  harness::Cluster cluster(stage.cluster(cgroup_isolators));
  Crowd crowd(cluster.master(), "/bin/sleep 100000");
  figures["containers_1000_up_s"] = to_seconds(crowd.launch(containers_count, TaskState::running));
  figures["agent_1000_rss_mb"] = rss_mb(agent_of(cluster));
  figures["containers_1000_down_s"] = to_seconds(crowd.kill_all());
}

void measure_idle(Figures& figures, Stage& stage) {
  harness::Cluster cluster(stage.cluster(no_isolators));
  figures["agent_idle_rss_mb"] = rss_mb(agent_of(cluster));
  figures["master_idle_rss_mb"] = rss_mb(cluster.master_program().process().pid());
  Crowd crowd(cluster.master(), "/bin/true");
  for (int i = 0; i < latency_samples; ++i) crowd.launch(1, TaskState::finished);
  figures["launch_to_running_ms_p50"] = to_milliseconds(percentile(crowd.to_running(), 0.5));
  figures["launch_to_running_ms_p99"] = to_milliseconds(percentile(crowd.to_running(), 0.99));
}

void measure_growth(Figures& figures, Stage& stage) {
  const char* asked = std::getenv("MESOLITE_BENCH_TASKS");
  if (asked == nullptr) return;
  const auto rounds = static_cast<std::size_t>(std::atoll(asked)) / tasks_count;
  harness::Cluster cluster(stage.cluster(no_isolators));
  Crowd crowd(cluster.master(), "/bin/true");
  for (std::size_t i = 0; i < rounds; ++i) {
    crowd.launch(tasks_count, TaskState::finished);
    // By then it has seen all that happens, and its heap has found its size.
    if (i == rounds / 5) figures["agent_rss_mb_after_a_fifth_of_tasks"] = rss_mb(agent_of(cluster));
  }
  figures["agent_rss_mb_after_all_tasks"] = rss_mb(agent_of(cluster));
}

}  // namespace mesolite::bench
