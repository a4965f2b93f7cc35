#include <future>
#include <stdexcept>

#include "mesolite/framework/driver.hpp"
#include "mesolite/framework/scheduler.hpp"
#include "tests/bench/first/parts.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::bench {
namespace {

constexpr int samples_count = 50;

// One framework with one task; notes when what happened since it was made, right before its driver
// starts: connecting and registering count as part of the wait for the first offer.
class Timed final : public Scheduler {
 public:
  void resource_offers(SchedulerDriver& driver, const std::vector<Offer>& offers) override {
    if (std::exchange(offered_, true)) return;
    first_offer.set_value(since_start_.elapsed());
    TaskInfo task;
    task.id = TaskId("t");
    task.name = "t";
    task.agent_id = offers.front().agent_id;
    task.resources = Resources::parse("cpus:0.1;mem:32").value();
    task.command.emplace().value = "exec sleep 1000";
    since_launch_.emplace();
    driver.launch_tasks({offers.front().id}, {task});
  }

  void status_update(SchedulerDriver&, const TaskStatus& update) override {
    if (update.state == TaskState::starting || update.state == TaskState::staging) return;
    if (std::exchange(told_, true)) return;
    running.set_value({update.state, since_launch_->elapsed()});
  }

  std::promise<Duration> first_offer;
  std::promise<std::pair<TaskState, Duration>> running;

 private:
  harness::Stopwatch since_start_;
  std::optional<harness::Stopwatch> since_launch_;
  bool offered_ = false;
  bool told_ = false;
};

template <class T>
T wait_for(std::promise<T>& promise, const char* what) {
  auto future = promise.get_future();
  if (future.wait_for(harness::patience) != std::future_status::ready) {
    throw std::runtime_error(std::string("no ") + what);
  }
  return future.get();
}

}  // namespace

void measure_latencies(Figures& figures) {
  harness::Cluster cluster;
  std::vector<Duration> first_offers;
  std::vector<Duration> launches;
  for (int i = 0; i < samples_count; ++i) {
    Timed scheduler;
    SchedulerOptions options;
    options.master = cluster.master();
    options.framework.name = "first";
    options.framework.user = "root";
    MesosSchedulerDriver driver(scheduler, options);
    if (auto started = driver.start(); !started) throw std::runtime_error(started.error().message);
    first_offers.push_back(wait_for(scheduler.first_offer, "offer"));
    const auto [state, duration] = wait_for(scheduler.running, "running task");
    if (state != TaskState::running) throw std::runtime_error("a task does not run");
    launches.push_back(duration);
    driver.stop(false);
    driver.join();
    if (!harness::eventually([&] { return cluster.idle(); })) {
      throw std::runtime_error("a torn down framework holds resources");
    }
  }
  figures["first_offer_ms_p50"] = to_milliseconds(percentile(first_offers, 0.5));
  figures["first_offer_ms_p99"] = to_milliseconds(percentile(first_offers, 0.99));
  figures["launch_to_running_ms_p50"] = to_milliseconds(percentile(launches, 0.5));
  figures["launch_to_running_ms_p99"] = to_milliseconds(percentile(launches, 0.99));
}

}  // namespace mesolite::bench
