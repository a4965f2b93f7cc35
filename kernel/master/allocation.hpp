// Allocation: the dialogue with the allocator. What changes in a turn is gathered and told in one
// call; what the allocator answers becomes offers, as far as the kernel's own books agree.
//
// The allocator may be slow or elsewhere: at most one call is under way, and the state goes on
// changing meanwhile. One that has lost its memory, or is to take another's place, is brought up to
// date by one call that tells everything.
//
// Its replacement (`reload`), during which the old one goes on serving:
//
//   none ─ reload() ─> loading ─ loaded() ─> ready ─ no call under way ─> asked
//     ^                   └─ it cannot be loaded ─┐                         │
//     └───────────────────────────────────────────┴────── answered() ───────┘
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernel/master/io.hpp"
#include "kernel/master/operators.hpp"
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
  void answered(State& state, const Allocated& answer);
  // It has been started again.
  void started(State& state);

  // ---- replacement
  // -------------------------------------------------------------------------------
  struct Reload {
    std::string name;   // empty: the same
    Question question;  // answered with what serves now, or why that stays as it was
  };
  // Fails while another one is under way.
  Status reload(State& state, Reload reload);
  void loaded(State& state, const Result<std::string>& title);

 private:
  enum class ReloadPhase : std::uint8_t { none, loading, ready, asked };
  struct Call {
    AllocatorChanges told;  // in place of these everything, if it is a rebuild
    bool rebuild = false;
    bool candidate = false;
  };

  bool changed() const;
  void call_failed(State& state, const Call& failed, const Allocated& answer);
  void candidate_answered(State& state, Call call, const Result<AllocateResponse>& response);
  void finish_reload(State& state, const Answer& answer);
  void take_in(State& state, const AllocateResponse& response);
  AllocatorChanges take_changes(State& state);
  void offer(State& state, const Holding& holding);
  void refuse(State& state, const Holding& holding, const std::string& problem);

  const Duration interval_;
  const AllocatorSettings settings_;
  AllocatorChanges changes_;  // without what the lists below name
  std::vector<RoleHandle> roles_;
  std::vector<AgentHandle> agents_;
  std::vector<FrameworkHandle> frameworks_;
  std::optional<Call> under_way_;
  bool rebuild_due_ = false;  // who serves knows nothing; the next call tells everything
  ReloadPhase reload_phase_ = ReloadPhase::none;
  Reload reload_;
  std::string candidate_;         // its title
  std::optional<Time> deadline_;  // when the allocator wants to be called even if nothing changes
  Time not_before_{Duration::min()};
};

}  // namespace mesolite::master
