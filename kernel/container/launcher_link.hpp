// LauncherLink: the agent's connection to its launcher, the one that runs already or a new one.
//
// Used by one thread.
#pragma once

#include <string>
#include <vector>

#include "kernel/container/channel.hpp"
#include "kernel/container/launcher_messages.hpp"

namespace mesolite::container {

struct LauncherPlace {
  std::string program;    // mesolite-launch
  std::string directory;  // of its socket; made if missing. Nobody else may enter it.
  Duration patience{0};   // how long containers may run without an agent; zero: they end with it
};

class LauncherLink {
 public:
  // Finds the launcher that an earlier agent has left behind, or starts one, and greets it.
  static Result<std::unique_ptr<LauncherLink>> open(const LauncherPlace& place);
  ~LauncherLink();
  LauncherLink(const LauncherLink&) = delete;
  LauncherLink& operator=(const LauncherLink&) = delete;

  // Whether it is one that an earlier agent has left behind.
  bool was_found() const { return child_ == 0; }
  // What the launcher knew when it was greeted: `started` and `ended` ones.
  const std::vector<LauncherReport>& inventory() const { return inventory_; }
  Channel& channel() { return channel_; }
  int gate() const { return gate_.get(); }

  // The container and pid of a process that waits at the gate; none: nobody does.
  struct Waiting {
    ContainerId container;
    std::int64_t pid = 0;
  };
  std::optional<Waiting> next_at_gate();
  void answer_at_gate(const ContainerId& container, char answer);

  // Has it end all containers and itself; waits for that, at most so long. False if it took longer.
  bool stop(Duration patience);

 private:
  LauncherLink(Descriptor connection, Descriptor gate, pid_t child)
      : channel_(std::move(connection)), gate_(std::move(gate)), child_(child) {}
  Status greet(Descriptor gate, Duration patience);

  Channel channel_;
  Descriptor gate_;
  pid_t child_ = 0;  // the launcher, if we have started it
  std::vector<LauncherReport> inventory_;
};

}  // namespace mesolite::container
