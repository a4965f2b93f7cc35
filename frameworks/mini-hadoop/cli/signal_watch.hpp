// SignalWatch: turns SIGINT, SIGTERM and SIGHUP into a call on a thread of its own.
#pragma once

#include <functional>
#include <thread>

namespace mesolite::hadoop {

class SignalWatch {
 public:
  // REQUIRES: block_signals() was called before the first thread was made.
  explicit SignalWatch(std::function<void(int signal)> on_signal);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  void watch();

  std::function<void(int)> on_signal_;
  int signals_ = -1;  // signalfd
  int wake_ = -1;     // eventfd: the watch ends
  std::thread thread_;
};

// Blocks the three signals in the calling thread and those that it makes.
void block_signals();

}  // namespace mesolite::hadoop
