#include <unistd.h>

#include <charconv>
#include <fstream>
#include <future>
#include <set>

#include "mesolite/framework/scheduler.hpp"
#include "tests/bench/end_to_end/parts.hpp"
#include "tests/bench/processes.hpp"

namespace mesolite::bench {
namespace {

// Launches on whatever is offered until `count` tasks have finished.
class Flood final : public Scheduler {
 public:
  explicit Flood(std::size_t count) : count_(count), launched_at_(count), latencies_(count) {}

  void resource_offers(SchedulerDriver& driver, const std::vector<Offer>& offers) override {
    for (const Offer& offer : offers) launch_on(driver, offer);
  }

  void status_updates(SchedulerDriver&, const std::vector<TaskStatus>& updates) override {
    const Duration now = watch_.elapsed();
    for (const TaskStatus& update : updates) {
      if (update.state != TaskState::finished) {
        throw std::runtime_error(task_state_name(update.state) + ": " + update.message);
      }
      const std::size_t index = index_of(update.task_id);
      latencies_.at(index) = now - launched_at_[index];
    }
    finished_ += updates.size();
    if (finished_ == count_) done.set_value(now - begun_);
  }

  void error(SchedulerDriver&, const std::string& message) override {
    done.set_exception(std::make_exception_ptr(std::runtime_error(message)));
  }

  const std::vector<Duration>& latencies() const { return latencies_; }

  std::promise<Duration> done;  // from the first launch to the last task's end

 private:
  void launch_on(SchedulerDriver& driver, const Offer& offer) {
    Resources left = offer.resources;
    if (executors_.insert(offer.agent_id).second) left -= executor_.resources;
    std::vector<TaskInfo> tasks;
    const Duration now = watch_.elapsed();
    if (launched_ == 0) begun_ = now;
    while (launched_ < count_ && left.contains(each_)) {
      left -= each_;
      launched_at_[launched_] = now;
      TaskInfo& task = tasks.emplace_back();
      task.id = TaskId("t" + std::to_string(launched_++));
      task.agent_id = offer.agent_id;
      task.resources = each_;
      task.executor = executor_;
    }
    if (tasks.empty()) return driver.decline_offers({offer.id}, {1h});
    driver.launch_tasks({offer.id}, std::move(tasks), {0s});
  }

  std::size_t index_of(const TaskId& task) const {
    std::size_t index = count_;
    std::from_chars(task.value.data() + 1, task.value.data() + task.value.size(), index);
    return index;
  }

  const std::size_t count_;
  const ExecutorInfo executor_ = bench_executor();
  const Resources each_ = Resources::parse("cpus:0.01;mem:1").value();
  std::set<AgentId> executors_;  // agents that were given one
  harness::Stopwatch watch_;
  Duration begun_{0};
  std::size_t launched_ = 0;
  std::size_t finished_ = 0;
  std::vector<Duration> launched_at_;
  std::vector<Duration> latencies_;
};

struct CpuTimes {
  double master = 0;
  double agents = 0;
  double executors = 0;
  double scheduler = 0;
};

CpuTimes cpu_times(harness::Cluster& cluster, int agents) {
  CpuTimes times;
  times.master = cpu_seconds(cluster.master_program().process().pid());
  for (std::size_t i = 0; i < static_cast<std::size_t>(agents); ++i) {
    const pid_t agent = cluster.agent_program(i).process().pid();
    times.agents += cpu_seconds(agent);
    for (const pid_t pid : harness::descendants_of(agent)) times.executors += cpu_seconds(pid);
  }
  times.scheduler = cpu_seconds(::getpid());
  return times;
}

struct Load {
  std::size_t count;
  std::size_t slots;  // tasks that run at a time on an agent
  int agents = 3;
};

// What ends is offered and used again until all tasks have run.
void measure_flood(Load load, const std::string& suffix, Figures& figures) {
  harness::ClusterOptions options{.agents = load.agents};
  options.resources = "cpus:" + std::to_string(static_cast<double>(load.slots) / 100 + 0.1) +
                      ";mem:" + std::to_string(load.slots + 32) + ";disk:100;ports:[]";
  harness::Cluster cluster(options);
  const CpuTimes before = cpu_times(cluster, load.agents);
  Flood scheduler(load.count);
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "flood"));
  start(driver);
  auto done = scheduler.done.get_future();
  if (done.wait_for(10 * harness::patience) != std::future_status::ready) {
    throw std::runtime_error("tasks got lost");
  }
  const double taken = to_seconds(done.get());
  const CpuTimes after = cpu_times(cluster, load.agents);
  driver.stop(false);
  driver.join();
  if (!harness::eventually([&] { return cluster.idle(); })) {
    throw std::runtime_error("a torn down framework holds resources");
  }
  const auto each = [&](double seconds) {
    return seconds / static_cast<double>(load.count) * 1'000'000;
  };
  const auto& latencies = scheduler.latencies();
  figures["tasks_per_s" + suffix] = static_cast<double>(load.count) / taken;
  figures["task_latency_ms_p50" + suffix] = to_milliseconds(percentile(latencies, 0.5));
  figures["task_latency_ms_p99" + suffix] = to_milliseconds(percentile(latencies, 0.99));
  figures["task_cpu_us_master" + suffix] = each(after.master - before.master);
  figures["task_cpu_us_agents" + suffix] = each(after.agents - before.agents);
  figures["task_cpu_us_executors" + suffix] = each(after.executors);
  figures["task_cpu_us_scheduler" + suffix] = each(after.scheduler - before.scheduler);
}

}  // namespace

void measure_tasks(Figures& figures) {
  measure_flood({100'000, 1'000}, "", figures);
  measure_flood({100'000, 33'334}, "_at_once", figures);
  measure_flood({100'000, 100'000, 1}, "_one_executor", figures);
  measure_flood({3'000, 1}, "_one_by_one", figures);
}

}  // namespace mesolite::bench
