// A started program: what it says, how it ends, and that nothing is left of it.
#pragma once

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "kernel/daemon/process.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/wait.hpp"

namespace mesolite::harness {

// The path of a program of ours in the build tree: "sbin/mesos-master", "bin/mesolite".
std::string built(const std::string& program);

class Program {
 public:
  // Starts it, or fails the test. Its output goes to files, so it never waits for us.
  explicit Program(std::vector<std::string> arguments, std::vector<std::string> environment = {});

  daemon::Process& process() { return *process_; }
  void signal(int number) { process_->signal(number); }
  // As a shell reports it; nothing if it still runs after `timeout`.
  std::optional<int> wait(Duration timeout = patience);
  std::string output() const { return read_file(files_ / "stdout"); }
  std::string errors() const { return read_file(files_ / "stderr"); }
  // Waits for a text in its output; false if it ends, or time does, before.
  bool says(const std::string& text, Duration timeout = patience);

 private:
  Scratch files_;
  std::optional<daemon::Process> process_;
};

struct Ended {
  int status = 0;
  std::string output;
  std::string errors;
};
// Runs it to its end.
Ended run(std::vector<std::string> arguments, std::vector<std::string> environment = {});

// Says at its end, as a failure of the test, what was started meanwhile and still runs below this
// process; and kills it.
class Leftovers {
 public:
  Leftovers();
  ~Leftovers();

 private:
  std::vector<pid_t> before_;  // what a suite of tests shares
};

// All processes below another, parents before their children.
std::vector<pid_t> descendants_of(pid_t process);
// Those that descend from this process and have this text in their command line.
std::vector<pid_t> descendants_with(const std::string& text);
// Command lines of all processes that descend from this one and have not ended.
std::vector<std::string> descendants();
// Those in which this text occurs.
std::vector<std::string> descendants_named(const std::string& text);

}  // namespace mesolite::harness
