// A master and agents as child processes on free ports of loopback.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/program.hpp"

namespace mesolite::harness {

struct ClusterOptions {
  int agents = 1;
  std::string resources = "cpus:4;mem:4096;disk:10000;ports:[31000-31999]";  // of each agent
  std::vector<std::string> master_flags = {};  // added to those that are always set
  std::vector<std::string> agent_flags = {};   // likewise
  std::string registry = "in_memory";          // empty: the master's default
  std::string authorization = {};              // header of what get() asks over HTTP
  bool encrypted = false;                      // the master's HTTP side, by master_flags
  std::filesystem::path directory = {};  // for their files; empty: one that goes with the cluster
};

// Ends all with SIGTERM; what does not end, or is left behind, fails the test.
class Cluster {
 public:
  // Waits until every agent is registered; fails the test if that does not come.
  explicit Cluster(ClusterOptions options = {});
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  const std::string& master() const { return master_address_; }  // "[https://]127.0.0.1:40123"
  Program& master_program() { return *master_; }
  Program& agent_program(std::size_t index) { return *agents_.at(index); }
  void add_agent(const std::vector<std::string>& more_flags = {});
  // Kills an agent alone: what it has started goes on. And starts another on its work directory,
  // and waits until that serves.
  void kill_agent(std::size_t index);
  void start_agent(std::size_t index, const std::vector<std::string>& more_flags = {});
  std::filesystem::path agent_directory(std::size_t index) const;
  // Kills the master; and starts another at the same address, on the same work directory.
  void kill_master();
  void start_master();
  // Kills an agent with all that it has started, as the loss of its machine does.
  void lose_agent(std::size_t index);

  // The body of a path of the master's HTTP side; "" without an answer.
  std::string get(const std::string& path) const;
  // How many agents the master sees in a condition: "active", "disconnected".
  std::size_t agents_in(const std::string& condition) const;
  // Whether nothing of any agent is offered or used.
  bool idle() const;

 private:
  std::unique_ptr<Program> make_agent(std::size_t index,
                                      const std::vector<std::string>& more_flags);

  ClusterOptions options_;
  Leftovers leftovers_;
  std::optional<Scratch> own_directory_;
  std::filesystem::path directory_;
  std::unique_ptr<Program> master_;
  std::vector<std::unique_ptr<Program>> agents_;
  std::string master_address_;
};

// The address in "ready http[s]://ADDRESS" of a program's output; fails the test if none comes.
std::string wait_ready(Program& program);

}  // namespace mesolite::harness
