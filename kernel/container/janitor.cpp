#include <algorithm>

#include "kernel/container/garbage.hpp"
#include "kernel/container/worker.hpp"

namespace mesolite::container {

void Containerizer::Worker::set_live(const std::string& sandbox, bool live) {
  const std::lock_guard lock(mutex_);
  if (live) {
    live_sandboxes_.insert(sandbox);
  } else {
    live_sandboxes_.erase(sandbox);
  }
}

void Containerizer::Worker::collect_garbage_until_stopped() {
  // Often enough that nothing is kept for much longer than asked; seldom enough to be unnoticed.
  const Duration pause = std::clamp<Duration>(settings_.gc_delay / 8, 1s, 1h);
  const auto is_live = [this](const std::string& sandbox) {
    const std::lock_guard lock(mutex_);
    return live_sandboxes_.contains(sandbox);
  };
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, pause, [this] { return stopping_; })) {
    lock.unlock();
    const auto collected = collect_garbage(settings_.work_dir, settings_.gc_delay, is_live);
    for (const auto& message : collected.failures) warn(message);
    lock.lock();
  }
}

}  // namespace mesolite::container
