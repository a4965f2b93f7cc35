#include "frameworks/mini-hadoop/worker/attempt.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "frameworks/mini-hadoop/engine/groups.hpp"
#include "frameworks/mini-hadoop/engine/shuffle.hpp"

namespace mesolite::hadoop {
namespace {

// Of a reduce's progress: fetching the outputs is the first part, reducing the rest.
constexpr double shuffle_share = 0.5;

double share(std::uint64_t done, std::uint64_t total) {
  if (total == 0) return 0;
  return std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
}

Status make_parent(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return failure("cannot make the directory of '" + path + "': " + error.message());
  return {};
}

}  // namespace

std::string stage_directory(const std::string& scratch, std::uint32_t stage) {
  return scratch + "/stage" + std::to_string(stage);
}

Attempt::Attempt(TaskAssignment assignment, const WorkerEnvironment& environment,
                 LiveFeed::ReportLost report_lost)
    : assignment_(std::move(assignment)),
      environment_(environment),
      parameters_(assignment_.parameters),
      feed_(assignment_.id, assignment_.maps, std::move(report_lost)),
      bytes_total_(assignment_.split.bytes()) {
  feed_.add(assignment_.outputs);
}

std::string Attempt::scratch_prefix() const {
  return stage_directory(environment_.scratch, id().stage) + "/" + to_text(id());
}

Result<TaskReport> Attempt::run(Workspace& workspace) {
  if (stopping()) return stopped();
  const auto files = environment_.shipped.directory(assignment_.files, stop_.get_token());
  if (!files) return tl::unexpected(files.error());
  parameters_["files"] = *files;
  auto job = environment_.catalogue.make(assignment_.job, parameters_);
  if (!job) return tl::unexpected(job.error());
  if (auto made = make_parent(scratch_prefix()); !made) return tl::unexpected(made.error());
  Counters counters;
  Result<TaskReport> report;
  // Built-in jobs do not throw, but memory may run out anywhere.
  const Status ran = guarded("task", [&]() -> Status {
    if (id().kind == TaskKind::map) {
      report = run_map(**job, workspace, counters);
      return report ? Status{} : tl::unexpected(report.error());
    }
    workspace.release();  // the shuffle may use as much
    return run_reduce(**job, counters);
  });
  if (!ran) return tl::unexpected(ran.error());
  report->counters = counters.values();
  return report;
}

Result<TaskReport> Attempt::run_map(const Job& job, Workspace& workspace, Counters& counters) {
  TaskReport report;
  MapTask task{.index = id().index,
               .split = assignment_.split,
               .parameters = parameters_,
               .partitions = assignment_.partitions,
               .memory = environment_.options.memory,
               .scratch_prefix = scratch_prefix(),
               .outputs_file = stage_directory(environment_.scratch, id().stage) + "/outputs" +
                               std::to_string(workspace.number()),
               .output_path = assignment_.output_path,
               .files = environment_.files,
               .workspace = workspace,
               .counters = counters,
               .note = note_,
               .skipped = report.skipped,
               .bytes_done = bytes_done_,
               .stop = stop_.get_token()};
  if (assignment_.partitions == 0) {
    if (auto made = make_attempt_directory(); !made) return tl::unexpected(made.error());
  }
  const auto output = job.map(task);
  if (!output) return tl::unexpected(output.error());
  report.host = environment_.host;
  for (std::uint32_t partition = 0; partition < output->runs.size(); ++partition) {
    const data::SpillRun& run = output->runs[partition];
    report.runs.push_back({run.length, run.records});
    environment_.blocks.publish(block_name(id(), partition),
                                {output->path, run.offset, run.length});
  }
  return report;
}

Status Attempt::make_attempt_directory() {
  // The scheduler made the directory in which attempts make theirs. If it is gone the job has
  // ended, and what is written now would stay behind.
  const std::filesystem::path attempt_directory =
      std::filesystem::path(assignment_.output_path).parent_path();
  const auto alive = environment_.files.exists(attempt_directory.parent_path().string());
  if (!alive) return tl::unexpected(alive.error());
  if (!*alive) return failure("the output directory is gone");
  return environment_.files.make_directories(attempt_directory.string());
}

Status Attempt::run_reduce(const Job& job, Counters& counters) {
  Shuffle shuffle({.maps = assignment_.maps,
                   .memory = environment_.options.memory,
                   .scratch_prefix = scratch_prefix(),
                   .client = {.token = environment_.options.token,
                              .timeout = environment_.options.fetch_timeout},
                   .comparison = job.key_comparison(),
                   .own_blocks = &environment_.blocks,
                   .own_host = environment_.host},
                  counters);
  auto runs = shuffle.gather(feed_, stop_.get_token());
  if (!runs) return tl::unexpected(runs.error());
  for (const auto& run : *runs) records_total_ += run->records();
  counters.add(counter::reduce_input_records, records_total_);
  data::Merger merger(std::move(*runs), job.key_comparison());

  if (auto made = make_attempt_directory(); !made) return made;
  ReduceTask task{.partition = id().index,
                  .input = merger,
                  .parameters = parameters_,
                  .output_path = assignment_.output_path,
                  .files = environment_.files,
                  .counters = counters,
                  .note = note_,
                  .records_done = records_done_,
                  .stop = stop_.get_token()};
  return job.reduce(task);
}

WorkerMessage Attempt::progress() const {
  WorkerMessage message;
  message.kind = WorkerMessageKind::progress;
  message.id = id();
  message.note = note_.text();
  if (id().kind == TaskKind::map) {
    message.done = share(bytes_done_, bytes_total_);
  } else {
    message.outputs_known = feed_.known();
    message.done = shuffle_share * share(message.outputs_known, assignment_.maps) +
                   (1 - shuffle_share) * share(records_done_, records_total_);
  }
  return message;
}

}  // namespace mesolite::hadoop
