// Worker: a thread that does, in order, what must not hold up the kernel thread: disk, /proc, the
// rendering of a large page.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace mesolite::runtime {

class Worker {
 public:
  using Work = std::function<void()>;

  // `name` is the thread's, at most 15 letters. While `waiting_max` works wait, further ones are
  // refused.
  Worker(std::string name, std::size_t waiting_max);
  // Does what still waits, then joins.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // False when too much waits: this work will not be done. [any thread]
  bool post(Work work);

 private:
  void run(const std::string& name);

  const std::size_t waiting_max_;
  // The queue is all that the threads share. The mutex guards it and `ending_`; it is held while a
  // work is moved in or out, never while one runs.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;
  bool ending_ = false;
  std::thread thread_;
};

// Names the calling thread for debuggers and `top -H`; longer names are cut.
void name_this_thread(const std::string& name);

}  // namespace mesolite::runtime
