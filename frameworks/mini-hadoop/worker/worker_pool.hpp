// WorkerPool: threads that run attempts, each with a workspace that it keeps. There are as many as
// were ever wanted at the same time: the agent decides how many tasks run, by their resources.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "frameworks/mini-hadoop/engine/job.hpp"

namespace mesolite::hadoop {

class WorkerPool {
 public:
  using Work = std::function<void(Workspace&)>;

  // `memory`: of each workspace, in bytes.
  explicit WorkerPool(std::size_t memory) : memory_(memory) {}
  // Waits for the work that runs; drops what has not begun.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void submit(Work work);  // [any thread]

 private:
  void run(std::size_t number, const std::stop_token& stop);

  const std::size_t memory_;
  std::mutex mutex_;  // guards the queue and the count of idle threads; held for moments only
  std::condition_variable_any changed_;
  std::deque<Work> queue_;
  std::size_t idle_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace mesolite::hadoop
