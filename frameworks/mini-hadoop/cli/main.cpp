// mini-hadoop: one program for the person who starts a job and for the executors that run it.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>

#include "frameworks/mini-hadoop/cli/inquiries.hpp"
#include "frameworks/mini-hadoop/cli/options.hpp"
#include "frameworks/mini-hadoop/cli/run_job.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"
#include "frameworks/mini-hadoop/storage/storage.hpp"
#include "frameworks/mini-hadoop/worker/task_tracker.hpp"
#include "mesolite/framework/driver.hpp"

namespace {

namespace hadoop = mesolite::hadoop;

int run_executor(hadoop::FileSystem& files, const hadoop::JobCatalogue& catalogue) {
  hadoop::TaskTracker tracker(files, catalogue, std::filesystem::current_path().string());
  mesolite::MesosExecutorDriver driver(tracker);
  const mesolite::DriverStatus status = driver.run();
  tracker.finish();  // while its attempts still have a driver
  return status == mesolite::DriverStatus::stopped ? 0 : 1;
}

// The name that a Hadoop file system is asked with.
std::string hadoop_user() {
  for (const char* const variable : {"HADOOP_USER_NAME", "USER"}) {
    const char* const value = std::getenv(variable);
    if (value != nullptr) return value;
  }
  return "";
}

int answer(const hadoop::CommandLine& line) {
  const auto store = hadoop::JobStore::open();
  if (!store) {
    std::fprintf(stderr, "mini-hadoop: %s\n", store.error().message.c_str());
    return 1;
  }
  switch (line.command) {
    case hadoop::Command::status:
      return hadoop::show_status(*store, line.id);
    case hadoop::Command::counters:
      return hadoop::show_counters(*store, line.id);
    case hadoop::Command::kill:
      return hadoop::kill_job(*store, line.id);
    case hadoop::Command::history:
      return hadoop::show_history(*store);
    default:
      return hadoop::list_jobs(*store);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = hadoop::parse_command_line(argc, argv);
  if (const int* const status = std::get_if<int>(&parsed)) return *status;
  const auto& line = std::get<hadoop::CommandLine>(parsed);
  const std::unique_ptr<hadoop::FileSystem> files = hadoop::make_storage(hadoop_user());
  const hadoop::JobCatalogue catalogue = hadoop::builtin_jobs();
  switch (line.command) {
    case hadoop::Command::executor:
      return run_executor(*files, catalogue);
    case hadoop::Command::job:
      return hadoop::run_job(line, *files, catalogue);
    case hadoop::Command::resume:
      return hadoop::resume_job(line, *files, catalogue);
    default:
      return answer(line);
  }
}
