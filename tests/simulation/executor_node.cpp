#include "tests/simulation/executor_node.hpp"

#include <utility>

namespace mesolite::simulation {

ExecutorNode::ExecutorNode(Surroundings& around, ExecutorSettings settings, Host host,
                           std::function<void()> ended)
    : around_(around),
      framework_(settings.framework_id),
      host_(std::move(host)),
      name_(settings.executor_id.value + "@" + host_.name),
      ended_(std::move(ended)),
      session_(std::move(settings), around.random.next()) {
  around_.network.add(*this);
  session_.start(now());
  end_turn();
}

ExecutorNode::~ExecutorNode() {
  for (const TaskId& task : tasks_) around_.witness.task_ends({framework_, task});
  around_.network.remove(*this);
}

void ExecutorNode::connected() {
  session_.connected(now());
}
void ExecutorNode::disconnected() {
  session_.disconnected(now());
}
void ExecutorNode::received(Message message) {
  session_.received(now(), std::move(message));
}

void ExecutorNode::end_turn() {
  session_.advance(now());
  carry_out();
  session_.end_turn();
  carry_out();
  alarm_.set(session_.next_deadline());
}

void ExecutorNode::carry_out() {
  std::vector<Message> messages;
  for (auto outputs = session_.take(); !outputs.empty(); outputs = session_.take()) {
    for (ExecutorOutput& output : outputs) {
      if (const auto* target = std::get_if<Connect>(&output)) {
        around_.network.connect(id, target->endpoint);
      } else if (auto* send = std::get_if<Send>(&output)) {
        messages.push_back(std::move(send->message));
      } else if (const auto* callback = std::get_if<ExecutorCallback>(&output)) {
        if (!session_.silenced()) tell(*callback);
      } else if (std::holds_alternative<Ended>(output)) {
        around_.network.send(id, std::exchange(messages, {}));
        around_.network.close(id);
        ended_();
      }
    }
  }
  around_.network.send(id, messages);
}

void ExecutorNode::tell(const ExecutorCallback& callback) {
  if (const auto* arrived = std::get_if<TaskArrived>(&callback)) {
    run(arrived->task);
  } else if (const auto* kill = std::get_if<TaskToKill>(&callback)) {
    finish(kill->task_id, TaskState::killed);
  } else if (std::holds_alternative<ExecutorShutdown>(callback)) {
    while (!tasks_.empty()) finish(TaskId(*tasks_.begin()), TaskState::killed);
    session_.stop(now());
  }
}

void ExecutorNode::run(const TaskInfo& task) {
  around_.witness.task_starts({framework_, task.id}, host_.name);
  tasks_.insert(task.id);
  report(task.id, TaskState::running);
  const TaskState end = around_.random.chance(0.9) ? TaskState::finished : TaskState::failed;
  const std::uint64_t milliseconds = around_.scenario.work.task_time_ms.draw(around_.random);
  around_.timeline.in(Duration(std::chrono::milliseconds(milliseconds)),
                      [network = &around_.network, node = id, task = task.id, end] {
                        auto* self = static_cast<ExecutorNode*>(network->find(node));
                        if (self == nullptr) return;
                        self->finish(task, end);
                        self->end_turn();
                      });
}

void ExecutorNode::finish(const TaskId& task, TaskState state) {
  if (tasks_.erase(task) == 0) return;
  around_.witness.task_ends({framework_, task});
  report(task, state);
}

void ExecutorNode::report(const TaskId& task, TaskState state) {
  TaskStatus status;
  status.task_id = task;
  status.state = state;
  session_.update(now(), std::move(status));
}

}  // namespace mesolite::simulation
