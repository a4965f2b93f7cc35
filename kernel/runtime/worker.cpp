#include "kernel/runtime/worker.hpp"

#include <pthread.h>

#include <utility>

namespace mesolite::runtime {

Worker::Worker(std::string name, std::size_t waiting_max)
    : waiting_max_(waiting_max), thread_([this, name = std::move(name)] { run(name); }) {}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool Worker::post(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= waiting_max_) return false;
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void Worker::run(const std::string& name) {
  name_this_thread(name);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Work work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    work = nullptr;  // what it holds is let go here, not under the mutex
    lock.lock();
  }
}

void name_this_thread(const std::string& name) {
  constexpr std::size_t length_max = 15;  // of Linux
  (void)::pthread_setname_np(::pthread_self(), name.substr(0, length_max).c_str());
}

}  // namespace mesolite::runtime
