// Allocation: the dialogue with the allocator. What changes in a turn is gathered and told in one
// call; what the allocator answers becomes offers, as far as the kernel's own books agree.
//
// The allocator may be slow or elsewhere: at most one call is under way, and the state goes on
// changing meanwhile.
#pragma once

#include <optional>
#include <vector>

#include "kernel/master/io.hpp"
#include "kernel/master/records.hpp"

namespace mesolite::master {

class State;

// An allocator that failed or gave away what is not free is not called again before this.
inline constexpr Duration allocator_pause = 1s;

class Allocation {
 public:
  explicit Allocation(const Configuration& configuration);

  // ---- what changes
  // ------------------------------------------------------------------------------
  void role_changed(RoleHandle role);
  // Something of the agent or framework that the allocator knows: its state is read when it is
  // told.
  void agent_changed(Agent& agent);
  void framework_changed(Framework& framework);
  void held(Holding holding);
  void released(Holding holding, std::optional<Time> refused_until = {});
  void interest(Interest interest);
  // REQUIRES: all that was held of it, or by it, is off the books.
  void agent_removed(const Agent& agent);
  void framework_removed(const Framework& framework);

  // ---- the call
  // ---------------------------------------------------------------------------------- When the
  // next call is to be made, if one is.
  std::optional<Time> next_call(Time now) const;
  // REQUIRES: next_call(state.now) has come.
  void call(State& state);
  void answered(State& state, const Result<AllocateResponse>& response);

 private:
  bool changed() const;
  AllocatorChanges take_changes(State& state);
  void offer(State& state, const Holding& holding);
  void refuse(State& state, const Holding& holding, const std::string& problem);

  const Duration interval_;
  AllocatorChanges changes_;  // without what the lists below name
  std::vector<RoleHandle> roles_;
  std::vector<AgentHandle> agents_;
  std::vector<FrameworkHandle> frameworks_;
  // What the call under way was told; told again if it fails.
  std::optional<AllocatorChanges> under_way_;
  std::optional<Time> deadline_;  // when the allocator wants to be called even if nothing changes
  Time not_before_{Duration::min()};
};

}  // namespace mesolite::master
