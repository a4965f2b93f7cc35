#include <charconv>
#include <future>

#include "mesolite/framework/scheduler.hpp"
#include "tests/bench/end_to_end/parts.hpp"

namespace mesolite::bench {
namespace {

constexpr int samples_count = 300;

Duration machine_clock() {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

// Takes the whole agent for one task, again and again; each ends when it is told to.
class Holder final : public Scheduler {
 public:
  void resource_offers(SchedulerDriver& driver, const std::vector<Offer>& offers) override {
    for (const Offer& offer : offers) {
      TaskInfo task;
      task.id = task_ = TaskId("t" + std::to_string(++last_));
      task.agent_id = offer.agent_id;
      task.resources = offer.resources;
      if (offer.executor_ids.empty()) task.resources -= bench_executor().resources;
      task.executor = bench_executor();
      task.data = Bytes(std::string(hold));
      driver.launch_tasks({offer.id}, {task}, {0s});
    }
  }

  void status_update(SchedulerDriver&, const TaskStatus& update) override {
    if (update.state == TaskState::running) return running.set_value();
    Duration::rep freed = 0;
    const std::string& text = update.data.data;
    std::from_chars(text.data(), text.data() + text.size(), freed);
    killed.set_value(Duration(freed));
  }

  const TaskId& task() const { return task_; }

  std::promise<void> running;
  std::promise<Duration> killed;  // when its executor had ended it

 private:
  TaskId task_;
  int last_ = 0;
};

// Wants whatever there is, notes when it comes, and gives it back.
class Idle final : public Scheduler {
 public:
  void registered(SchedulerDriver&, const FrameworkId&, const MasterInfo&) override {
    ready.set_value();
  }
  void resource_offers(SchedulerDriver& driver, const std::vector<Offer>& offers) override {
    const Duration now = machine_clock();
    driver.suppress_offers();
    for (const Offer& offer : offers) driver.decline_offers({offer.id}, {0s});
    offered.set_value(now);
  }
  void status_update(SchedulerDriver&, const TaskStatus&) override { answered.set_value(); }

  std::promise<void> ready;
  std::promise<Duration> offered;
  std::promise<void> answered;  // a question, and so all that was said before it
};

template <class T>
T take(std::promise<T>& promise, const char* what) {
  auto future = promise.get_future();
  if (future.wait_for(harness::patience) != std::future_status::ready) {
    throw std::runtime_error(std::string("no ") + what);
  }
  if constexpr (std::is_void_v<T>) {
    future.get();
    promise = {};
  } else {
    const T value = future.get();
    promise = {};
    return value;
  }
}

}  // namespace

void measure_freed(Figures& figures) {
  harness::Cluster cluster;
  Holder holder;
  MesosSchedulerDriver holding(holder, scheduler_options(cluster.master(), "holder"));
  start(holding);
  take(holder.running, "running task");
  Idle idle;
  MesosSchedulerDriver idling(idle, scheduler_options(cluster.master(), "idle"));
  start(idling);
  take(idle.ready, "registration");
  std::vector<Duration> samples;
  for (int i = 0; i < samples_count; ++i) {
    idling.revive_offers();
    idling.reconcile_tasks({{TaskId("none"), {}}});
    take(idle.answered, "answer");
    holding.suppress_offers();
    holding.kill_task(holder.task());
    const Duration freed = take(holder.killed, "end of a task");
    samples.push_back(take(idle.offered, "offer") - freed);
    holding.revive_offers();
    take(holder.running, "running task");
  }
  holding.stop(false);
  idling.stop(false);
  holding.join();
  idling.join();
  figures["offer_after_free_ms_p50"] = to_milliseconds(percentile(samples, 0.5));
  figures["offer_after_free_ms_p99"] = to_milliseconds(percentile(samples, 0.99));
}

}  // namespace mesolite::bench
