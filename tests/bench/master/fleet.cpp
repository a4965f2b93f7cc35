#include "tests/bench/master/fleet.hpp"

#include "mesolite/base/check.hpp"

namespace mesolite::bench {

namespace {

constexpr std::size_t frameworks_per_agent = 2;

PeerId peer_of_agent(std::size_t agent) {
  return PeerId{1'000'000 + agent};
}

PeerId peer_of_scheduler(std::size_t scheduler) {
  return PeerId{1 + scheduler};
}

LoneMaster::Frame frame(PeerId peer, const Message& message) {
  net::FrameBuilder builder(0);
  MESOLITE_CHECK(builder.add(message).has_value(), "messages are small");
  return {peer, builder.take()};
}

Message hello(PeerRole role) {
  Hello greeting;
  greeting.role = role;
  greeting.version = "1.0.0";
  greeting.mechanism = "none";
  return greeting;
}

const Resources& of_agent() {
  static const Resources resources =
      *Resources::parse("cpus:32;mem:65536;disk:500000;ports:[31000-32000]");
  return resources;
}

const Resources& of_task() {
  static const Resources resources = *Resources::parse("cpus:0.5;mem:128;disk:64");
  return resources;
}

const Resources& of_executor() {
  static const Resources resources = *Resources::parse("cpus:0.1;mem:32");
  return resources;
}

}  // namespace

LoneMaster::Frame Fleet::agent_hello(std::size_t agent) const {
  return frame(peer_of_agent(agent), hello(PeerRole::agent));
}

LoneMaster::Frame Fleet::scheduler_hello(std::size_t scheduler) const {
  return frame(peer_of_scheduler(scheduler), hello(PeerRole::scheduler));
}

FrameworkInfo Fleet::framework(std::size_t number, bool returning) const {
  FrameworkInfo info;
  if (returning) info.id = FrameworkId("c-F" + std::to_string(number + 1));
  info.name = "framework number " + std::to_string(number);
  info.user = "somebody";
  info.roles = {"role" + std::to_string(number % 10)};
  info.suppressed_roles = info.roles;  // the cluster is full of work
  info.capabilities = {FrameworkCapability::multi_role, FrameworkCapability::partition_aware};
  info.failover_timeout = 1h;
  info.hostname = "scheduler" + std::to_string(number) + ".example.org";
  return info;
}

LoneMaster::Frame Fleet::scheduler_subscribes(std::size_t scheduler, bool returning) const {
  return frame(peer_of_scheduler(scheduler), Subscribe{framework(scheduler, returning)});
}

void Fleet::add_running(std::size_t agent, RegisterAgent& request) const {
  for (std::size_t i = 0; i < frameworks_per_agent; ++i) {
    request.frameworks.push_back(framework((agent + i * 37) % size_.frameworks, true));
    RunningExecutor& executor = request.executors.emplace_back();
    executor.framework_id = request.frameworks.back().id;
    executor.launch.id = ExecutorId("executor");
    executor.launch.resources = of_executor();
    executor.role = request.frameworks.back().roles.front();
  }
  for (std::size_t i = 0; i < size_.tasks_per_agent; ++i) {
    const RunningExecutor& executor = request.executors[i % frameworks_per_agent];
    RunningTask& task = request.tasks.emplace_back();
    task.framework_id = executor.framework_id;
    task.role = executor.role;
    task.launch.id =
        TaskId("task-" + std::to_string(agent * size_.tasks_per_agent + i) + "-of-job");
    task.launch.agent_id = request.agent.id;
    task.launch.executor_id = executor.launch.id;
    task.launch.name = "map task number " + std::to_string(i);
    task.launch.resources = of_task();
    task.state = TaskState::running;
  }
}

LoneMaster::Frame Fleet::agent_registers(std::size_t agent, bool returning) const {
  RegisterAgent request;
  const std::string number = std::to_string(agent + 1);
  if (returning) request.agent.id = AgentId("c-A" + number);
  request.agent.hostname = "agent" + number + ".example.org";
  request.agent.ip = "10.0.0.1";
  request.agent.port = 5051;
  request.agent.bus = "tcp://agent" + number + ".example.org:6051";
  request.agent.resources = of_agent();
  request.agent.attributes = {{"rack", "rack" + std::to_string(agent % 100)}, {"zone", "a"}};
  request.agent.version = "1.0.0";
  if (returning) add_running(agent, request);
  return frame(peer_of_agent(agent), request);
}

}  // namespace mesolite::bench
