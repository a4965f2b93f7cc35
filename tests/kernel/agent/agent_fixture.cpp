#include "tests/kernel/agent/agent_fixture.hpp"

#include <algorithm>

namespace mesolite::agent {
namespace {

Resources resources(const std::string& text) {
  return *Resources::parse(text);
}

MasterInfo master_info() {
  MasterInfo master;
  master.id = "M";
  master.cluster = "C";
  master.epoch = 1;
  return master;
}

}  // namespace

AgentFixture::AgentFixture() {
  configuration.info.hostname = "host";
  configuration.info.resources = resources("cpus:8;mem:8192");
  configuration.incarnation = 0xabc;
  configuration.work_dir = "/work";
  configuration.runtime_dir = "/run/agent";
  configuration.executor_endpoint = "ipc:///run/agent/executors";
}

void AgentFixture::start() {
  agent = std::make_unique<Agent>(configuration, now);
}

void AgentFixture::start_registered() {
  start();
  turn({MasterConnected{}, ReceivedFromMaster{Welcome{"", master_info()}},
        ReceivedFromMaster{AgentRegistered{AgentId("A"), master_info(), Duration(75s)}}});
}

void AgentFixture::turn(std::vector<Input> inputs) {
  outbox.clear();
  for (auto& input : inputs) agent->step(now, std::move(input), outbox);
  agent->advance(now, outbox);
  agent->check_invariants();
  carry_out();
}

void AgentFixture::pass(Duration span) {
  outbox.clear();
  const Time end = now + span;
  for (auto next = agent->next_deadline(); next && *next <= end; next = agent->next_deadline()) {
    now = std::max(now, *next);
    agent->advance(now, outbox);
    agent->check_invariants();
    carry_out();
  }
  now = end;
}

std::vector<AgentUpdate> AgentFixture::updates() const {
  std::vector<AgentUpdate> joined;
  for (const auto& batch : to_master<AgentUpdates>()) {
    joined.insert(joined.end(), batch.updates.begin(), batch.updates.end());
  }
  return joined;
}

TaskStatus AgentFixture::update() const {
  const auto all = updates();
  EXPECT_EQ(all.size(), 1u);
  return all.empty() ? TaskStatus() : all.front().status;
}

bool AgentFixture::said(std::string_view event) const {
  const auto events = outputs<Event>();
  return std::any_of(events.begin(), events.end(),
                     [&](const Event& said) { return said.name == event; });
}

FrameworkInfo AgentFixture::framework(const FrameworkId& id) {
  FrameworkInfo info;
  info.id = id;
  info.name = "test";
  info.user = "nobody";
  return info;
}

TaskInfo AgentFixture::command_task(const std::string& id, const std::string& line) {
  TaskInfo task;
  task.id = TaskId(id);
  task.name = id;
  task.resources = resources("cpus:1;mem:100");
  task.command.emplace();
  task.command->value = line;
  return task;
}

ExecutorInfo AgentFixture::executor_info(const std::string& id) {
  ExecutorInfo executor;
  executor.id = ExecutorId(id);
  executor.command.value = "./executor";
  executor.resources = resources("cpus:0.5;mem:32");
  return executor;
}

TaskInfo AgentFixture::executor_task(const std::string& id, const std::string& executor) {
  TaskInfo task = command_task(id);
  task.command.reset();
  task.data = Bytes("for the executor");
  task.executor = executor_info(executor);
  return task;
}

RunTasks AgentFixture::run(std::vector<TaskInfo> tasks) {
  RunTasks request;
  request.framework = framework();
  request.role = "role";
  for (const auto& task : tasks) {
    request.tasks.push_back(pack(task));
    if (task.executor) request.executors.push_back(pack(*task.executor));
  }
  return request;
}

KillAgentTask AgentFixture::kill(const std::string& task, std::optional<Duration> grace) {
  KillAgentTask request{framework_id, TaskId(task), std::nullopt};
  if (grace) request.policy = KillPolicy{*grace};
  return request;
}

void AgentFixture::acknowledge(const TaskStatus& acknowledged) {
  from_master(AcknowledgeUpdates{{{framework_id, acknowledged.task_id, acknowledged.update_id}}});
}

Launch AgentFixture::launch(const TaskInfo& task) {
  from_master(run({task}));
  const auto launches = outputs<Launch>();
  EXPECT_EQ(launches.size(), 1u);
  return launches.empty() ? Launch() : launches.front();
}

Launch AgentFixture::launch_running(const TaskInfo& task) {
  const Launch made = launch(task);
  turn({Launched{made.context.id, 100}});
  acknowledge(update());
  return made;
}

Launch AgentFixture::start_executor(const std::string& task, const std::string& executor) {
  const Launch made = launch(executor_task(task, executor));
  turn({Launched{made.context.id, 100}});
  return made;
}

RegisterExecutor AgentFixture::registration(const Launch& launch) {
  RegisterExecutor request;
  request.framework_id = launch.context.framework_id;
  request.executor_id = launch.context.executor_id;
  request.token = launch.environment.at("MESOS_EXECUTOR_AUTHENTICATION_TOKEN");
  return request;
}

void AgentFixture::register_executor(const Launch& launch, PeerId peer) {
  Hello hello;
  hello.role = PeerRole::executor;
  turn({ReceivedFromPeer{peer, hello}, ReceivedFromPeer{peer, registration(launch)}});
}

TaskStatus AgentFixture::status(const std::string& task, TaskState task_state,
                                std::uint64_t sequence) {
  TaskStatus made;
  made.task_id = TaskId(task);
  made.state = task_state;
  made.update_id = {0xe, sequence};
  return made;
}

}  // namespace mesolite::agent
