// Agents: who is there, and the transitions of their lives: registration, return, disconnection,
// loss.
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
#include "kernel/master/slots.hpp"
#include "mesolite/protocol/messages.hpp"

namespace mesolite::master {

// Lost agents that are remembered; the oldest is forgotten first.
inline constexpr std::size_t unreachable_agents_max = 102'400;

struct UnreachableAgent {
  Time since{};
  std::string bus;
  // That its frameworks believe to be out of reach; some may be forgotten by now.
  std::vector<std::pair<FrameworkHandle, TaskId>> tasks;
};

class Agents {
 public:
  explicit Agents(std::string id_prefix) : ids_(std::move(id_prefix)) {}

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

  // ---- agents that were given up and may come back ----
  void remember_unreachable(const AgentInfo& info, Time when);
  // Null if there is none of this id.
  UnreachableAgent* find_unreachable(const AgentId& id);
  bool is_unreachable(const AgentId& id) const { return unreachable_.contains(id); }
  // That was last reached there; empty if there is none.
  AgentId unreachable_at(const std::string& bus) const;
  // Forgets it; nothing if there is none of this id.
  std::optional<UnreachableAgent> take_unreachable(const AgentId& id);
  std::size_t unreachable_count() const { return unreachable_.size(); }

 private:
  Slots<AgentHandle, Agent> slots_;
  std::unordered_map<AgentId, Agent*> by_id_;
  std::unordered_map<std::string, Agent*> by_bus_;
  std::unordered_map<AgentId, UnreachableAgent> unreachable_;
  std::unordered_map<std::string, AgentId> unreachable_by_bus_;
  std::deque<std::pair<AgentId, Time>> unreachable_order_;  // may name some that came back
  GivenIds ids_;
};

// ---- transitions
// ---------------------------------------------------------------------------------

class State;

// agent_registration.cpp: the first time, or back again with what runs there.
void register_agent(State& state, Peer& peer, RegisterAgent request);

// The link is gone: nothing more is offered of it, and it has agent_reregister_timeout to return.
void agent_disconnected(State& state, Agent& agent, std::string_view reason);
// Given up: its tasks are unreachable or lost, it is forgotten but may come back.
void lose_agent(State& state, Agent& agent, std::string_view reason);
// It ended on purpose, and all that ran on it.
void unregister_agent(State& state, Agent& agent);
// Another agent stands where it stood.
void replace_agent(State& state, Agent& agent);
void agent_deadline(State& state, Agent& agent);
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
