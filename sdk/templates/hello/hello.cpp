// hello HOST:PORT [COUNT]: the smallest framework. It launches COUNT shell tasks (default 3),
// prints each state they go through, and ends with them.
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "mesolite/framework/driver.hpp"

namespace {

const auto task_resources = mesolite::Resources::parse("cpus:0.1;mem:32").value();

class Hello final : public mesolite::Scheduler {
 public:
  explicit Hello(int count) : count_(count) {}

  void resource_offers(mesolite::SchedulerDriver& driver,
                       const std::vector<mesolite::Offer>& offers) override {
    for (const auto& offer : offers) {
      std::vector<mesolite::TaskInfo> tasks;
      auto left = offer.resources;
      while (launched_ < count_ && left.contains(task_resources)) {
        left -= task_resources;
        tasks.push_back(make_task(offer.agent_id, ++launched_));
      }
      driver.launch_tasks({offer.id}, std::move(tasks));  // none: declines
    }
  }

  void status_update(mesolite::SchedulerDriver& driver,
                     const mesolite::TaskStatus& status) override {
    std::cout << status.task_id.value << " " << mesolite::task_state_name(status.state) << " "
              << status.message << std::endl;
    if (is_terminal(status.state) && ++ended_ == count_) driver.stop();
  }

  void error(mesolite::SchedulerDriver&, const std::string& message) override {
    std::cerr << "hello: " << message << std::endl;
  }

 private:
  static mesolite::TaskInfo make_task(const mesolite::AgentId& agent, int number) {
    mesolite::TaskInfo task;
    task.id = mesolite::TaskId("hello-" + std::to_string(number));
    task.name = "hello";
    task.agent_id = agent;
    task.resources = task_resources;
    task.command.emplace().value = "echo hello from task " + std::to_string(number);
    return task;
  }

  int count_;
  int launched_ = 0;
  int ended_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Hello hello(argc > 2 ? std::atoi(argv[2]) : 3);
  mesolite::SchedulerOptions options;
  options.framework.name = "hello";
  options.master = argc > 1 ? argv[1] : "127.0.0.1:5050";
  const auto status = mesolite::MesosSchedulerDriver(hello, options).run();
  return status == mesolite::DriverStatus::stopped ? EXIT_SUCCESS : EXIT_FAILURE;
}
