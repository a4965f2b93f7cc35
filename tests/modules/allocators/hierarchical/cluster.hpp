// A cluster in words, for tests of allocators: names in, "A1 -> F1" out.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/module/allocator.hpp"

namespace mesolite {

class Cluster {
 public:
  explicit Cluster(std::unique_ptr<Allocator> allocator);

  AllocatorSettings& settings();
  // Each is told at the next offers(). Telling of the same name again changes it.
  void role(const std::string& name, double weight = 1);
  AgentState& agent(const std::string& name, const std::string& resources);
  FrameworkState& framework(const std::string& name, const std::vector<std::string>& roles);
  void remove_agent(const std::string& name);
  void interest(const std::string& framework, const std::string& role, bool wanted);
  // Gives back what the framework was last offered of the agent, or `part` of it; with `refuse`,
  // not to be offered that again for so long.
  void release(const std::string& framework, const std::string& agent, Duration refuse = 0s,
               const std::string& part = "");

  void wait(Duration duration) { request_.now += duration; }
  void everything() { request_.everything = true; }
  // One call: "A1 -> F1", in the order of the answer.
  std::vector<std::string> offers();
  // The same, each with "role1: cpus:2;mem:1024" behind it.
  std::vector<std::string> full_offers();
  std::optional<Duration> until_deadline() const;

 private:
  std::vector<Holding> call();
  RoleHandle handle_of(const std::string& role);

  std::unique_ptr<Allocator> allocator_;
  AllocateRequest request_;
  std::optional<Time> deadline_;
  std::map<std::string, RoleState> roles_;
  std::map<std::string, AgentState> agents_;
  std::map<std::string, FrameworkState> frameworks_;
  std::vector<Holding> held_;
};

}  // namespace mesolite
