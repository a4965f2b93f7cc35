// TaskTracker: the executor of mini-hadoop. There is one per agent and job; it runs the attempts
// that it is given on threads of its own and serves the outputs of its maps to other executors.
//
// Lives on the driver's thread, but for the attempts. Its files lie in a scratch directory in the
// sandbox and go with it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "frameworks/mini-hadoop/jobs/builtin.hpp"
#include "frameworks/mini-hadoop/worker/attempt.hpp"
#include "frameworks/mini-hadoop/worker/worker_pool.hpp"
#include "mesolite/data/file.hpp"
#include "mesolite/framework/driver.hpp"
#include "mesolite/framework/executor.hpp"

namespace mesolite::hadoop {

class TaskTracker final : public Executor {
 public:
  // `sandbox`: a directory that exists.
  TaskTracker(FileSystem& files, const JobCatalogue& catalogue, std::string sandbox);
  ~TaskTracker() override { finish(); }

  // Stops what runs and waits for it. To be called between the end of the driver's thread and that
  // of the driver, which attempts use.
  void finish();

  void registered(ExecutorDriver&, const ExecutorInfo&, const FrameworkInfo&,
                  const AgentInfo&) override;
  void launch_task(ExecutorDriver&, const TaskInfo&) override;
  void kill_task(ExecutorDriver&, const TaskId&, const KillPolicy&) override;
  void framework_message(ExecutorDriver&, std::string_view data) override;
  void shutdown(ExecutorDriver&) override;

 private:
  Status set_up(const ExecutorInfo& executor, const AgentInfo& agent);
  void start(ExecutorDriver& driver, TaskAssignment assignment, const TaskId& task);
  void run(ExecutorDriver& driver, const std::shared_ptr<Attempt>& attempt, Workspace& workspace);
  void report_progress(ExecutorDriver& driver);
  void report_later(ExecutorDriver& driver);
  // Outputs of earlier stages have been read by all who wanted them.
  void forget_stages_before(std::uint32_t stage);

  FileSystem& files_;
  const JobCatalogue& catalogue_;
  const std::string sandbox_;
  std::string broken_;  // why no task can run here, if so
  std::optional<data::ScratchDirectory> scratch_;
  std::unique_ptr<data::BlockServer> blocks_;
  std::unique_ptr<ShippedFiles> shipped_;
  std::unique_ptr<WorkerEnvironment> environment_;
  std::map<AttemptId, std::shared_ptr<Attempt>> attempts_;
  bool reporting_ = false;
  std::uint32_t stage_ = 0;
  std::unique_ptr<WorkerPool> pool_;  // last: its threads use all above
};

}  // namespace mesolite::hadoop
