// ExecutorNode: the real session of an executor's driver, and an executor that takes some time for
// each task.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "sdk/src/framework/executor_session.hpp"
#include "tests/simulation/surroundings.hpp"

namespace mesolite::simulation {

class ExecutorNode final : public Node {
 public:
  // Where it runs; `clock` outlives it.
  struct Host {
    std::string name;
    const Clock& clock;
  };

  // `ended` is called when it ends by itself.
  ExecutorNode(Surroundings& around, ExecutorSettings settings, Host host,
               std::function<void()> ended);
  // Its process is gone.
  ~ExecutorNode() override;

  const std::string& name() const override { return name_; }
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

  Time now() const { return host_.clock.local(around_.timeline.now()); }

  Surroundings& around_;
  const FrameworkId framework_;
  const Host host_;
  const std::string name_;
  const std::function<void()> ended_;
  ExecutorSession session_;
  std::set<TaskId> tasks_;  // that run
  Alarm alarm_{around_, host_.clock, *this};
};

}  // namespace mesolite::simulation
