// Agents: who is there, and the transitions of their lives: registration, return, disconnection,
// loss. What an operator does to them stands in agent_operations.hpp.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kernel/master/given_ids.hpp"
#include "kernel/master/peers.hpp"
#include "kernel/master/records.hpp"
#include "kernel/master/removals.hpp"
#include "kernel/master/slots.hpp"
#include "mesolite/protocol/messages.hpp"

namespace mesolite::master {

// Agents that are remembered as unreachable, and as gone; the oldest is forgotten first.
inline constexpr std::size_t absent_agents_max = 102'400;
inline constexpr Duration absent_age_max = 14 * 24h;

struct UnreachableAgent {
  Time since{};
  AgentInfo info;
  bool deactivated = false;  // holds when it is back
  std::optional<Drain> drain;
  // That its frameworks believe to be out of reach; some may be forgotten by now.
  std::vector<std::pair<FrameworkHandle, TaskId>> tasks;
};

class Agents {
 public:
  Agents(std::string id_prefix, Duration removal_interval)
      : removals(removal_interval), ids_(std::move(id_prefix)) {}

  Removals removals;  // of those that were given up

  Agent* find(AgentHandle handle) const { return slots_.find(handle); }
  Agent* find(const AgentId& id) const;
  // Who said to be reachable there; null if `bus` is empty.
  Agent* find_at(const std::string& bus) const;
  std::size_t size() const { return slots_.size(); }
  template <class Visit>
  void for_each(Visit&& visit) const {
    slots_.for_each(visit);
  }

  // Gives an id if `info` has none.
  Agent& add(AgentInfo info);
  void change_info(Agent& agent, AgentInfo info);
  void remove(Agent& agent);
  // Whether an id that names no agent now was given by this run of the master.
  bool gave(const AgentId& id) const { return ids_.gave(id.value); }

  // ---- agents of an earlier master that have yet to come back ----
  void set_recovered(Agent& agent, bool recovered);
  std::size_t recovered_count() const { return recovered_; }

  // ---- agents that were given up and may come back ----
  // Those that are forgotten for it, since too many or too old, are added to `forgotten`.
  UnreachableAgent& remember_unreachable(AgentInfo info, Time when,
                                         std::vector<AgentId>& forgotten);
  // Null if there is none of this id.
  UnreachableAgent* find_unreachable(const AgentId& id);
  bool is_unreachable(const AgentId& id) const { return unreachable_.contains(id); }
  // That was last reached there; empty if there is none.
  AgentId unreachable_at(const std::string& bus) const;
  // Forgets it; nothing if there is none of this id.
  std::optional<UnreachableAgent> take_unreachable(const AgentId& id);
  std::size_t unreachable_count() const { return unreachable_.size(); }
  // Oldest first.
  template <class Visit>
  void for_each_unreachable(Visit&& visit) const {
    for (const auto& [id, since] : unreachable_order_) {
      const auto found = unreachable_.find(id);
      if (found != unreachable_.end() && found->second.since == since) visit(found->second);
    }
  }

  // ---- agents that an operator has declared gone, which never come back ----
  void remember_gone(const AgentId& id, Time when, std::vector<AgentId>& forgotten);
  bool is_gone(const AgentId& id) const { return gone_.contains(id); }
  std::size_t gone_count() const { return gone_.size(); }

 private:
  using Order = std::deque<std::pair<AgentId, Time>>;  // may name some that are so no more

  // Whether the oldest of an order is to be forgotten.
  static bool too_much(const Order& order, Time now);

  Slots<AgentHandle, Agent> slots_;
  std::unordered_map<AgentId, Agent*> by_id_;
  std::unordered_map<std::string, Agent*> by_bus_;
  std::unordered_map<AgentId, UnreachableAgent> unreachable_;
  std::unordered_map<std::string, AgentId> unreachable_by_bus_;
  Order unreachable_order_;
  std::unordered_map<AgentId, Time> gone_;
  Order gone_order_;
  std::size_t recovered_ = 0;  // agents with that mark
  GivenIds ids_;
};

// ---- transitions
// ---------------------------------------------------------------------------------

class State;
enum class AgentEnding : std::uint8_t;  // tasks.hpp

// agent_registration.cpp: the first time, or back again with what runs there.
void register_agent(State& state, Peer& peer, RegisterAgent request);

// The link is gone: nothing more is offered of it, and it has agent_reregister_timeout to return.
void agent_disconnected(State& state, Agent& agent, std::string_view reason);
// It did not answer, or did not come back: it is lost, at once or when it is its turn.
void give_up_agent(State& state, Agent& agent, std::string_view reason);
// Its tasks are unreachable or lost, it is forgotten but may come back.
void lose_agent(State& state, Agent& agent, std::string_view reason);
// Those that wait for their removal, as far as it is their turn.
void remove_waiting_agents(State& state);
// It ended on purpose, and all that ran on it.
void unregister_agent(State& state, Agent& agent);
// Another agent stands where it stood.
void replace_agent(State& state, Agent& agent);
// Takes the agent and all that is on it off the books. Each of its tasks gets the state that
// `ending` names for its framework. What the registry shall say of the agent is the caller's.
void remove_agent(State& state, Agent& agent, AgentEnding ending, const std::string& reason);
void agent_deadline(State& state, Agent& agent);
// Writes the agent down as it stands now.
void persist_agent(State& state, const Agent& agent);
void persist_unreachable(State& state, const UnreachableAgent& agent);
void forget_agents(State& state, const std::vector<AgentId>& ids);
// Says it to the agent if it is connected.
void send_to_agent(State& state, const Agent& agent, Message message);

// Something that an agent says and that concerns nothing here; it has changed nothing. Most often
// its subject has just ended.
void refuse_report(State& state, const Agent& agent, std::string_view report,
                   const std::string& problem);

// Resources that are neither offered nor used.
Resources free_resources(const Agent& agent);

// ---- executors
// -----------------------------------------------------------------------------------

// Charges an executor of the framework; the agent must not have it yet.
void add_executor(Agent& agent, Framework& framework, const ExecutorId& id, Executor executor);
// Takes it off the books and tells the allocator. False if the agent had none.
bool remove_executor(State& state, Agent& agent, Framework& framework, const ExecutorId& id);
void executor_exited(State& state, Agent& agent, const ExecutorExited& exited);

}  // namespace mesolite::master
