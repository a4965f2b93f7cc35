// Child processes of the command line and of the tests: started, watched through a pidfd, and never
// left behind.
#pragma once

#include <sys/types.h>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::daemon {

// A descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : descriptor_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;

  int get() const { return descriptor_; }
  bool valid() const { return descriptor_ >= 0; }
  int release();
  void reset();

 private:
  int descriptor_ = -1;
};

struct ProcessOptions {
  std::vector<std::string> arguments;    // the first is the program's path
  std::vector<std::string> environment;  // "NAME=value", added to our own
  int standard_output = -1;              // -1: ours
  int standard_error = -1;               // -1: ours
  int death_signal = 0;                  // sent to it when the thread that started it ends; 0: none
};

// One child. Its destructor kills it and waits for its end.
class Process {
 public:
  // Starts it in a session of its own, so that a Ctrl-C of the terminal reaches only us. Fails when
  // the program cannot be executed.
  static Result<Process> start(const ProcessOptions& options);
  ~Process();
  Process(Process&&) noexcept = default;
  Process& operator=(Process&& other) noexcept;

  pid_t pid() const { return pid_; }
  // Readable when it has ended; for polls.
  int descriptor() const { return pidfd_.get(); }
  void signal(int number);
  // As waitpid(2) gives it; nothing while it runs.
  std::optional<int> exit_status();
  // The same, waiting for its end until `timeout`.
  std::optional<int> wait(Duration timeout);

 private:
  Process(pid_t pid, Descriptor pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  void end();

  pid_t pid_ = 0;
  Descriptor pidfd_;  // not valid: moved from
  std::optional<int> status_;
};

// A pipe whose ends are closed on exec.
struct Pipe {
  Descriptor reading;
  Descriptor writing;
};
Result<Pipe> make_pipe();

// Waits until a descriptor is readable; false when `timeout` has passed first.
bool wait_readable(int descriptor, Duration timeout);

// From now on orphans below this process become its children instead of init's.
void become_subreaper();
// Kills every child with all that is below it, and waits for their ends. REQUIRES: a subreaper.
// Takes the exit status of every child, so no Process may be alive that wants to know its own.
void kill_descendants();

// "exited with status 3", "was killed by signal 9 (Killed)".
std::string exit_text(int status);
// 3, or 128 + n after a signal, as a shell reports it.
int shell_status(int status);

}  // namespace mesolite::daemon
