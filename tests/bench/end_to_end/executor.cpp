// The executor of the bench: a task has finished as soon as it is launched, or, if its data says
// `hold`, when it is killed.
#include <chrono>

#include "mesolite/framework/driver.hpp"
#include "mesolite/framework/executor.hpp"

namespace mesolite {
namespace {

class AtOnce final : public Executor {
 public:
  void launch_task(ExecutorDriver& driver, const TaskInfo& task) override {
    TaskStatus status;
    status.task_id = task.id;
    status.state = task.data.data.empty() ? TaskState::finished : TaskState::running;
    driver.send_status_update(std::move(status));
  }

  void kill_task(ExecutorDriver& driver, const TaskId& task, const KillPolicy&) override {
    TaskStatus status;
    status.task_id = task;
    status.state = TaskState::killed;
    // One clock for all processes of the machine.
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    status.data = Bytes(std::to_string(std::chrono::duration_cast<Duration>(now).count()));
    driver.send_status_update(std::move(status));
  }

  void shutdown(ExecutorDriver& driver) override { driver.stop(); }
};

}  // namespace
}  // namespace mesolite

int main() {
  mesolite::AtOnce executor;
  mesolite::MesosExecutorDriver driver(executor);
  return driver.run() == mesolite::DriverStatus::stopped ? 0 : 1;
}
