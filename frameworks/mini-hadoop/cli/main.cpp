// mini-hadoop: one program for the person who starts a job and for the executors that run it.
#include <filesystem>
#include <variant>

#include "frameworks/mini-hadoop/cli/options.hpp"
#include "frameworks/mini-hadoop/cli/run_job.hpp"
#include "frameworks/mini-hadoop/input/file_system.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"
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

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = hadoop::parse_command_line(argc, argv);
  if (const int* const status = std::get_if<int>(&parsed)) return *status;
  const auto& line = std::get<hadoop::CommandLine>(parsed);
  hadoop::LocalFileSystem files;
  const hadoop::JobCatalogue catalogue = hadoop::builtin_jobs();
  if (line.command == hadoop::Command::executor) return run_executor(files, catalogue);
  return hadoop::run_job(line, files, catalogue);
}
