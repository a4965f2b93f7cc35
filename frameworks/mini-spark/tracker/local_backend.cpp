#include "frameworks/mini-spark/tracker/local_backend.hpp"

#include <utility>

namespace mesolite::spark {

LocalBackend::LocalBackend(DriverCore& core, Environment& environment)
    : core_(core), environment_(environment) {
  core_.add_executor(own_number, "this process");
  for (std::uint32_t i = 0; i < environment.options.slots; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

LocalBackend::~LocalBackend() {
  for (std::jthread& thread : threads_) thread.request_stop();
  const std::lock_guard lock(mutex_);
  for (auto& [serial, source] : running_) source.request_stop();
}

void LocalBackend::wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  woken_.notify_all();
}

void LocalBackend::kill(ExecutorNumber, std::uint64_t serial) {
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(serial);
  if (found != running_.end()) found->second.request_stop();
}

void LocalBackend::forget_shuffle(std::uint64_t shuffle) {
  environment_.outputs.drop(shuffle);
  environment_.shuffles.drop(shuffle);
}

void LocalBackend::forget_cached(std::uint64_t rdd) {
  environment_.cache.drop(rdd);
}

void LocalBackend::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::uint64_t seen = 0;
    {
      const std::lock_guard lock(mutex_);
      seen = wakes_;
    }
    if (const auto assignment = core_.next(own_number)) {
      run(*assignment);
      continue;
    }
    std::unique_lock lock(mutex_);
    woken_.wait(lock, stop, [&] { return wakes_ != seen; });
  }
}

void LocalBackend::run(const Assignment& assignment) {
  for (const auto& [shuffle, outputs] : assignment.outputs) {
    environment_.outputs.set(shuffle, outputs);
  }
  const std::uint64_t serial = assignment.launch.place.serial;
  std::stop_token stop;
  {
    const std::lock_guard lock(mutex_);
    stop = running_[serial].get_token();
  }
  TaskOutcome outcome = run_task(environment_, *assignment.node, assignment.launch.place, stop);
  {
    const std::lock_guard lock(mutex_);
    running_.erase(serial);
  }
  core_.ended(serial, std::move(outcome));
}

}  // namespace mesolite::spark
