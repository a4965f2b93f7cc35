#include "frameworks/mini-hadoop/cli/run_job.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <utility>

#include "frameworks/mini-hadoop/cli/face.hpp"
#include "frameworks/mini-hadoop/cli/job_store.hpp"
#include "frameworks/mini-hadoop/cli/signal_watch.hpp"
#include "frameworks/mini-hadoop/storage/storage.hpp"
#include "frameworks/mini-hadoop/tracker/job_scheduler.hpp"
#include "mesolite/base/random.hpp"
#include "mesolite/framework/driver.hpp"

namespace mesolite::hadoop {
namespace {

namespace fs = std::filesystem;

constexpr int failed_status = 1;
constexpr Duration master_patience = 2s;
// How long executors go on when their scheduler has died, for somebody to take the job up again.
constexpr Duration failover_timeout = 600s;
constexpr int interrupted_status = 130;  // 128 + SIGINT, as shells say

std::string random_token() {
  std::array<char, 33> text{};
  for (std::size_t at = 0; at < 32; at += 16) {
    std::snprintf(text.data() + at, 17, "%016llx", static_cast<unsigned long long>(random_seed()));
  }
  return text.data();
}

std::string user_name() {
  const passwd* const entry = getpwuid(geteuid());
  return entry != nullptr ? entry->pw_name : std::to_string(geteuid());
}

Result<CommandInfo> executor_command() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) return failure("cannot find the path of this program: " + error.message());
  CommandInfo command;
  command.shell = false;
  command.value = self.string();
  command.arguments = {self.string(), "executor"};
  return command;
}

std::string absolute(const std::string& path) {
  return is_url(path) ? path : fs::absolute(path).lexically_normal().string();
}

// Paths are made absolute: executors have another working directory.
Result<std::vector<FileEntry>> list_inputs(const std::vector<std::string>& patterns,
                                           const FileSystem& files) {
  std::vector<FileEntry> inputs;
  for (const std::string& pattern : patterns) {
    const auto listed = files.list(absolute(pattern));
    if (!listed) return tl::unexpected(listed.error());
    inputs.insert(inputs.end(), listed->begin(), listed->end());
  }
  return inputs;
}

Result<JobRequest> request_of(const CommandLine& line, const FileSystem& files) {
  JobRequest request;
  auto inputs = list_inputs(line.inputs, files);
  if (!inputs) return tl::unexpected(inputs.error());
  request.inputs = std::move(*inputs);
  const auto right = list_inputs(line.right_inputs, files);
  if (!right) return tl::unexpected(right.error());
  Parameters parameters = line.parameters;
  if (const auto library = parameters.find("library"); library != parameters.end()) {
    library->second = fs::absolute(library->second).string();
  }
  for (const FileEntry& file : *right) {
    const bool left_too =
        std::any_of(request.inputs.begin(), request.inputs.end(),
                    [&](const FileEntry& left) { return left.path == file.path; });
    if (left_too) return failure("'" + file.path + "' is on both sides of the join");
    std::string& paths = parameters["right"];
    paths += (paths.empty() ? "" : "\n") + file.path;
    request.inputs.push_back(file);
  }
  auto command = executor_command();
  if (!command) return tl::unexpected(command.error());
  request.stages = example_stages(line.job, parameters, line.reducers);
  request.output = absolute(line.output);
  request.split_size = line.split_size;
  request.memory = line.memory;
  request.cpus = line.cpus;
  request.executor = std::move(*command);
  request.token = random_token();
  for (const std::string& file : line.files) request.files.push_back(fs::absolute(file).string());
  request.ip = line.ip;
  const auto there = files.exists(request.output);
  if (there && *there) return failure("output '" + request.output + "' exists already");
  return request;
}

SchedulerOptions scheduler_options(const StoredJob& job) {
  SchedulerOptions options;
  options.master = job.master;
  options.framework.name = "mini-hadoop " + job.name;
  options.framework.user = user_name();
  options.framework.principal = job.principal;
  options.framework.failover_timeout = failover_timeout;
  options.authenticator = job.authenticator;
  options.principal = job.principal;
  options.secret_file = job.secret_file;
  return options;
}

Time steady_now() {
  return Time(
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

int refuse(const Error& error) {
  std::fprintf(stderr, "mini-hadoop: %s\n", error.message.c_str());
  return failed_status;
}

// One job from here to its end, with its face and its folder.
class Run {
 public:
  Run(StoredJob job, JobRecord record, const JobStore& store, const JobFolder& folder,
      Face::Volume volume)
      : job_(std::move(job)),
        record_(std::move(record)),
        store_(store),
        folder_(folder),
        face_(volume) {}

  int execute(FileSystem& files, const JobCatalogue& catalogue, std::vector<JournalEntry> past);

 private:
  void show(const JobView& view, SchedulerDriver& driver);
  void conclude(const JobOutcome& outcome);

  const StoredJob job_;
  JobRecord record_;
  const JobStore& store_;
  const JobFolder& folder_;
  Face face_;
  JobScheduler* scheduler_ = nullptr;  // of execute()
  std::atomic<bool> interrupted_ = false;
};

void Run::show(const JobView& view, SchedulerDriver& driver) {
  face_.show(view);
  record_.map_share = view.progress.map_share;
  record_.reduce_share = view.progress.reduce_share;
  record_.maps = view.progress.maps;
  record_.reduces = view.progress.reduces;
  folder_.save(record_);
  if (folder_.kill_wanted() && !interrupted_.exchange(true)) {
    driver.post([this, &driver] { scheduler_->cancel(driver, "killed"); });
  }
}

void Run::conclude(const JobOutcome& outcome) {
  record_.condition = outcome.succeeded ? JobCondition::succeeded
                      : interrupted_    ? JobCondition::killed
                                        : JobCondition::failed;
  record_.ended = std::time(nullptr);
  record_.maps = outcome.maps;
  record_.reduces = outcome.reduces;
  record_.attempts = outcome.attempts;
  record_.error = outcome.error;
  record_.counters = outcome.counters;
  folder_.save(record_);
  store_.add_to_history(record_);
  face_.report(outcome, record_.output);
}

int Run::execute(FileSystem& files, const JobCatalogue& catalogue, std::vector<JournalEntry> past) {
  SchedulerOptions options = scheduler_options(job_);
  for (const JournalEntry& entry : past) {
    if (entry.kind == JournalKind::registered) options.framework.id = entry.framework_id;
  }
  auto journal = JobJournal::take_up(folder_.journal(), past);
  if (!journal) return refuse(journal.error());
  SchedulerDriver* shared_driver = nullptr;
  JobScheduler scheduler(job_.request,
                         {.files = files,
                          .catalogue = catalogue,
                          .now = steady_now,
                          .show = [&](const JobView& view) { show(view, *shared_driver); },
                          .tell = [&](const std::string& what) { face_.tell(what); },
                          .journal = journal->get()});
  scheduler_ = &scheduler;
  scheduler.resume(std::move(past));
  MesosSchedulerDriver driver(scheduler, options);
  shared_driver = &driver;
  {
    const SignalWatch watch([&](int) {
      interrupted_ = true;
      driver.post([&] { scheduler.cancel(driver, "interrupted"); });
    });
    // A master that is not there is looked for until somebody gives up: say so.
    driver.post_after(master_patience, [&] {
      if (!scheduler.is_registered()) face_.tell("waiting for the master at " + job_.master);
    });
    driver.run();
  }
  if (!scheduler.outcome().succeeded) scheduler.clean_up();
  conclude(scheduler.outcome());
  if (interrupted_) return interrupted_status;
  if (scheduler.outcome().counters.contains(std::string(counter::records_out_of_order))) {
    return refuse({"the records are not in order: see the output"});
  }
  return scheduler.outcome().succeeded ? 0 : failed_status;
}

Face::Volume volume_of(const CommandLine& line) {
  return line.quiet ? Face::Volume::quiet : Face::Volume::normal;
}

}  // namespace

int run_job(const CommandLine& line, FileSystem& files, const JobCatalogue& catalogue) {
  auto request = request_of(line, files);
  if (!request) return refuse(request.error());
  StoredJob job{std::move(*request), line.job,       line.master,
                line.authenticator,  line.principal, line.secret_file};
  JobRecord record;
  record.name = line.job;
  record.started = std::time(nullptr);
  record.output = job.request.output;
  const auto store = JobStore::open();
  if (!store) return refuse(store.error());
  const auto folder = store->create(job, record);
  if (!folder) return refuse(folder.error());
  block_signals();
  Run run(std::move(job), std::move(record), *store, **folder, volume_of(line));
  return run.execute(files, catalogue, {});
}

int resume_job(const CommandLine& line, FileSystem& files, const JobCatalogue& catalogue) {
  const auto store = JobStore::open();
  if (!store) return refuse(store.error());
  const auto folder = store->take_up(line.id);
  if (!folder) return refuse(folder.error());
  auto job = store->job(line.id);
  if (!job) return refuse(job.error());
  auto record = store->record(line.id);
  if (!record) return refuse(record.error());
  auto past = JobJournal::read((*folder)->journal());
  if (!past) return refuse(past.error());
  block_signals();
  Run run(std::move(*job), std::move(*record), *store, **folder, volume_of(line));
  return run.execute(files, catalogue, std::move(*past));
}

}  // namespace mesolite::hadoop
