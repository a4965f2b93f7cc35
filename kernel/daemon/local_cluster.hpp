// LocalCluster: a master and agents on this machine, each a process with a directory of its own.
//
// Owned by one thread. Whatever happens, its end leaves no process behind, given that this process
// is a subreaper.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "kernel/daemon/process.hpp"

namespace mesolite::daemon {

struct LocalSettings {
  std::filesystem::path programs;  // where mesos-master and mesos-agent lie
  std::filesystem::path work_dir;  // exists
  int agents = 1;
  std::uint16_t port = 0;
  std::string resources;  // of each agent; empty: the machine's, shared out
};

class LocalCluster {
 public:
  // Asked while it waits; true: give up waiting.
  using Interrupted = std::function<bool(Duration pause)>;

  LocalCluster(LocalSettings settings, Interrupted interrupted);
  ~LocalCluster();  // stops what still runs, by force
  LocalCluster(const LocalCluster&) = delete;
  LocalCluster& operator=(const LocalCluster&) = delete;

  // Starts the master, then all agents at once, and waits until the last of them is registered.
  // Fails with what the daemon that could not start has said, or "interrupted".
  Status start();
  // "http://127.0.0.1:5050". REQUIRES: started.
  std::string address() const { return "http://" + master_address_; }

  // Readable when a daemon has ended; for polls.
  std::vector<int> descriptors() const;
  // What has ended since the last call, in words; the cluster is over when its master is.
  std::vector<std::string> take_ended();
  bool master_runs() const { return !daemons_.empty() && !daemons_.front().ended; }

  // Asks the agents to end their tasks and themselves, then the master. Gives up when interrupted.
  void stop();

 private:
  struct Daemon {
    std::string name;  // "master", "agent-1": also its directory
    Process process;
    Descriptor output;  // where it says that it is ready
    std::string said;
    bool ended = false;
  };

  Result<Daemon> spawn(const std::string& name, const std::string& program,
                       std::vector<std::string> arguments) const;
  Result<std::string> wait_ready(Daemon& daemon);
  Status wait_registered();
  Status wait_ended(Daemon& daemon);
  std::string last_words(const Daemon& daemon) const;
  std::vector<std::string> agent_arguments(int number) const;

  const LocalSettings settings_;
  const Interrupted interrupted_;
  std::string master_address_;   // "127.0.0.1:5050"
  std::vector<Daemon> daemons_;  // the master first
};

// What agent `number` of `count` (from 1) offers when nobody says: all CPUs of this machine, and
// its share of memory, disk and ports.
std::string shared_resources(const std::filesystem::path& work_dir, int number, int count);

}  // namespace mesolite::daemon
