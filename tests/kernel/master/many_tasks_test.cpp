// Defends that a flood of tasks stays a few messages at each step through the master, and one
// change for its allocator.
#include <gtest/gtest.h>

#include "kernel/master/state.hpp"
#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

constexpr std::size_t flood = 10'000;
constexpr std::size_t lists = (flood + 511) / 512;

class ManyTasks : public ::testing::Test {
 protected:
  void SetUp() override {
    FrameworkInfo info;
    info.failover_timeout = 1h;
    agent = world.add_agent("cpus:100;mem:100000");
    framework = world.add_framework(std::move(info));
    std::vector<TaskLaunch> tasks;
    for (std::size_t i = 0; i < flood; ++i) tasks.push_back(task_launch(id(i), "cpus:0.01"));
    world.launch(framework, world.take_offer(framework.peer), std::move(tasks));
  }

  static std::string id(std::size_t index) { return "t" + std::to_string(index); }

  // All in one turn, in lists of 2,000 as agents send them.
  void end_all() {
    AgentUpdates updates;
    for (std::size_t i = 0; i < flood; ++i) {
      AgentUpdate& update = updates.updates.emplace_back();
      update.framework_id = FrameworkId(framework.id);
      update.status.task_id = TaskId(id(i));
      update.status.state = TaskState::finished;
      update.status.update_id = {7, i + 1};
    }
    world.say(agent.peer, std::move(updates));
  }

  World world;
  World::Party agent;
  World::Party framework;
};

TEST_F(ManyTasks, that_are_launched_at_once_go_to_their_agent_in_lists) {
  EXPECT_EQ(world.count<RunTasks>(agent.peer), lists);
  EXPECT_EQ(world.machine().snapshot(world.now()).tasks.size(), flood);
}

TEST_F(ManyTasks, that_end_at_once_are_told_in_lists_and_free_what_they_held_as_one) {
  const std::size_t calls = world.machine().state().counters.allocations;
  end_all();
  EXPECT_EQ(world.count<Updates>(framework.peer), lists);
  EXPECT_EQ(world.machine().state().counters.allocations - calls, 1u);
  EXPECT_EQ(world.released(), 1u);
}

TEST_F(ManyTasks, that_are_acknowledged_at_once_are_forgotten_and_acknowledged_in_lists) {
  end_all();
  Acknowledge acknowledged;
  for (std::size_t i = 0; i < flood; ++i) {
    acknowledged.updates.push_back({AgentId(agent.id), TaskId(id(i)), {7, i + 1}});
  }
  world.say(framework.peer, std::move(acknowledged));
  EXPECT_EQ(world.count<AcknowledgeUpdates>(agent.peer), lists);
  EXPECT_TRUE(world.machine().snapshot(world.now()).tasks.empty());
}

}  // namespace
}  // namespace mesolite::testing
