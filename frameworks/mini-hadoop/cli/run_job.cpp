#include "frameworks/mini-hadoop/cli/run_job.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "frameworks/mini-hadoop/cli/face.hpp"
#include "frameworks/mini-hadoop/cli/signal_watch.hpp"
#include "frameworks/mini-hadoop/tracker/job_scheduler.hpp"
#include "mesolite/base/random.hpp"
#include "mesolite/framework/driver.hpp"

namespace mesolite::hadoop {
namespace {

namespace fs = std::filesystem;

constexpr int failed_status = 1;
constexpr Duration master_patience = 2s;
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

std::vector<StageRequest> stages_of(const CommandLine& line) {
  if (line.command == Command::word_count) return {{"wordcount", {}, line.reducers}};
  const Parameters parameters = {{"pattern", line.pattern},
                                 {"literal", line.literal ? "true" : "false"}};
  // One reduce in the end, for one order.
  return {{"grep-search", parameters, line.reducers}, {"sort-by-count", {}, 1}};
}

// Paths are made absolute: executors have another working directory.
Result<JobRequest> request_of(const CommandLine& line, const FileSystem& files) {
  JobRequest request;
  for (const std::string& input : line.inputs) {
    const auto listed = files.list(fs::absolute(input).string());
    if (!listed) return tl::unexpected(listed.error());
    request.inputs.insert(request.inputs.end(), listed->begin(), listed->end());
  }
  auto command = executor_command();
  if (!command) return tl::unexpected(command.error());
  request.stages = stages_of(line);
  request.output = fs::absolute(line.output).lexically_normal().string();
  request.split_size = line.split_size;
  request.memory = line.memory;
  request.cpus = line.cpus;
  request.executor = std::move(*command);
  request.token = random_token();
  const auto there = files.exists(request.output);
  if (there && *there) return failure("output '" + request.output + "' exists already");
  return request;
}

SchedulerOptions scheduler_options(const CommandLine& line) {
  SchedulerOptions options;
  options.master = line.master;
  options.framework.name =
      std::string("mini-hadoop ") + (line.command == Command::grep ? "grep" : "wordcount");
  options.framework.user = user_name();
  options.framework.principal = line.principal;
  options.authenticator = line.authenticator;
  options.principal = line.principal;
  options.secret_file = line.secret_file;
  return options;
}

Time steady_now() {
  return Time(
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

}  // namespace

int run_job(const CommandLine& line, FileSystem& files, const JobCatalogue& catalogue) {
  Face face(line.quiet ? Face::Volume::quiet : Face::Volume::normal);
  auto request = request_of(line, files);
  if (!request) {
    std::fprintf(stderr, "mini-hadoop: %s\n", request.error().message.c_str());
    return failed_status;
  }
  const std::string output = request->output;
  block_signals();
  JobScheduler scheduler(std::move(*request),
                         {.files = files,
                          .catalogue = catalogue,
                          .now = steady_now,
                          .show = [&](const JobView& view) { face.show(view); },
                          .tell = [&](const std::string& what) { face.tell(what); }});
  MesosSchedulerDriver driver(scheduler, scheduler_options(line));
  std::atomic<bool> interrupted = false;
  {
    const SignalWatch watch([&](int) {
      interrupted = true;
      driver.post([&] { scheduler.cancel(driver, "interrupted"); });
    });
    // A master that is not there is looked for until somebody gives up: say so.
    driver.post_after(master_patience, [&] {
      if (!scheduler.is_registered()) face.tell("waiting for the master at " + line.master);
    });
    driver.run();
  }
  if (!scheduler.outcome().succeeded) scheduler.clean_up();
  face.report(scheduler.outcome(), output);
  if (interrupted) return interrupted_status;
  return scheduler.outcome().succeeded ? 0 : failed_status;
}

}  // namespace mesolite::hadoop
