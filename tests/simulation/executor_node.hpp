// ExecutorNode: the real session of an executor's driver, and an executor that takes some time for
// each task.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "sdk/src/framework/executor_session.hpp"
#include "tests/simulation/surroundings.hpp"

namespace mesolite::simulation {

class ExecutorNode final : public Node {
 public:
  // `ended` is called when it ends by itself.
  ExecutorNode(Surroundings& around, ExecutorSettings settings, std::string host,
               std::function<void()> ended);
  // Its process is gone.
  ~ExecutorNode() override;

  void connected() override;
  void disconnected() override;
  void received(Message message) override;
  void end_turn() override;

 private:
  void carry_out();
  void tell(const ExecutorCallback& callback);
  void run(const TaskInfo& task);
  void finish(const TaskId& task, TaskState state);
  void report(const TaskId& task, TaskState state);

  Surroundings& around_;
  const FrameworkId framework_;
  const std::string host_;
  const std::function<void()> ended_;
  ExecutorSession session_;
  std::map<TaskId, bool> tasks_;  // that run
  Alarm alarm_{around_, *this};
};

}  // namespace mesolite::simulation
