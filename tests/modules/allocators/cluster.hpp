// A cluster in words, for tests of allocators: names in, "A1 -> F1" out.
#pragma once

#include <cstdint>
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
  RoleState& role(const std::string& name, double weight = 1);
  // Q(x) of the conformance cases: guarantee and limit are x.
  void quota(const std::string& role, const std::string& resources);
  AgentState& agent(const std::string& name, const std::string& resources);
  FrameworkState& framework(const std::string& name, const std::vector<std::string>& roles);
  RoleHandle handle_of(const std::string& role);
  void remove_agent(const std::string& name);
  // What the framework has of the agent is known from elsewhere (a master that has failed over).
  void hold(const std::string& framework, const std::string& role, const std::string& agent,
            const std::string& resources);
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
  // "2 lack mem: wants 4096, best has 512", by role in the order of the answer.
  std::vector<std::string> explain(const std::string& framework, const std::string& wants = "");

 private:
  std::vector<Holding> call();
  std::unique_ptr<Allocator> allocator_;
  AllocateRequest request_;
  std::optional<Time> deadline_;
  std::map<std::string, RoleState> roles_;
  std::map<std::string, AgentState> agents_;
  std::map<std::string, FrameworkState> frameworks_;
  std::vector<Holding> held_;
  std::uint64_t agents_there_ = 0;
};

}  // namespace mesolite
