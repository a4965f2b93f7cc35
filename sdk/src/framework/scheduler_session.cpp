#include "sdk/src/framework/scheduler_session.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "mesolite/protocol/version.hpp"

namespace mesolite {
namespace {

// For each step of a new link: to connect, to be welcomed.
constexpr Duration step_timeout = 20s;
// For an answer to Subscribe, before the backoff that comes on top.
constexpr Duration subscribe_patience = 2s;
// A master that pings and then falls silent for so long is stuck, though its host is alive.
constexpr Duration master_silence_max = 90s;
// Between two looks for the master: it may be back on this machine, or on another.
constexpr Duration locate_wait_max = 5s;
constexpr Duration subscribe_wait_max = 1min;
// A framework that never ran has nothing to lose by giving up, and its user wants to know why.
constexpr int first_refusals_max = 3;
// Masters that send us to and fro have not agreed yet.
constexpr int redirections_max = 3;

// A task's executor travels once, however many of its tasks go with it.
Accept pack_accept(std::vector<OfferId> offers, std::vector<Operation> operations,
                   Filters filters) {
  Accept accept;
  accept.offers = std::move(offers);
  accept.filters = filters;
  std::unordered_set<ExecutorId> packed;
  for (Operation& operation : operations) {
    PackedOperation& out = accept.operations.emplace_back();
    out.kind = operation.kind;
    out.resources = std::move(operation.resources);
    out.tasks.reserve(operation.tasks.size());
    for (TaskInfo& task : operation.tasks) {
      if (task.executor && packed.insert(task.executor->id).second) {
        accept.executors.push_back(pack(*task.executor));
      }
      out.tasks.push_back(pack(std::move(task)));
    }
  }
  return accept;
}

// What was just queued, if it is a message of this kind: neighbours that say the same of different
// things travel as one.
template <class Kind>
Kind* last_sent(std::vector<SchedulerOutput>& outputs) {
  if (outputs.empty()) return nullptr;
  Send* last = std::get_if<Send>(&outputs.back());
  return last == nullptr ? nullptr : std::get_if<Kind>(&last->message);
}

}  // namespace

SchedulerSession::SchedulerSession(const SchedulerOptions& options,
                                   ClientAuthentication& authentication, std::uint64_t seed)
    : framework_(options.framework),
      acknowledgements_(options.acknowledgements),
      backoff_factor_(options.registration_backoff_factor),
      mechanism_(options.authenticator),
      principal_(options.principal),
      authentication_(authentication),
      random_(seed) {}

// ---- finding the master
// --------------------------------------------------------------------------

void SchedulerSession::start() {
  phase_ = SchedulerPhase::locating;
  outputs_.emplace_back(Locate{});
}

void SchedulerSession::located(Time now, const Result<std::string>& bus) {
  if (phase_ != SchedulerPhase::locating) return;
  if (!bus) return wait(now);
  phase_ = SchedulerPhase::connecting;
  deadline_ = now + step_timeout;
  outputs_.emplace_back(Connect{*bus});
}

void SchedulerSession::connected(Time now) {
  if (phase_ == SchedulerPhase::connecting) greet(now);
}

void SchedulerSession::disconnected(Time now) {
  if (phase_ >= SchedulerPhase::connecting && phase_ != SchedulerPhase::ended) lose_link(now);
}

void SchedulerSession::lose_link(Time now) {
  const bool was_subscribed = phase_ == SchedulerPhase::subscribed;
  outputs_.emplace_back(CloseLink{});
  gathered_acknowledgements_.clear();  // the agent sends those updates again
  wait(now);
  if (was_subscribed) call(Disconnected{});
}

void SchedulerSession::wait(Time now) {
  phase_ = SchedulerPhase::waiting;
  deadline_ = now + backoff(locate_wait_max);
}

// Random in [0, factor * 2^attempt]: those that lost the same master do not all come back at once.
Duration SchedulerSession::backoff(Duration longest) {
  const auto doubled = backoff_factor_ * (std::int64_t{1} << std::min(attempts_++, 20));
  const double bound = to_seconds(std::min<Duration>(doubled, longest));
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(random_.unit() * bound));
}

void SchedulerSession::advance(Time now) {
  if (!deadline_ || now < *deadline_) return;
  deadline_.reset();
  if (phase_ == SchedulerPhase::waiting) return start();
  if (phase_ == SchedulerPhase::subscribing) return subscribe(now);
  lose_link(now);
}

// ---- registration
// --------------------------------------------------------------------------------

void SchedulerSession::greet(Time now) {
  phase_ = SchedulerPhase::greeting;
  deadline_ = now + step_timeout;
  pinged_ = false;
  outputs_.emplace_back(FollowEpoch{0});  // whose bus this is, Welcome says
  auto token = authentication_.start();
  if (!token) return fail("authentication: " + token.error().message);
  send(Hello{PeerRole::scheduler, std::string(version), mechanism_, principal_, std::move(*token)});
}

// Epochs of different clusters do not compare.
bool SchedulerSession::is_stale(const MasterInfo& master) const {
  return master.cluster == master_.cluster && master.epoch < master_.epoch;
}

// Its tasks are in the cluster that it registered with: going on in another would lose them.
bool SchedulerSession::is_foreign(const MasterInfo& master) const {
  return registered_before_ && master.cluster != master_.cluster;
}

void SchedulerSession::welcomed(Time now, const Welcome& welcome) {
  if (auto proved = authentication_.check_server(); !proved) {
    if (!registered_before_) return fail("authentication: " + proved.error().message);
    return lose_link(now);
  }
  if (is_stale(welcome.master)) return lose_link(now);
  if (is_foreign(welcome.master)) {
    return fail("the master at " + welcome.master.bus + " leads cluster '" +
                welcome.master.cluster + "', but framework " + framework_.id.value +
                " is of cluster '" + master_.cluster + "'");
  }
  master_ = welcome.master;
  outputs_.emplace_back(FollowEpoch{master_.epoch});
  subscribe(now);
}

void SchedulerSession::refused(Time now, const Refused& refusal) {
  if (!refusal.leader_bus.empty() && attempts_ < redirections_max) {
    lose_link(now);
    phase_ = SchedulerPhase::locating;
    deadline_.reset();
    return located(now, refusal.leader_bus);
  }
  if (!registered_before_ && ++refusals_ >= first_refusals_max) return fail(refusal.reason);
  lose_link(now);
}

void SchedulerSession::subscribe(Time now) {
  phase_ = SchedulerPhase::subscribing;
  deadline_ = now + subscribe_patience + backoff(subscribe_wait_max);
  send(Subscribe{framework_});
}

void SchedulerSession::subscribed(Time now, const Subscribed& answer) {
  if (phase_ != SchedulerPhase::subscribing) return;
  phase_ = SchedulerPhase::subscribed;
  deadline_.reset();
  heard_from_master(now);
  attempts_ = 0;
  refusals_ = 0;
  framework_.id = answer.framework_id;
  master_ = answer.master;
  outputs_.emplace_back(FollowEpoch{master_.epoch});
  if (std::exchange(registered_before_, true)) return call(Reregistered{answer.master});
  call(Registered{answer.framework_id, answer.master});
}

// ---- messages
// ------------------------------------------------------------------------------------

struct SchedulerSession::Handle {
  SchedulerSession& session;
  Time now;

  void operator()(Challenge& challenge) const {
    if (session.phase_ != SchedulerPhase::greeting) return;
    auto answer = session.authentication_.answer(challenge.data);
    if (!answer) return session.fail("authentication: " + answer.error().message);
    session.send(ChallengeResponse{std::move(*answer)});
  }
  void operator()(Welcome& welcome) const {
    if (session.phase_ == SchedulerPhase::greeting) session.welcomed(now, welcome);
  }
  void operator()(Refused& refusal) const { session.refused(now, refusal); }
  void operator()(Ping& ping) const {
    session.pinged_ = true;
    session.send(Pong{ping.sequence});
  }
  void operator()(Subscribed& answer) const { session.subscribed(now, answer); }
  void operator()(FrameworkError& error) const { session.fail(std::move(error.message)); }
  void operator()(Updates& updates) const {
    if (is_subscribed()) session.updated(std::move(updates));
  }
  void operator()(Offers& offers) const { pass(offers); }
  void operator()(RescindOffers& offers) const { pass(offers); }
  void operator()(MessageFromExecutor& message) const { pass(message); }
  void operator()(AgentLost& lost) const { pass(lost); }
  void operator()(ExecutorLost& lost) const { pass(lost); }
  void operator()(RequestRefused& refused) const { pass(refused); }
  template <class Other>
  void operator()(Other&) const {}  // nothing that a master says to a scheduler

  bool is_subscribed() const { return session.phase_ == SchedulerPhase::subscribed; }
  template <class Callback>
  void pass(Callback& callback) const {
    if (is_subscribed()) session.call(std::move(callback));
  }
};

void SchedulerSession::received(Time now, Message message) {
  if (phase_ < SchedulerPhase::greeting || phase_ == SchedulerPhase::ended) return;
  heard_from_master(now);
  std::visit(Handle{*this, now}, message);
}

void SchedulerSession::heard_from_master(Time now) {
  if (pinged_ && phase_ == SchedulerPhase::subscribed) deadline_ = now + master_silence_max;
}

void SchedulerSession::updated(Updates updates) {
  if (!updates.updates.empty()) call(std::move(updates));
}

void SchedulerSession::delivered(const Updates& updates) {
  if (acknowledgements_ == Acknowledgements::explicit_) return;
  for (const TaskStatus& update : updates.updates) acknowledge(update);
}

void SchedulerSession::end_turn() {
  if (gathered_acknowledgements_.empty()) return;
  send_if_subscribed(Acknowledge{std::exchange(gathered_acknowledgements_, {})});
}

std::vector<SchedulerOutput> SchedulerSession::take() {
  return std::exchange(outputs_, {});
}

// ---- calls
// ---------------------------------------------------------------------------------------

void SchedulerSession::accept(Time now, std::vector<OfferId> offers,
                              std::vector<Operation> operations, Filters filters) {
  const auto does_nothing = [](const Operation& operation) {
    return operation.tasks.empty() && operation.resources.empty();
  };
  if (std::all_of(operations.begin(), operations.end(), does_nothing)) {
    return decline(std::move(offers), filters);
  }
  if (phase_ != SchedulerPhase::subscribed) return drop_tasks(now, operations);
  send(pack_accept(std::move(offers), std::move(operations), filters));
}

void SchedulerSession::drop_tasks(Time now, const std::vector<Operation>& operations) {
  Updates dropped;
  for (const Operation& operation : operations) {
    for (const TaskInfo& task : operation.tasks) {
      TaskStatus& status = dropped.updates.emplace_back();
      status.task_id = task.id;
      status.state = framework_.has(FrameworkCapability::partition_aware) ? TaskState::dropped
                                                                          : TaskState::lost;
      status.agent_id = task.agent_id;
      if (task.executor) status.executor_id = task.executor->id;
      status.message = "not launched: there is no connection to the master";
      status.source = UpdateSource::master;
      status.reason = UpdateReason::master_disconnected;
      status.timestamp = now;
    }
  }
  if (phase_ != SchedulerPhase::ended) updated(std::move(dropped));
}

// Only an Accept can be as large as that.
void SchedulerSession::not_sent(Time now, const Message& message, const Error& error) {
  const auto* accept = std::get_if<Accept>(&message);
  if (accept == nullptr || phase_ == SchedulerPhase::ended) return;
  Updates refused;
  for (const PackedOperation& operation : accept->operations) {
    for (const TaskLaunch& task : operation.tasks) {
      TaskStatus& status = refused.updates.emplace_back();
      status.task_id = task.id;
      status.state = TaskState::error;
      status.agent_id = task.agent_id;
      status.executor_id = task.executor_id;
      status.message = error.message;
      status.source = UpdateSource::master;
      status.reason = UpdateReason::task_invalid;
      status.timestamp = now;
    }
  }
  updated(std::move(refused));
  decline(accept->offers, accept->filters);
}

void SchedulerSession::decline(std::vector<OfferId> offers, Filters filters) {
  Decline* last = last_sent<Decline>(outputs_);
  if (last == nullptr || last->filters != filters) {
    return send_if_subscribed(Decline{std::move(offers), filters});
  }
  last->offers.insert(last->offers.end(), offers.begin(), offers.end());
}

void SchedulerSession::revive(std::vector<std::string> roles) {
  send_if_subscribed(Revive{std::move(roles)});
}

void SchedulerSession::suppress(std::vector<std::string> roles) {
  send_if_subscribed(Suppress{std::move(roles)});
}

void SchedulerSession::kill(const TaskId& task, std::optional<KillPolicy> policy) {
  send_if_subscribed(KillTask{task, AgentId(), policy});
}

void SchedulerSession::acknowledge(const TaskStatus& update) {
  if (phase_ != SchedulerPhase::subscribed || update.update_id.empty()) return;
  gathered_acknowledgements_.push_back({update.agent_id, update.task_id, update.update_id});
}

void SchedulerSession::reconcile(std::vector<TaskReference> tasks) {
  send_if_subscribed(Reconcile{std::move(tasks)});
}

void SchedulerSession::send_message(const AgentId& agent, const ExecutorId& executor,
                                    std::string data) {
  send_if_subscribed(MessageToExecutor{agent, executor, Bytes(std::move(data))});
}

void SchedulerSession::shutdown_executor(const AgentId& agent, const ExecutorId& executor) {
  send_if_subscribed(ShutdownExecutor{agent, executor});
}

void SchedulerSession::stop(bool failover) {
  if (phase_ == SchedulerPhase::ended) return;
  end_turn();
  if (!failover) send_if_subscribed(Teardown{});
  end(DriverStatus::stopped);
}

void SchedulerSession::abort() {
  if (phase_ != SchedulerPhase::ended) end(DriverStatus::aborted);
}

// ---- outputs
// -------------------------------------------------------------------------------------

void SchedulerSession::fail(std::string message) {
  call(Failed{std::move(message)});
  end(DriverStatus::aborted);
}

void SchedulerSession::end(DriverStatus status) {
  phase_ = SchedulerPhase::ended;
  deadline_.reset();
  outputs_.emplace_back(Ended{status});
}

void SchedulerSession::send(Message message) {
  outputs_.emplace_back(Send{std::move(message)});
}

void SchedulerSession::send_if_subscribed(Message message) {
  if (phase_ == SchedulerPhase::subscribed) send(std::move(message));
}

void SchedulerSession::call(SchedulerCallback callback) {
  outputs_.emplace_back(std::move(callback));
}

}  // namespace mesolite
