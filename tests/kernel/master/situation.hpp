// Situation: one agent with one running task of one framework, the start of most cases.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {

class Situation : public ::testing::Test {
 protected:
  void start(bool partition_aware = true, Duration failover_timeout = 1h) {
    info.name = "framework";
    info.failover_timeout = failover_timeout;
    if (partition_aware) info.capabilities = {FrameworkCapability::partition_aware};
    agent = world->add_agent("cpus:4;mem:1024");
    framework = world->add_framework(info);
    info.id = FrameworkId(framework.id);
    world->launch(framework, world->take_offer(framework.peer), {task_launch("t1", "cpus:1")});
    world->update(agent, framework, "t1", TaskState::running);
    world->take<Updates>(framework.peer);
  }

  RunningTask running(std::string_view id) const { return running_task(framework, id, "cpus:1"); }
  // The agent registers again with these tasks, on a new connection: its peer now.
  PeerId agent_returns(std::vector<RunningTask> tasks) {
    RegisterAgent request;
    request.agent.id = AgentId(agent.id);
    request.agent.hostname = "host";
    request.agent.resources = resources("cpus:4;mem:1024");
    request.tasks = std::move(tasks);
    agent.peer = world->connect(PeerRole::agent);
    world->say(agent.peer, std::move(request));
    return agent.peer;
  }
  PeerId framework_returns() {
    framework.peer = world->connect(PeerRole::scheduler);
    world->say(framework.peer, Subscribe{info});
    return framework.peer;
  }
  // After `pause` another master takes over with what the registry holds.
  void master_fails_over(Duration pause = 1s) {
    master::Configuration configuration = world_configuration();
    configuration.info.epoch = ++epoch_;
    auto registry = world->registry();
    const Time start = world->now() + pause;
    world.emplace(configuration, std::move(registry), start);
  }

  // The answer to a question after one task; none if there is none.
  std::optional<TaskState> reconciled(std::string_view task, std::string_view on_agent) {
    world->say(framework.peer, Reconcile{{{TaskId(task), AgentId(on_agent)}}});
    if (world->count<Updates>(framework.peer) == 0) return std::nullopt;
    const TaskStatus status = world->take_update(framework.peer);
    EXPECT_EQ(status.reason, UpdateReason::reconciliation);
    EXPECT_TRUE(status.update_id.empty());
    return status.state;
  }

  ClusterSnapshot snapshot() { return world->machine().snapshot(world->now()); }
  double metric(const std::string& name) { return snapshot().metrics.at("master/" + name); }

  std::optional<World> world{std::in_place};
  FrameworkInfo info;
  World::Party agent;
  World::Party framework;

 private:
  std::uint64_t epoch_ = 1;
};

}  // namespace mesolite::testing
