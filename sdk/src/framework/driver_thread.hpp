// DriverThread: the thread of a driver, with its event loop, its end and the state that others wait
// for. Owned by the driver; thread-safe as tagged.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "mesolite/base/time.hpp"
#include "mesolite/framework/driver.hpp"

namespace mesolite::net {
class Reactor;
}

namespace mesolite {

class DriverThread {
 public:
  DriverThread();
  // REQUIRES: finish() was called, or start() never.
  ~DriverThread();
  DriverThread(const DriverThread&) = delete;
  DriverThread& operator=(const DriverThread&) = delete;

  net::Reactor& reactor() { return *reactor_; }

  void start();  // [owner]; once
  // Waits for the end of the thread itself. [owner]; not from the thread
  void finish();

  // Blocks until end() was called; answers with its status. [any thread but this one]
  DriverStatus join();
  DriverStatus status() const { return status_; }  // [any thread]
  // The turn under way is the last. [this thread]
  void end(DriverStatus status);

  bool is_current() const { return id_ == std::this_thread::get_id(); }  // [any thread]
  // Runs `work` on the thread: at once if that is this one. [any thread]
  void run(std::function<void()> work);
  void post(std::function<void()> work);                        // [any thread]
  void post_after(Duration delay, std::function<void()> work);  // [any thread]

 private:
  std::unique_ptr<net::Reactor> reactor_;
  std::thread thread_;
  std::atomic<std::thread::id> id_{};
  std::atomic<DriverStatus> status_{DriverStatus::not_started};
  // For join() from several threads at once, which std::thread::join does not allow.
  std::mutex mutex_;
  std::condition_variable ended_;
};

// Calls code of a framework's author. An exception does not get past it: its text is the answer.
std::optional<std::string> call_foreign(const std::function<void()>& work);

}  // namespace mesolite
