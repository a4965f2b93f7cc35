#include "kernel/agent/ending.hpp"

#include <algorithm>
#include <utility>

#include "kernel/agent/checkpoints.hpp"
#include "kernel/agent/executors.hpp"
#include "kernel/agent/master_link.hpp"
#include "kernel/agent/tasks.hpp"
#include "kernel/agent/updates.hpp"

namespace mesolite::agent {
namespace {

// After the last grace: what has been killed takes a moment to be gone.
constexpr Duration patience = 10s;

void finish(State& state, std::string reason) {
  AgentEnding& ending = state.ending;
  ending.finished = true;
  state.deadlines.cancel(ending.deadline);
  send_gathered_updates(state);
  const bool unregister = ending.farewell == Farewell::unregister && is_registered(state);
  // The next agent of this work directory is another one.
  if (unregister || ending.farewell == Farewell::dismissed) discard_all(state);
  if (unregister) send_to_master(state, UnregisterAgent{});
  emit(state, Finished{std::move(reason)});
}

void end_framework(State& state, Framework& framework, Duration grace_max) {
  for (const auto& [id, executor] : framework.executors) {
    shutdown_executor(
        state, *executor, std::min(grace_max, shutdown_grace(state, *executor)),
        {TaskState::killed, UpdateReason::agent_removed, "the agent is shutting down"});
  }
  for (Task* task : in_order(framework)) {
    if (!task->is_command() || is_terminal(task->state)) continue;
    KillPolicy policy = task->own_kill_policy;
    policy.grace_period = std::min(policy.grace_period, grace_max);
    stop_task(state, *task, Ending::agent_ending, policy);
  }
}

}  // namespace

void begin_ending(State& state, std::string reason, Farewell farewell) {
  AgentEnding& ending = state.ending;
  if (std::exchange(ending.begun, true)) return;
  note(state, Severity::info, "agent_ending", {{"reason", reason}});
  ending.reason = std::move(reason);
  ending.farewell = farewell;
  // Who ends an agent does not wait for the most patient of its tasks.
  const Duration grace_max = state.configuration.executor_shutdown_grace_period;
  for (const auto& [id, framework] : state.frameworks) end_framework(state, *framework, grace_max);
  state.deadlines.set(ending.deadline, after(state.now, grace_max + patience), EndingDue{});
}

void continue_ending(State& state) {
  if (!state.ending.begun || state.ending.finished || !state.containers.empty()) return;
  finish(state, state.ending.reason);
}

void ending_due(State& state) {
  finish(state, state.ending.reason + "; " + std::to_string(state.containers.size()) +
                    " containers could not be ended");
}

}  // namespace mesolite::agent
