// Hosts: machines that only seem to be such, on a network of their own.
//
// Each has a network, a name, processes and mounts of its own; all share the files of this machine
// except for those that a test lays over them. They are joined by a bridge in a namespace of
// its own, too, from which no way leads out. Needs root.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/program.hpp"

namespace mesolite::harness {

class Hosts {
 public:
  // Host 1, 2, … are named mesos1, mesos2, … in each other's /etc/hosts. Folders of this machine
  // that each host shall have for itself, empty, are `own`.
  Hosts(int count, std::vector<std::string> own);
  ~Hosts();
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;

  static std::string address(int host);  // "192.168.100.11" of host 1, as in the setup guide

  // The command line that runs a shell's text there.
  std::vector<std::string> on(int host, const std::string& text) const;
  // Runs it there to its end, with patience for slow things.
  Ended run(int host, const std::string& text) const;
  // Cuts a host off, or joins it again.
  void cut(int host);
  void join(int host);

 private:
  struct Host {
    std::unique_ptr<Program> keeper;  // keeps the namespaces
    pid_t first = 0;                  // the first process in them
  };

  void add(int host, const std::vector<std::string>& own);
  Ended in_hub(const std::string& text) const;

  Scratch files_;
  std::unique_ptr<Program> hub_;
  std::vector<Host> hosts_;
};

// Whether such hosts can be made here; else why not.
std::string hosts_problem();

}  // namespace mesolite::harness
