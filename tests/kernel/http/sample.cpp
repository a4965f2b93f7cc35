#include "sample.hpp"

#include <utility>

#include "mesolite/protocol/codec.hpp"
#include "mesolite/protocol/launch.hpp"

namespace mesolite::http {
namespace {

Time at(Duration since_start) {
  return Time{1'790'000'000s + since_start};
}

Resources resources(std::string_view text) {
  return Resources::parse(text).value();
}

TaskStatus status(TaskState state, Time when) {
  TaskStatus made;
  made.state = state;
  made.timestamp = when;
  return made;
}

TaskSnapshot task(const char* id, TaskState state, Time first) {
  TaskSnapshot made;
  made.id = TaskId(id);
  made.name = "task " + made.id.value;
  made.framework_id = FrameworkId("C-F1");
  made.agent_id = AgentId("C-A1");
  made.role = "web";
  made.resources = resources("cpus:0.5;mem:64");
  made.state = state;
  made.statuses = {status(TaskState::staging, first), status(state, first + 1s)};
  return made;
}

AgentInfo agent_info() {
  AgentInfo info;
  info.id = AgentId("C-A1");
  info.hostname = "worker-1";
  info.ip = "10.0.0.2";
  info.port = 5051;
  info.bus = "tcp://10.0.0.2:6051";
  info.resources =
      resources("cpus:4;mem:8192;disk:1000;ports:[31000-32000];cpus(ads):2;zones:{a,b}");
  info.attributes = {{"rack", "r7"}, {"cpu_ghz", "3.2"}};
  info.version = "0.1.0";
  return info;
}

FrameworkInfo framework_info() {
  FrameworkInfo info;
  info.id = FrameworkId("C-F1");
  info.name = "<script>alert('x')</script>";
  info.user = "ada";
  info.roles = {"web"};
  info.capabilities = {FrameworkCapability::partition_aware};
  info.failover_timeout = 1h;
  info.hostname = "laptop";
  info.webui_url = "http://laptop:8080/";
  info.principal = "ada";
  info.labels = {{"team", "core"}};
  return info;
}

MasterInfo master_info() {
  MasterInfo info;
  info.id = "M1";
  info.hostname = "head";
  info.ip = "10.0.0.1";
  info.port = 5050;
  info.bus = "tcp://10.0.0.1:6050";
  info.version = "0.1.0";
  info.epoch = 3;
  info.cluster = "C";
  return info;
}

FrameworkSnapshot framework() {
  FrameworkSnapshot made;
  made.info = framework_info();
  made.active = true;
  made.connected = true;
  made.registered_at = at(10s);
  made.used = resources("cpus:1;mem:128");
  made.offered = resources("cpus:1");
  ExecutorSnapshot executor;
  executor.id = ExecutorId("E1");
  executor.framework_id = made.info.id;
  executor.agent_id = AgentId("C-A1");
  executor.resources = resources("cpus:0.1");
  made.executors = {executor};
  made.completed_tasks = {task("T1", TaskState::finished, at(20s))};
  made.completed_tasks[0].statuses[1].message = "done";
  made.completed_tasks[0].statuses[1].source = UpdateSource::executor;
  made.completed_tasks[0].statuses[1].reason = UpdateReason::command_executor_failed;
  made.completed_tasks[0].statuses[1].healthy = true;
  return made;
}

}  // namespace

ClusterSnapshot sample_cluster() {
  ClusterSnapshot cluster;
  cluster.master = master_info();
  cluster.leader = cluster.master;
  cluster.cluster_name = "sample";
  cluster.started_at = at(0s);
  cluster.elected_at = at(1s);
  cluster.taken_at = at(100s);
  AgentSnapshot agent;
  agent.info = agent_info();
  agent.condition = AgentCondition::active;
  agent.registered_at = at(5s);
  agent.used = resources("cpus:1;mem:128");
  agent.offered = resources("cpus:1");
  AgentSnapshot lost = agent;
  lost.info.id = AgentId("C-A2");
  lost.condition = AgentCondition::unreachable;
  cluster.agents = {agent, lost};
  cluster.frameworks = {framework()};
  FrameworkSnapshot gone = framework();
  gone.info.id = FrameworkId("C-F0");
  gone.active = gone.connected = false;
  gone.unregistered_at = at(9s);
  gone.completed_tasks.clear();
  gone.executors.clear();
  gone.used = gone.offered = {};
  cluster.completed_frameworks = {gone};
  cluster.tasks = {task("T2", TaskState::running, at(30s)),
                   task("T3", TaskState::unreachable, at(40s))};
  Discovery discovery{"shop", "cluster", {{8080, "web", "tcp"}}};
  cluster.tasks[0].notes = Bytes(encode(TaskNotes{{{"tier", "front"}}, std::move(discovery)}));
  OfferSnapshot offer;
  offer.id = OfferId{7};
  offer.framework_id = FrameworkId("C-F1");
  offer.agent_id = AgentId("C-A1");
  offer.role = "web";
  offer.resources = resources("cpus:1");
  offer.made_at = at(99s);
  cluster.offers = {offer};
  cluster.metrics = {{"master/tasks_finished", 1}};
  cluster.flags = {{"port", "5050"}};
  return cluster;
}

AgentStateSnapshot sample_agent() {
  AgentStateSnapshot agent;
  agent.info = agent_info();
  agent.master = master_info();
  agent.registered = true;
  agent.started_at = at(0s);
  agent.taken_at = at(100s);
  agent.frameworks = {framework_info()};
  agent.executors = framework().executors;
  agent.tasks = {task("T2", TaskState::running, at(30s)), task("T4", TaskState::failed, at(31s))};
  agent.tasks[0].executor_id = ExecutorId("E1");
  ContainerSnapshot container;
  container.id = ContainerId("c-1");
  container.framework_id = FrameworkId("C-F1");
  container.executor_id = ExecutorId("E1");
  container.sandbox = "/work/sandbox";
  container.state = "running";
  container.resources = resources("cpus:0.6;mem:64");
  container.statistics = {{"cpus_user_time_secs", 0.5}};
  agent.containers = {container};
  agent.flags = {{"port", "5051"}};
  return agent;
}

}  // namespace mesolite::http
