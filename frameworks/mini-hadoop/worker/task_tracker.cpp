#include "frameworks/mini-hadoop/worker/task_tracker.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace mesolite::hadoop {
namespace {

TaskStatus status_of(const TaskId& task, TaskState state, std::string message = "") {
  TaskStatus status;
  status.task_id = task;
  status.state = state;
  status.message = std::move(message);
  return status;
}

// How many bytes the UTF-8 character at the start has; 0 if there is none (RFC 3629, section 4).
std::size_t character_size(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (size > bytes.size()) return 0;
  unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (const char byte : bytes.substr(1, size - 1)) {
    const auto value = static_cast<unsigned char>(byte);
    if (value < least || value > most) return 0;
    least = 0x80;
    most = 0xBF;
  }
  return size;
}

// What the wire takes as text: bytes that are none, as of a record in a message, become "?".
std::string as_text(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t size = character_size(bytes);
    text += size > 0 ? bytes.substr(0, size) : std::string_view("?");
    bytes.remove_prefix(std::max<std::size_t>(1, size));
  }
  return text;
}

}  // namespace

TaskTracker::TaskTracker(FileSystem& files, const JobCatalogue& catalogue, std::string sandbox)
    : files_(files), catalogue_(catalogue), sandbox_(std::move(sandbox)) {}

void TaskTracker::finish() {
  for (const auto& [id, attempt] : attempts_) attempt->stop();
  pool_.reset();
}

void TaskTracker::registered(ExecutorDriver&, const ExecutorInfo& executor, const FrameworkInfo&,
                             const AgentInfo& agent) {
  const Status ready = set_up(executor, agent);
  if (!ready) broken_ = ready.error().message;
}

Status TaskTracker::set_up(const ExecutorInfo& executor, const AgentInfo& agent) {
  const auto options = decode<WorkerOptions>(executor.data.view());
  if (!options) return failure("cannot read the worker's options", options.error());
  auto scratch = data::ScratchDirectory::create(sandbox_, "mini-hadoop-");
  if (!scratch) return tl::unexpected(scratch.error());
  const std::string ip = agent.ip.empty() ? "127.0.0.1" : agent.ip;
  auto blocks = data::BlockServer::start({.ip = ip, .token = options->token});
  if (!blocks) return tl::unexpected(blocks.error());
  scratch_.emplace(std::move(*scratch));
  blocks_ = std::move(*blocks);
  shipped_ = std::make_unique<ShippedFiles>(options->token, scratch_->path());
  environment_ = std::make_unique<WorkerEnvironment>(
      WorkerEnvironment{.files = files_,
                        .catalogue = catalogue_,
                        .blocks = *blocks_,
                        .shipped = *shipped_,
                        .host = ip + ":" + std::to_string(blocks_->port()),
                        .scratch = scratch_->path(),
                        .options = *options});
  pool_ = std::make_unique<WorkerPool>(options->memory);
  return {};
}

void TaskTracker::launch_task(ExecutorDriver& driver, const TaskInfo& task) {
  auto assignment = decode<TaskAssignment>(task.data.view());
  if (!assignment) {
    const std::string problem = "cannot read the assignment: " + assignment.error().message;
    return driver.send_status_update(status_of(task.id, TaskState::failed, problem));
  }
  if (!pool_) {
    const std::string problem = broken_.empty() ? "not registered yet" : broken_;
    return driver.send_status_update(status_of(task.id, TaskState::failed, problem));
  }
  start(driver, std::move(*assignment), task.id);
}

void TaskTracker::start(ExecutorDriver& driver, TaskAssignment assignment, const TaskId& task) {
  forget_stages_before(assignment.id.stage);
  const AttemptId id = assignment.id;
  const auto report_lost = [&driver, id](std::uint32_t map, std::uint32_t attempt,
                                         const std::string& reason) {
    WorkerMessage message;
    message.kind = WorkerMessageKind::output_lost;
    message.id = id;
    message.map = map;
    message.map_attempt = attempt;
    message.reason = reason;
    driver.send_framework_message(encode(message));
  };
  auto attempt = std::make_shared<Attempt>(std::move(assignment), *environment_, report_lost);
  attempts_[id] = attempt;
  driver.send_status_update(status_of(task, TaskState::running));
  pool_->submit(
      [this, &driver, attempt](Workspace& workspace) { run(driver, attempt, workspace); });
  if (!reporting_) report_later(driver);
}

// [worker thread]
void TaskTracker::run(ExecutorDriver& driver, const std::shared_ptr<Attempt>& attempt,
                      Workspace& workspace) {
  auto report = attempt->run(workspace);
  TaskStatus status = status_of(TaskId(to_text(attempt->id())), TaskState::finished);
  if (report) {
    for (std::string& record : report->skipped) record = as_text(record);
    status.data = Bytes(encode(*report));
  } else {
    status.state = attempt->stopping() ? TaskState::killed : TaskState::failed;
    status.message = as_text(report.error().message);
  }
  driver.send_status_update(std::move(status));
  driver.post([this, id = attempt->id()] { attempts_.erase(id); });
}

void TaskTracker::kill_task(ExecutorDriver&, const TaskId& task, const KillPolicy&) {
  const auto id = parse_attempt_id(task.value);
  const auto found = id ? attempts_.find(*id) : attempts_.end();
  if (found != attempts_.end()) found->second->stop();
}

void TaskTracker::framework_message(ExecutorDriver&, std::string_view data) {
  const auto message = decode<OutputsMessage>(data);
  if (!message) return;  // of a scheduler that knows more than we do
  const auto found = attempts_.find(message->reduce);
  if (found != attempts_.end()) found->second->add_outputs(message->outputs);
}

void TaskTracker::shutdown(ExecutorDriver& driver) {
  for (const auto& [id, attempt] : attempts_) attempt->stop();
  driver.stop();
}

void TaskTracker::report_later(ExecutorDriver& driver) {
  reporting_ = true;
  driver.post_after(environment_->options.report_interval,
                    [this, &driver] { report_progress(driver); });
}

void TaskTracker::report_progress(ExecutorDriver& driver) {
  reporting_ = false;
  if (attempts_.empty()) return;
  for (const auto& [id, attempt] : attempts_) {
    WorkerMessage progress = attempt->progress();
    progress.note = as_text(progress.note);
    driver.send_framework_message(encode(progress));
  }
  report_later(driver);
}

void TaskTracker::forget_stages_before(std::uint32_t stage) {
  for (; stage_ < stage; ++stage_) {
    blocks_->withdraw(block_prefix(stage_));
    std::error_code ignored;  // what cannot be removed goes with the scratch directory
    std::filesystem::remove_all(stage_directory(environment_->scratch, stage_), ignored);
  }
}

}  // namespace mesolite::hadoop
