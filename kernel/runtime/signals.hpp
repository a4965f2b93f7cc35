// SignalWatch: SIGINT, SIGTERM, SIGHUP and SIGUSR2 as something to read instead of something that
// interrupts. Owned by main(), before all else.
#pragma once

namespace mesolite::runtime {

class SignalWatch {
 public:
  // Blocks these signals in the calling thread and in all that it starts later, and ignores
  // SIGPIPE. REQUIRES: no other thread runs yet.
  SignalWatch();
  ~SignalWatch();  // the signals stay blocked
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  // Readable while a signal waits.
  int descriptor() const { return descriptor_; }
  // The next signal that waits, or 0. Never blocks.
  int take();

 private:
  int descriptor_;
};

// Ends the process at once as a shell reports a death by `signal`: for the second Ctrl-C.
[[noreturn]] void end_at_once(int signal);

}  // namespace mesolite::runtime
