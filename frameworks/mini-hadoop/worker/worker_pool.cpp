#include "frameworks/mini-hadoop/worker/worker_pool.hpp"

#include <utility>

namespace mesolite::hadoop {

WorkerPool::~WorkerPool() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

void WorkerPool::submit(Work work) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(work));
  if (queue_.size() > idle_) {
    threads_.emplace_back(
        [this, number = threads_.size()](const std::stop_token& stop) { run(number, stop); });
  }
  changed_.notify_one();
}

void WorkerPool::run(std::size_t number, const std::stop_token& stop) {
  Workspace workspace(memory_, number);
  while (true) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      ++idle_;
      const bool any = changed_.wait(lock, stop, [this] { return !queue_.empty(); });
      --idle_;
      if (!any || stop.stop_requested()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work(workspace);
  }
}

}  // namespace mesolite::hadoop
