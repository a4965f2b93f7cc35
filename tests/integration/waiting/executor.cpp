// An executor whose tasks run until the file that their data names is there, and whose output says
// what becomes of its connection.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "mesolite/framework/driver.hpp"
#include "mesolite/framework/executor.hpp"

namespace mesolite {
namespace {

class WaitingExecutor final : public Executor {
 public:
  void launch_task(ExecutorDriver& driver, const TaskInfo& task) override {
    tell(driver, task.id, TaskState::running);
    look(driver, task.id, task.data.data);
  }
  void kill_task(ExecutorDriver& driver, const TaskId& task, const KillPolicy&) override {
    tell(driver, task, TaskState::killed);
  }
  void reregistered(ExecutorDriver&, const AgentInfo&) override {
    std::cout << "reregistered" << std::endl;
  }
  void disconnected(ExecutorDriver&) override { std::cout << "disconnected" << std::endl; }
  void shutdown(ExecutorDriver& driver) override {
    std::cout << "shut down" << std::endl;
    driver.stop();
  }

 private:
  static void tell(ExecutorDriver& driver, const TaskId& task, TaskState state) {
    TaskStatus status;
    status.task_id = task;
    status.state = state;
    driver.send_status_update(std::move(status));
  }

  void look(ExecutorDriver& driver, const TaskId& task, const std::string& file) {
    if (std::filesystem::exists(file)) return tell(driver, task, TaskState::finished);
    driver.post_after(10ms, [this, &driver, task, file] { look(driver, task, file); });
  }
};

}  // namespace
}  // namespace mesolite

int main() {
  mesolite::WaitingExecutor executor;
  mesolite::MesosExecutorDriver driver(executor);
  return driver.run() == mesolite::DriverStatus::stopped ? 0 : 1;
}
