#include "sdk/src/framework/executor_session.hpp"

#include <algorithm>
#include <utility>

#include "mesolite/protocol/version.hpp"

namespace mesolite {
namespace {

// How long stop() waits for the agent to acknowledge what it was told.
constexpr Duration stop_patience = 2s;
// For the agent's answer to each step of the registration.
constexpr Duration step_timeout = 10s;
// An agent gives up an executor that it started sooner than that.
constexpr Duration first_registration_timeout = 5min;
// Between being refused and trying again.
constexpr Duration refusal_pause = 500ms;
// Keeps a message of updates far below what a frame can hold.
constexpr std::size_t updates_per_message_max = 1'000;
// A registration tells this much of updates; the rest follows it.
constexpr std::size_t registration_bytes_max = 1u << 20;
// So that an update fits into a message at every hop.
constexpr std::size_t update_bytes_max = 8u << 20;

std::size_t bytes_of(const TaskStatus& status) {
  return status.data.size() + status.message.size();
}

// The state is worth more than what it carries.
void fit(TaskStatus& status) {
  const std::size_t bytes = bytes_of(status);
  if (bytes <= update_bytes_max) return;
  status.data = {};
  status.message = "its data and message, " + std::to_string(bytes) +
                   " bytes, were left out: an update carries at most " +
                   std::to_string(update_bytes_max);
}

bool is_due(const std::optional<Time>& deadline, Time now) {
  return deadline && *deadline <= now;
}

}  // namespace

ExecutorSession::ExecutorSession(ExecutorSettings settings, std::uint64_t incarnation)
    : settings_(std::move(settings)), incarnation_(std::max<std::uint64_t>(incarnation, 1)) {}

// ---- the link
// ------------------------------------------------------------------------------------

void ExecutorSession::start(Time now) {
  recovery_deadline_ = now + std::max(settings_.recovery_timeout, first_registration_timeout);
  outputs_.emplace_back(Connect{settings_.endpoint});
}

void ExecutorSession::connected(Time now) {
  if (phase_ == ExecutorPhase::ended || pauses(now)) return;
  phase_ = ExecutorPhase::greeting;
  answer_deadline_ = now + step_timeout;
  send(Hello{PeerRole::executor, std::string(version), "none", "", {}});
}

void ExecutorSession::disconnected(Time now) {
  if (phase_ == ExecutorPhase::ended) return;
  const bool was_registered = phase_ == ExecutorPhase::registered;
  phase_ = ExecutorPhase::connecting;
  answer_deadline_.reset();
  if (pauses(now)) answer_deadline_ = pause_end_;
  if (!was_registered) return;
  recovery_deadline_ = now + settings_.recovery_timeout;
  call(Disconnected{});
}

void ExecutorSession::advance(Time now) {
  if (phase_ == ExecutorPhase::ended) return;
  if (is_due(stop_deadline_, now)) return end(DriverStatus::stopped);
  if (is_due(shutdown_deadline_, now)) return end(DriverStatus::aborted);
  if (is_due(recovery_deadline_, now)) {
    call(ExecutorShutdown{});
    return end(DriverStatus::aborted);
  }
  if (!is_due(answer_deadline_, now)) return;
  answer_deadline_.reset();
  phase_ = ExecutorPhase::connecting;
  outputs_.emplace_back(Connect{settings_.endpoint});
}

std::optional<Time> ExecutorSession::next_deadline() const {
  std::optional<Time> earliest;
  for (const auto& deadline :
       {recovery_deadline_, answer_deadline_, stop_deadline_, shutdown_deadline_}) {
    if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
  }
  return phase_ == ExecutorPhase::ended ? std::nullopt : earliest;
}

// ---- registration
// --------------------------------------------------------------------------------

void ExecutorSession::register_executor(Time now) {
  phase_ = ExecutorPhase::registering;
  answer_deadline_ = now + step_timeout;
  last_sent_ = 0;
  RegisterExecutor request;
  request.framework_id = settings_.framework_id;
  request.executor_id = settings_.executor_id;
  request.token = settings_.token;
  // What the agent has acknowledged it has written down: however many tasks there are, those that
  // it may not know to have arrived are few, and fit a message.
  for (const auto& [id, task] : tasks_) {
    if (!task.agent_knows) request.tasks.push_back(task.launch);
  }
  std::size_t bytes = 0;
  for (const auto& [sequence, status] : updates_) {
    if (request.updates.size() >= updates_per_message_max) break;  // the rest follows
    bytes += bytes_of(status);
    if (bytes > registration_bytes_max && !request.updates.empty()) break;
    request.updates.push_back(status);
    last_sent_ = sequence;
  }
  send(std::move(request));
}

void ExecutorSession::registered(ExecutorRegistered answer) {
  if (phase_ != ExecutorPhase::registering) return;
  phase_ = ExecutorPhase::registered;
  recovery_deadline_.reset();
  answer_deadline_.reset();
  agent_id_ = answer.agent.id;
  if (std::exchange(registered_before_, true)) return call(AgentReturned{std::move(answer.agent)});
  call(std::move(answer));
}

// One that the agent took in before may come back before the agent has noticed that it was gone:
// the agent cuts the link, and after a pause the next one is tried.
void ExecutorSession::refused(Time now, const Refused& refusal) {
  if (!registered_before_) return give_up("the agent refused the executor: " + refusal.reason);
  phase_ = ExecutorPhase::connecting;
  pause_end_ = now + refusal_pause;
  answer_deadline_ = pause_end_;
}

// ---- messages
// ------------------------------------------------------------------------------------

struct ExecutorSession::Handle {
  ExecutorSession& session;
  Time now;

  void operator()(Welcome&) const {
    if (session.phase_ == ExecutorPhase::greeting) session.register_executor(now);
  }
  void operator()(Refused& refusal) const { session.refused(now, refusal); }
  void operator()(Ping& ping) const { session.send(Pong{ping.sequence}); }
  void operator()(ExecutorRegistered& answer) const { session.registered(std::move(answer)); }
  void operator()(LaunchTasks& launch) const {
    for (const TaskLaunch& task : launch.tasks) session.launch(now, task);
  }
  void operator()(KillExecutorTask& kill) const { session.kill(kill); }
  void operator()(ExecutorAcknowledgements& message) const { session.acknowledged(message); }
  void operator()(ExecutorData& data) const { session.call(std::move(data)); }
  void operator()(ExecutorShutdown& shutdown) const { session.shut_down(now, shutdown); }
  template <class Other>
  void operator()(Other&) const {}  // nothing that an agent says to an executor
};

void ExecutorSession::received(Time now, Message message) {
  if (phase_ != ExecutorPhase::ended) std::visit(Handle{*this, now}, message);
}

void ExecutorSession::launch(Time now, const TaskLaunch& launch) {
  auto task = unpack(launch);
  if (!task) {
    TaskStatus status;
    status.task_id = launch.id;
    status.state = TaskState::error;
    status.reason = UpdateReason::task_invalid;
    status.message = task.error().message;
    return update(now, std::move(status));
  }
  const auto [live, is_new] = tasks_.try_emplace(launch.id);
  if (!is_new) return;
  TaskLaunch& kept = live->second.launch;
  kept.id = launch.id;
  kept.agent_id = launch.agent_id;
  kept.executor_id = launch.executor_id;
  kept.resources = launch.resources;
  kept.name = launch.name;
  live->second.kill_policy = task->kill_policy;
  call(TaskArrived{std::move(*task)});
}

void ExecutorSession::kill(const KillExecutorTask& kill) {
  const auto task = tasks_.find(kill.task_id);
  if (task == tasks_.end()) return;  // it has ended, and the agent will know soon
  call(TaskToKill{kill.task_id, kill.policy.value_or(task->second.kill_policy)});
}

void ExecutorSession::acknowledged(const ExecutorAcknowledgements& acknowledgements) {
  for (const Acknowledgement& acknowledgement : acknowledgements.updates) {
    if (acknowledgement.update_id.incarnation != incarnation_) continue;
    const auto update = updates_.find(acknowledgement.update_id.sequence);
    if (update == updates_.end()) continue;
    const auto task = tasks_.find(update->second.task_id);
    if (task != tasks_.end()) {
      task->second.agent_knows = true;
      if (is_terminal(update->second.state)) tasks_.erase(task);
    }
    updates_.erase(update);
  }
  end_if_stopped();
}

void ExecutorSession::shut_down(Time now, const ExecutorShutdown& shutdown) {
  if (shutdown_deadline_) return;
  shutdown_deadline_ = now + shutdown.grace_period;
  call(shutdown);
}

// ---- calls
// ---------------------------------------------------------------------------------------

void ExecutorSession::update(Time now, TaskStatus status) {
  if (phase_ == ExecutorPhase::ended) return;
  fit(status);
  status.agent_id = agent_id_;
  status.executor_id = settings_.executor_id;
  status.source = UpdateSource::executor;
  status.update_id = {incarnation_, ++last_sequence_};
  status.timestamp = now;
  updates_.emplace_hint(updates_.end(), last_sequence_, std::move(status));
}

void ExecutorSession::end_turn() {
  if (phase_ != ExecutorPhase::registered) return;
  ExecutorUpdates batch;
  for (auto update = updates_.upper_bound(last_sent_); update != updates_.end(); ++update) {
    batch.updates.push_back(update->second);
    if (batch.updates.size() >= updates_per_message_max) send(std::exchange(batch, {}));
  }
  last_sent_ = last_sequence_;
  if (!batch.updates.empty()) send(std::move(batch));
}

void ExecutorSession::send_message(std::string data) {
  if (phase_ == ExecutorPhase::registered) send(ExecutorData{Bytes(std::move(data))});
}

void ExecutorSession::stop(Time now) {
  if (phase_ == ExecutorPhase::ended || silenced()) return;
  stop_deadline_ = now + stop_patience;
  end_if_stopped();
}

void ExecutorSession::end_if_stopped() {
  if (stop_deadline_ && updates_.empty()) end(DriverStatus::stopped);
}

void ExecutorSession::abort() {
  aborted_ = true;
  if (phase_ != ExecutorPhase::ended) end(DriverStatus::aborted);
}

// ---- outputs
// -------------------------------------------------------------------------------------

void ExecutorSession::give_up(std::string reason) {
  call(Failed{std::move(reason)});
  end(DriverStatus::aborted);
}

void ExecutorSession::end(DriverStatus status) {
  phase_ = ExecutorPhase::ended;
  outputs_.emplace_back(Ended{status});
}

// One that is stopping is not called any more.
void ExecutorSession::call(ExecutorCallback callback) {
  if (!silenced()) outputs_.emplace_back(std::move(callback));
}

std::vector<ExecutorOutput> ExecutorSession::take() {
  return std::exchange(outputs_, {});
}

}  // namespace mesolite
