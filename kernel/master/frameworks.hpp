// Frameworks: who is subscribed, and the transitions of their lives: subscription, failover,
// disconnection, teardown.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kernel/master/given_ids.hpp"
#include "kernel/master/peers.hpp"
#include "kernel/master/records.hpp"
#include "kernel/master/slots.hpp"
#include "mesolite/protocol/messages.hpp"

namespace mesolite::master {

class Frameworks {
 public:
  explicit Frameworks(std::string id_prefix) : ids_(std::move(id_prefix)) {}

  Framework* find(FrameworkHandle handle) const { return slots_.find(handle); }
  Framework* find(const FrameworkId& id) const;
  std::size_t size() const { return slots_.size(); }
  template <class Visit>
  void for_each(Visit&& visit) const {
    slots_.for_each(visit);
  }

  // Gives an id if `id` is empty.
  Framework& add(FrameworkId id);
  // Its record goes to the completed ones, of which the newest `completed_max` are kept.
  void complete(Framework& framework, std::size_t completed_max);
  // Whether this id named a framework that has ended, as far as this run of the master knows.
  bool is_spent(const FrameworkId& id) const;
  // Of this run of the master.
  bool gave(const FrameworkId& id) const { return ids_.gave(id.value); }

  const std::deque<std::unique_ptr<Framework>>& completed() const { return completed_; }

 private:
  Slots<FrameworkHandle, Framework> slots_;
  std::unordered_map<FrameworkId, Framework*> by_id_;
  std::deque<std::unique_ptr<Framework>> completed_;                   // oldest first
  std::unordered_map<FrameworkId, const Framework*> completed_by_id_;  // those in completed_
  GivenIds ids_;
};

// ---- transitions
// ---------------------------------------------------------------------------------

class State;

// Whether this id named a framework that has ended, under this master or an earlier one.
bool is_spent(const State& state, const FrameworkId& id);
// subscription.cpp: the first time, again on the same connection, or another instance.
void subscribe(State& state, Peer& peer, FrameworkInfo info);
// A framework of which only its tasks on a returning agent are known: it has time to come back.
Framework& recover_framework(State& state, FrameworkInfo info);
// Writes the framework down as it stands now.
void persist_framework(State& state, const Framework& framework);
// Makes the record follow `info`: roles and what depends on them.
void change_framework_info(State& state, Framework& framework, FrameworkInfo info);

// Its scheduler is gone: it has failover_timeout to come back, and is torn down at once if that is
// zero.
void framework_disconnected(State& state, Framework& framework, std::string_view reason);
// Everything of it ends; its id is spent.
void remove_framework(State& state, Framework& framework, std::string_view reason);
void framework_deadline(State& state, Framework& framework);
void send_to_framework(State& state, const Framework& framework, Message message);
// To each agent on which something of it runs.
void send_to_agents_of(State& state, const Framework& framework, const Message& message);

void suppress(State& state, Framework& framework, const Suppress& request);
void revive(State& state, Framework& framework, const Revive& request);

// ---- messages between schedulers and executors
// ---------------------------------------------------

void message_to_executor(State& state, Framework& framework, MessageToExecutor message);
void message_to_scheduler(State& state, Agent& agent, ExecutorMessage message);
void shutdown_executor(State& state, Framework& framework, const ShutdownExecutor& request);

}  // namespace mesolite::master
