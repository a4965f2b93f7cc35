#include "kernel/runtime/signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <initializer_list>

#include "mesolite/base/check.hpp"

namespace mesolite::runtime {

SignalWatch::SignalWatch() {
  sigset_t watched;
  ::sigemptyset(&watched);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR2}) ::sigaddset(&watched, signal);
  MESOLITE_CHECK(::pthread_sigmask(SIG_BLOCK, &watched, nullptr) == 0, "signals can be blocked");
  // A reader that goes away is an error of that write, not the end of the process.
  ::signal(SIGPIPE, SIG_IGN);
  descriptor_ = ::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
  MESOLITE_CHECK(descriptor_ >= 0, "a process that has just begun has a descriptor left");
}

SignalWatch::~SignalWatch() {
  ::close(descriptor_);
}

int SignalWatch::take() {
  signalfd_siginfo info{};
  const ssize_t size = ::read(descriptor_, &info, sizeof info);
  return size == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

void end_at_once(int signal) {
  ::_exit(128 + signal);
}

}  // namespace mesolite::runtime
