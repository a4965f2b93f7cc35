#include "frameworks/mini-hadoop/tracker/job_scheduler.hpp"

#include <cmath>
#include <utility>

#include "frameworks/mini-hadoop/tracker/messages.hpp"
#include "mesolite/base/check.hpp"

namespace mesolite::hadoop {
namespace {

const ExecutorId executor_id{"task-tracker"};
constexpr Duration tick_interval = 200ms;
// When a slot that waits for a map whose input lies there is to be offered again.
constexpr Duration locality_retry = 500ms;
// What an executor needs beside the data of its tasks: code, threads, buffers.
constexpr std::int64_t executor_mem_mb = 32;
constexpr std::int64_t task_extra_mem_mb = 32;
constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

std::int64_t whole(std::int64_t thousandths) {
  return thousandths * 1000;
}

Resources task_resources(const JobRequest& request) {
  Resources resources;
  const auto mem_mb = static_cast<std::int64_t>((request.memory + mebibyte - 1) / mebibyte);
  resources.set_plain(Scalar::cpus, std::llround(request.cpus * 1000));
  resources.set_plain(Scalar::mem, whole(mem_mb + task_extra_mem_mb));
  return resources;
}

Resources executor_resources() {
  Resources resources;
  resources.set_plain(Scalar::mem, whole(executor_mem_mb));
  return resources;
}

// Whether the attempt ended through no fault of its own.
bool is_loss(const TaskStatus& update) {
  if (update.state == TaskState::failed || update.state == TaskState::error) {
    return update.reason == UpdateReason::executor_terminated ||
           update.reason == UpdateReason::executor_registration_timeout ||
           update.reason == UpdateReason::agent_disconnected ||
           update.reason == UpdateReason::agent_restarted ||
           update.reason == UpdateReason::agent_removed ||
           update.reason == UpdateReason::invalid_offers;
  }
  return true;
}

}  // namespace

JobScheduler::JobScheduler(JobRequest request, Environment environment)
    : request_(std::move(request)),
      environment_(std::move(environment)),
      committer_(environment_.files, request_.output) {
  MESOLITE_CHECK(!request_.stages.empty(), "a job has at least one stage");
}

// ---- stages ------------------------------------------------------------------------------------

void JobScheduler::registered(SchedulerDriver& driver, const FrameworkId& id, const MasterInfo&) {
  started_ = environment_.now();
  const bool resumes = !past_.empty();
  const Status ready = start_job();
  if (!ready) return end(driver, ready.error().message);
  if (resumes) {
    reconcile(driver);
  } else {
    JournalEntry entry;
    entry.kind = JournalKind::registered;
    entry.framework_id = id;
    note(entry);
  }
  tick(driver);
}

void JobScheduler::reregistered(SchedulerDriver& driver, const MasterInfo&) {
  driver.reconcile_tasks();
}

Status JobScheduler::start_job() {
  auto shipper = FileShipper::start(request_.files, request_.ip, request_.token);
  if (!shipper) return tl::unexpected(shipper.error());
  shipper_ = std::move(*shipper);
  if (!past_.empty()) {
    committer_.resume();
    return replay();
  }
  if (auto prepared = committer_.prepare(); !prepared) return prepared;
  return start_stage();
}

Status JobScheduler::start_stage() {
  const auto job = environment_.catalogue.make(stage().job, stage().parameters);
  if (!job) return tl::unexpected(job.error());
  std::vector<FileEntry> inputs = request_.inputs;
  if (stage_ > 0) {
    auto listed = environment_.files.list(committer_.stage_path(stage_ - 1));
    if (!listed) return tl::unexpected(listed.error());
    inputs = std::move(*listed);
  }
  const auto splittable = [&](const std::string& path) { return (*job)->splittable(path); };
  const SplitOptions options{
      .size = request_.split_size, .memory = request_.memory, .splittable = splittable};
  if (auto few = check_splits(inputs, options); !few) return few;
  auto splits = make_splits(inputs, options);
  for (const FileEntry& file : inputs) {
    if (file.whole && file.size > split_size_min) {
      tell("'" + file.path + "' is compressed in one piece: one task reads all of it");
    }
  }
  if (auto asked = add_hosts(splits, inputs, environment_.files); !asked) {
    tell(asked.error().message + ": maps may run far from their input");
  }
  StageSetup setup{environment_.files, stage().reduces, std::move(splits), stage().parameters};
  if (auto ready = (*job)->prepare(setup); !ready) return ready;
  JournalEntry entry;
  entry.kind = JournalKind::stage;
  entry.stage = stage_;
  entry.splits = splits_ = std::move(setup.splits);
  entry.parameters = parameters_ = std::move(setup.parameters);
  note(entry);
  start_tracker();
  return {};
}

void JobScheduler::start_tracker() {
  placed_.clear();
  announced_.clear();
  input_bytes_ = 0;
  for (const Split& split : splits_) {
    const bool is_read = !split.pieces.empty() && !split.pieces.front().path.empty();
    if (is_read) input_bytes_ += split.bytes();  // others are made up, as those of pi
  }
  JobPlan plan;
  plan.stage = stage_;
  plan.maps = static_cast<std::uint32_t>(splits_.size());
  plan.reduces = stage().reduces;
  for (const Split& split : splits_) plan.map_hosts.push_back(split.hosts);
  tracker_.emplace(std::move(plan));
  outcome_.maps += static_cast<std::uint32_t>(splits_.size());
  outcome_.reduces += stage().reduces;
}

// ---- an earlier life ---------------------------------------------------------------------------

void JobScheduler::note(const JournalEntry& entry) {
  JobJournal* const journal = environment_.journal;
  if (journal == nullptr || !journal->status()) return;
  journal->write(entry);
  if (!journal->status()) {
    tell(journal->status().error().message + ": if this scheduler dies, the job ends with it");
  }
}

Status JobScheduler::replay() {
  for (JournalEntry& entry : std::exchange(past_, {})) {
    if (entry.kind == JournalKind::stage && entry.stage < request_.stages.size()) {
      if (tracker_) counters_.add(tracker_->counters().values());
      stage_ = entry.stage;
      splits_ = std::move(entry.splits);
      parameters_ = std::move(entry.parameters);
      start_tracker();
    }
    if (!tracker_) continue;
    if (entry.kind == JournalKind::started) {
      tracker_->started(entry.attempt, entry.agent);
      placed_[entry.attempt] = entry.agent;
      executors_.insert(entry.agent);
      ++outcome_.attempts;
    } else if (entry.kind == JournalKind::finished) {
      tracker_->finished(entry.attempt, entry.agent, entry.report);
    } else if (entry.kind == JournalKind::agent_lost) {
      tracker_->agent_lost(entry.agent, "lost in an earlier life of the scheduler");
      executors_.erase(entry.agent);
    }
  }
  if (!tracker_) return start_stage();  // it had not come to one
  tracker_->take_actions();
  return {};
}

void JobScheduler::reconcile(SchedulerDriver& driver) {
  std::vector<TaskReference> tasks;
  for (const TaskKind kind : {TaskKind::map, TaskKind::reduce}) {
    for (const AttemptId& id : tracker_->running(kind)) {
      tasks.push_back({TaskId(to_text(id)), placed_[id]});
    }
  }
  // An empty list would ask for all there are.
  if (!tasks.empty()) driver.reconcile_tasks(std::move(tasks));
}

void JobScheduler::stage_ended(SchedulerDriver& driver) {
  counters_.add(tracker_->counters().values());
  if (tracker_->state() == JobState::failed) return end(driver, tracker_->failure_reason());
  if (stage_ + 1 == request_.stages.size()) {
    const Status committed = committer_.commit_job(tracker_->committed());
    return end(driver, committed ? std::nullopt : std::optional(committed.error().message));
  }
  Status next = committer_.commit_stage(stage_, tracker_->committed());
  if (next) {
    ++stage_;
    next = start_stage();
  }
  if (!next) return end(driver, next.error().message);
}

void JobScheduler::end(SchedulerDriver& driver, std::optional<std::string> error) {
  if (ended_) return;
  ended_ = true;
  const Time now = environment_.now();
  outcome_.succeeded = !error;
  outcome_.error = error.value_or("");
  outcome_.counters = counters_.values();
  const Time first = first_attempt_.value_or(now);
  const Time maps_done = maps_done_.value_or(now);
  outcome_.times = {first - started_, maps_done - first, now - maps_done, now - started_};
  if (environment_.show && tracker_) environment_.show(view());
  driver.stop();
}

void JobScheduler::cancel(SchedulerDriver& driver, const std::string& reason) {
  end(driver, reason);
}

// ---- offers ------------------------------------------------------------------------------------

void JobScheduler::resource_offers(SchedulerDriver& driver, const std::vector<Offer>& offers) {
  const bool wanted = !ended_ && tracker_;
  for (const Offer& offer : offers) {
    if (wanted) tracker_->meet(offer.agent_id, offer.hostname);
  }
  for (const Offer& offer : offers) {
    std::vector<TaskInfo> tasks = wanted ? tasks_for(offer) : std::vector<TaskInfo>{};
    Filters filters;
    if (wanted && tracker_->waits_for_input(offer.agent_id)) {
      filters.refuse_duration = locality_retry;
    }
    if (tasks.empty()) {
      driver.decline_offers({offer.id}, filters);
    } else {
      driver.launch_tasks({offer.id}, std::move(tasks), filters);
    }
  }
  react(driver);
}

std::vector<TaskInfo> JobScheduler::tasks_for(const Offer& offer) {
  Resources left = offer.resources;
  std::vector<TaskInfo> tasks;
  const Resources slot = task_resources(request_);
  const bool needs_executor = offer.executor_ids.empty() && !executors_.contains(offer.agent_id);
  if (needs_executor) {
    if (!left.contains(executor_resources())) return {};
    left -= executor_resources();
  }
  while (left.contains(slot)) {
    const auto id = tracker_->assign(offer.agent_id);
    if (!id) break;
    left -= slot;
    tasks.push_back(task_for(*id, offer.agent_id));
    placed_[*id] = offer.agent_id;
    JournalEntry entry;
    entry.kind = JournalKind::started;
    entry.attempt = *id;
    entry.agent = offer.agent_id;
    note(entry);
    ++outcome_.attempts;
    if (!first_attempt_) first_attempt_ = environment_.now();
  }
  if (!tasks.empty()) executors_.insert(offer.agent_id);
  return tasks;
}

ExecutorInfo JobScheduler::executor() const {
  ExecutorInfo info;
  info.id = executor_id;
  info.name = "mini-hadoop task tracker";
  info.command = request_.executor;
  info.resources = executor_resources();
  info.data = Bytes(encode(WorkerOptions{.token = request_.token, .memory = request_.memory}));
  return info;
}

TaskInfo JobScheduler::task_for(const AttemptId& id, const AgentId& agent) const {
  TaskInfo task;
  task.id = TaskId(to_text(id));
  task.name = stage().job + " " + (id.kind == TaskKind::map ? "map " : "reduce ") +
              std::to_string(id.index);
  task.agent_id = agent;
  task.resources = task_resources(request_);
  task.executor = executor();
  task.data = Bytes(encode(assignment_for(id)));
  return task;
}

TaskAssignment JobScheduler::assignment_for(const AttemptId& id) const {
  TaskAssignment assignment;
  assignment.id = id;
  assignment.job = stage().job;
  assignment.parameters = parameters_;
  assignment.files = shipper_.files();
  assignment.partitions = stage().reduces;
  if (id.kind == TaskKind::map) {
    assignment.split = splits_[id.index];
  } else {
    assignment.maps = static_cast<std::uint32_t>(splits_.size());
    assignment.outputs = tracker_->outputs_for(id.index);
  }
  if (id.kind == TaskKind::reduce || stage().reduces == 0) {
    assignment.output_path = committer_.attempt_path(id);
  }
  return assignment;
}

// ---- news --------------------------------------------------------------------------------------

void JobScheduler::status_updates(SchedulerDriver& driver, const std::vector<TaskStatus>& updates) {
  if (ended_ || !tracker_) return;
  for (const TaskStatus& update : updates) take_update(update);
  react(driver);
}

void JobScheduler::take_update(const TaskStatus& update) {
  const auto id = parse_attempt_id(update.task_id.value);
  if (!id || !tracker_->is_running(*id)) return;
  const bool ended = is_terminal(update.state) || update.state == TaskState::unreachable;
  // That it has finished the master knows too, but what came of it is in the agent's own update,
  // which is repeated until it is acknowledged.
  const bool hearsay =
      update.state == TaskState::finished && update.reason == UpdateReason::reconciliation;
  if (ended && !hearsay) take_end_of(*id, update);
}

void JobScheduler::take_end_of(const AttemptId& id, const TaskStatus& update) {
  const std::string reason =
      update.message.empty() ? std::string(mesolite::to_text(update.reason)) : update.message;
  if (update.state == TaskState::finished) {
    const auto report = decode<TaskReport>(update.data.view());
    if (report) return take_report(id, *report);
    return tracker_->failed(id, "its report is unreadable: " + report.error().message);
  }
  const std::string where = update.agent_id.value;
  if (is_loss(update)) {
    tell(to_text(id) + " was lost on agent " + where + ": " + reason);
    tracker_->lost(id, reason);
  } else {
    tell(to_text(id) + " failed on agent " + where + ": " + reason);
    tracker_->failed(id, reason);
  }
}

void JobScheduler::take_report(const AttemptId& id, const TaskReport& report) {
  JournalEntry entry;
  entry.kind = JournalKind::finished;
  entry.attempt = id;
  entry.agent = placed_[id];
  entry.report = report;
  note(entry);
  for (const std::string& record : report.skipped) tell("skipped " + record);
  tracker_->finished(id, entry.agent, report);
}

void JobScheduler::framework_message(SchedulerDriver& driver, const AgentId&, const ExecutorId&,
                                     std::string_view data) {
  const auto message = decode<WorkerMessage>(data);
  if (!message || ended_ || !tracker_) return;
  if (message->kind == WorkerMessageKind::output_lost) {
    if (message->id.stage == stage_) take_lost_output(driver, *message);
  } else if (message->kind == WorkerMessageKind::progress) {
    tracker_->progressed(message->id, message->done);
    if (!message->note.empty()) note_ = message->note;
    repeat_lost(driver, message->id, message->outputs_known);
  }
  react(driver);
}

void JobScheduler::take_lost_output(SchedulerDriver& driver, const WorkerMessage& message) {
  // Old news of a reduce that is itself gone may still be true; the attempt number decides.
  tell("the output of map " + std::to_string(message.map) + " is lost: " + message.reason);
  const bool again = tracker_->output_lost(message.map, message.map_attempt, message.reason);
  if (again && message.id.kind == TaskKind::reduce && tracker_->is_running(message.id)) {
    send_outputs(driver, message.id, {tracker_->output_for(message.id.index, message.map)});
  }
}

void JobScheduler::agent_lost(SchedulerDriver& driver, const AgentId& agent,
                              const std::string& reason) {
  executor_gone(agent, "agent lost: " + reason);
  react(driver);
}

void JobScheduler::executor_lost(SchedulerDriver& driver, const AgentId& agent, const ExecutorId&,
                                 std::int32_t, const std::string& reason) {
  executor_gone(agent, "executor lost: " + reason);
  react(driver);
}

void JobScheduler::executor_gone(const AgentId& agent, const std::string& reason) {
  if (executors_.erase(agent) == 0 || ended_ || !tracker_) return;
  tell(agent.value + ": " + reason);
  JournalEntry entry;
  entry.kind = JournalKind::agent_lost;
  entry.agent = agent;
  note(entry);
  tracker_->agent_lost(agent, reason);
}

void JobScheduler::error(SchedulerDriver& driver, const std::string& message) {
  end(driver, message);
}

// ---- what follows ------------------------------------------------------------------------------

void JobScheduler::react(SchedulerDriver& driver) {
  if (ended_ || !tracker_) return;
  std::vector<AttemptId> announced;
  for (const TrackerAction& action : tracker_->take_actions()) {
    if (action.kind == TrackerAction::Kind::announce) {
      announced.push_back(action.id);
    } else {
      driver.kill_task(TaskId(to_text(action.id)));
    }
  }
  announce(driver, announced);
  note_phases();
  if (tracker_->state() != JobState::running) stage_ended(driver);
  if (ended_) return;
  // Offers that nobody wants cost the master; and a filter must not hold back one that is wanted.
  const bool suppress = !tracker_->wants_slots();
  if (suppress != suppressed_) {
    suppress ? driver.suppress_offers() : driver.revive_offers();
    suppressed_ = suppress;
  }
}

void JobScheduler::announce(SchedulerDriver& driver, const std::vector<AttemptId>& maps) {
  if (maps.empty()) return;
  for (const AttemptId& reduce : tracker_->running(TaskKind::reduce)) {
    std::vector<MapOutputInfo> outputs;
    for (const AttemptId& map : maps) {
      // It may have been lost again in the same breath.
      if (tracker_->is_done(map)) outputs.push_back(tracker_->output_for(reduce.index, map.index));
    }
    if (!outputs.empty()) send_outputs(driver, reduce, std::move(outputs));
  }
}

void JobScheduler::repeat_lost(SchedulerDriver& driver, const AttemptId& reduce,
                               std::uint32_t known) {
  if (reduce.kind != TaskKind::reduce || !tracker_->is_running(reduce)) return;
  // What was announced since its last report may be on its way.
  if (known < announced_[reduce]) {
    send_outputs(driver, reduce, tracker_->outputs_for(reduce.index));
  }
  announced_[reduce] = tracker_->maps_done();
}

void JobScheduler::send_outputs(SchedulerDriver& driver, const AttemptId& reduce,
                                std::vector<MapOutputInfo> outputs) {
  const auto agent = placed_.find(reduce);
  if (agent == placed_.end()) return;
  driver.send_framework_message(agent->second, executor_id,
                                encode(OutputsMessage{reduce, std::move(outputs)}));
}

void JobScheduler::note_phases() {
  const bool last_stage = stage_ + 1 == request_.stages.size();
  if (tracker_->maps_done() < splits_.size()) {
    maps_done_.reset();  // a map had to be made again
  } else if (last_stage && !maps_done_) {
    maps_done_ = environment_.now();
  }
}

void JobScheduler::tick(SchedulerDriver& driver) {
  if (ended_) return;
  tracker_->advance(environment_.now());
  react(driver);
  if (ended_) return;
  if (environment_.show) environment_.show(view());
  driver.post_after(tick_interval, [this, &driver] { tick(driver); });
}

JobView JobScheduler::view() const {
  const JobProgress progress = tracker_->progress();
  return {.stage = stage_,
          .stages = static_cast<std::uint32_t>(request_.stages.size()),
          .progress = progress,
          .input_bytes = input_bytes_,
          .agents = executors_.size(),
          .waiting_for_offers = progress.running == 0 && tracker_->wants_slots(),
          .note = note_};
}

void JobScheduler::tell(const std::string& what) const {
  if (environment_.tell) environment_.tell(what);
}

}  // namespace mesolite::hadoop
