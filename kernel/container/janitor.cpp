// Threads beside the worker: one that removes old sandboxes, since a large tree takes long, and one
// that rotates what tasks write.
#include <sys/statvfs.h>

#include <algorithm>
#include <unordered_set>

#include "kernel/container/garbage.hpp"
#include "kernel/container/worker.hpp"

namespace mesolite::container {
namespace {

constexpr Duration look_at_disk = 1min;
constexpr Duration look_at_logs = 1s;

// From 0 to 1; of an unreadable one nothing is used.
double disk_usage(const std::string& path) {
  struct statvfs facts {};
  if (::statvfs(path.c_str(), &facts) != 0 || facts.f_blocks == 0) return 0;
  return 1.0 - static_cast<double>(facts.f_bavail) / static_cast<double>(facts.f_blocks);
}

}  // namespace

void Containerizer::Worker::set_live(const std::string& sandbox, bool live) {
  const std::lock_guard lock(mutex_);
  if (live) {
    live_sandboxes_.insert(sandbox);
  } else {
    live_sandboxes_.erase(sandbox);
  }
}

void Containerizer::Worker::collect_garbage_until_stopped() {
  const auto is_live = [this](const std::string& sandbox) {
    const std::lock_guard lock(mutex_);
    return live_sandboxes_.contains(sandbox);
  };
  const auto age_max = [this] {
    return garbage_age_max(settings_.gc_delay, settings_.gc_disk_headroom,
                           disk_usage(settings_.work_dir));
  };
  // Often enough that nothing is kept for much longer than asked; seldom enough to be unnoticed.
  const auto pause = [](Duration age) { return std::clamp<Duration>(age / 8, 1s, 1h); };
  auto looked = Clock::now();
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, std::min(pause(settings_.gc_delay), look_at_disk),
                            [this] { return stopping_; })) {
    lock.unlock();
    // A disk that fills up shortens the age, and so the pause.
    const Duration age = age_max();
    if (Clock::now() - looked >= pause(age)) {
      looked = Clock::now();
      const auto collected = collect_garbage(settings_.work_dir, age, is_live);
      for (const auto& message : collected.failures) warn(message);
    }
    lock.lock();
  }
}

void Containerizer::Worker::rotate_logs_until_stopped() {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, look_at_logs, [this] { return stopping_; })) {
    const std::vector<std::string> sandboxes(live_sandboxes_.begin(), live_sandboxes_.end());
    lock.unlock();
    for (const std::string& sandbox : sandboxes) rotate_logs(sandbox);
    lock.lock();
  }
}

void Containerizer::Worker::rotate_logs(const std::string& sandbox) {
  for (const char* name : {"stdout", "stderr"}) {
    const auto rotated = rotate_log(sandbox, name, settings_.logs);
    if (!rotated) warn(rotated.error().message);
  }
}

}  // namespace mesolite::container
