// ClusterBackend's half that speaks with the kernel: offers, workers' tasks, their ends.
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <utility>

#include "frameworks/mini-spark/cluster/cluster_backend.hpp"
#include "frameworks/mini-spark/cluster/worker.hpp"

namespace mesolite::spark {
namespace {

constexpr Duration tick_interval = 100ms;
constexpr Duration starving_patience = 10s;
constexpr std::int64_t overhead_mb = 64;   // code, stacks, buffers of a worker
constexpr std::uint32_t failures_max = 4;  // workers in a row that never say hello
constexpr std::size_t last_words_max = 2'000;
constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

Duration now_steady() {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

Resources executor_resources(const Options& options) {
  Resources resources;
  const auto mem = static_cast<std::int64_t>(options.memory / mebibyte) + overhead_mb;
  resources.set_plain(Scalar::cpus, std::int64_t{options.cores} * 1000);
  resources.set_plain(Scalar::mem, mem * 1000);
  return resources;
}

std::string end_text(const TaskStatus& update) {
  std::string text = update.message;
  if (update.exit_status && WIFSIGNALED(*update.exit_status)) {
    const int number = WTERMSIG(*update.exit_status);
    text = "killed by signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
  }
  return text.empty() ? std::string(to_text(update.reason)) : text;
}

}  // namespace

// ---- workers wanted ----------------------------------------------------------------------------

std::uint32_t ClusterBackend::wanted() const {
  std::size_t tasks = core_.pending();
  std::uint32_t alive = 0;
  for (const auto& [number, executor] : executors_) {
    tasks += executor->in_flight;
    alive += executor->released ? 0 : 1;
  }
  const std::size_t useful = (tasks + options_.cores - 1) / options_.cores;
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(options_.executors_max, std::max<std::size_t>(useful, alive)));
}

void ClusterBackend::registered(SchedulerDriver&, const FrameworkId& id, const MasterInfo&) {
  const std::lock_guard lock(mutex_);
  framework_ = id;
}

void ClusterBackend::resource_offers(SchedulerDriver& driver, const std::vector<Offer>& offers) {
  const std::lock_guard lock(mutex_);
  // One worker an offer, so that they spread over the agents; what is left comes again.
  for (const Offer& offer : offers) {
    auto task = executor_for(offer);
    if (task) {
      driver.launch_tasks({offer.id}, {std::move(*task)}, Filters{Duration{0}});
    } else {
      driver.decline_offers({offer.id});
    }
  }
  if (wanted() <= executors_.size() && !suppressed_) {
    suppressed_ = true;
    driver.suppress_offers();
  }
}

std::optional<TaskInfo> ClusterBackend::executor_for(const Offer& offer) {
  const Resources needed = executor_resources(options_);
  const bool fits = offer.resources.contains(needed);
  if (ending_ || !fits || wanted() <= executors_.size()) return std::nullopt;
  auto executor = std::make_shared<Executor>();
  executor->number = ++last_executor_;
  executor->task = TaskId("executor-" + std::to_string(executor->number));
  executor->agent = offer.agent_id;
  executor->agent_bus = offer.agent_bus;
  executor->hostname = offer.hostname;
  executors_[executor->number] = executor;
  const WorkerOptions worker{address_, executor->number, token_, options_.cores, options_.memory};
  TaskInfo task;
  task.id = executor->task;
  task.name = options_.name + " " + executor->task.value;
  task.agent_id = offer.agent_id;
  task.resources = needed;
  task.command = program_->command({worker_argument});
  task.command->environment[worker_variable] = to_text(worker);
  return task;
}

void ClusterBackend::tick(SchedulerDriver& driver) {
  core_.advance();
  wake();
  release_idle(driver);
  complain_if_starved();
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return;
  }
  driver.post_after(tick_interval, [this, &driver] { tick(driver); });
}

void ClusterBackend::release_idle(SchedulerDriver& driver) {
  const std::lock_guard lock(mutex_);
  for (auto& [number, executor] : executors_) {
    const bool idle = executor->connection && !executor->released && executor->in_flight == 0 &&
                      now_steady() - executor->idle_since >= options_.idle_timeout;
    if (!idle || core_.is_needed(number)) continue;
    executor->released = true;
    say(*executor, ToWorkerKind::stop, 0);
    driver.kill_task(executor->task);
  }
}

// Nobody else would say why nothing happens.
void ClusterBackend::complain_if_starved() {
  const std::lock_guard lock(mutex_);
  if (!executors_.empty() || wanted() == 0 || ending_) {
    starved_since_ = {};
    return;
  }
  const Duration now = now_steady();
  if (starved_since_ == Duration{}) starved_since_ = now;
  if (now - starved_since_ < starving_patience) return;
  starved_since_ = now;
  const std::string missing =
      framework_ == FrameworkId()
          ? "no master answers at " + options_.master
          : "no offer has room for a worker: " + executor_resources(options_).to_text();
  std::fprintf(stderr, "%s: there is work, but %s\n", options_.name.c_str(), missing.c_str());
}

// ---- their ends --------------------------------------------------------------------------------

void ClusterBackend::status_update(SchedulerDriver&, const TaskStatus& update) {
  if (!is_terminal(update.state) && update.state != TaskState::unreachable) return;
  ExecutorNumber number = 0;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [candidate, executor] : executors_) {
      if (executor->task == update.task_id) number = candidate;
    }
  }
  const bool reachable = update.state == TaskState::failed || update.state == TaskState::finished;
  if (number != 0) bury(number, end_text(update), reachable);
}

void ClusterBackend::agent_lost(SchedulerDriver&, const AgentId& agent, const std::string& reason) {
  std::vector<ExecutorNumber> lost;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, executor] : executors_) {
      if (executor->agent == agent) lost.push_back(number);
    }
  }
  for (const ExecutorNumber number : lost) bury(number, "agent lost: " + reason, false);
}

// The kernel mostly knows why; it is given a moment to say so.
void ClusterBackend::disconnected(ExecutorNumber number) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = executors_.find(number);
    if (found == executors_.end() || ending_) return;
    found->second->released = true;
  }
  driver_->post_after(2s, [this, number] { bury(number, "its connection broke", false); });
}

void ClusterBackend::bury(ExecutorNumber number, const std::string& reason, bool read_last_words) {
  std::shared_ptr<Executor> executor;
  std::string broken;
  {
    const std::lock_guard lock(mutex_);
    const auto found = executors_.find(number);
    if (found == executors_.end() || ending_) return;
    executor = found->second;
    executors_.erase(found);
    executor->released = true;  // its connection may not have noticed yet
    if (executor->connection) {
      executor->connection->close();
    } else if (++failures_in_row_ >= failures_max) {
      broken =
          "workers end before they say hello, the last on " + executor->hostname + ": " + reason;
    }
  }
  if (!broken.empty()) core_.fail_all(broken);
  const auto lose = [this, number](const std::string& why) { core_.lose_executor(number, why); };
  if (!read_last_words || executor->in_flight == 0) return lose(reason);
  const std::lock_guard lock(mutex_);
  crew_.start([this, executor, reason, lose] {
    std::string words;
    SandboxReader reader({executor->agent_bus, framework_, executor->task, "stderr"},
                         [&words](std::string_view data) {
                           words += data;
                           if (words.size() > last_words_max) {
                             words.erase(0, words.size() - last_words_max);
                           }
                         });
    const bool read = reader.wait().has_value();
    lose(reason + (read && !words.empty() ? "; the end of its stderr:\n" + words : ""));
  });
}

void ClusterBackend::error(SchedulerDriver&, const std::string& message) {
  core_.fail_all("the cluster cannot be used: " + message);
}

}  // namespace mesolite::spark
