// Defends that a flood of tasks stays a few messages at each step, and that no step looks at all of
// them for each of them: Mesos' agents lost 10,000 tasks that came at once.
#include <algorithm>

#include "tests/kernel/agent/agent_fixture.hpp"

namespace mesolite::agent {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t flood = 10'000;

class ManyTasks : public AgentFixture {
 protected:
  void SetUp() override {
    start_registered();
    register_executor(start_executor("first", "E"), peer_);
  }

  // As a master sends them: in lists of 512.
  void launch_flood() {
    std::vector<Input> orders;
    for (std::size_t i = 0; i < flood;) {
      std::vector<TaskInfo> tasks;
      for (; tasks.size() < 512 && i < flood; ++i) {
        tasks.push_back(executor_task("T" + std::to_string(i), "E"));
        if (i > 0) tasks.back().executor.reset();
      }
      RunTasks order = run(std::move(tasks));
      for (auto& task : order.tasks) task.executor_id = ExecutorId("E");
      orders.push_back(ReceivedFromMaster{std::move(order)});
    }
    turn(std::move(orders));
  }

  std::vector<TaskStatus> all(TaskState task_state) const {
    std::vector<TaskStatus> statuses;
    for (std::size_t i = 0; i < flood; ++i) {
      statuses.push_back(status("T" + std::to_string(i), task_state, i + 1));
    }
    return statuses;
  }

  AcknowledgeUpdates all_acknowledged() const {
    AcknowledgeUpdates message;
    for (const AgentUpdate& told : updates()) {
      message.updates.push_back({framework_id, told.status.task_id, told.status.update_id});
    }
    return message;
  }

  const PeerId peer_{7};
};

TEST_F(ManyTasks, that_come_at_once_are_handed_over_in_ten_messages) {
  launch_flood();
  EXPECT_THAT(to_peers<LaunchTasks>(), SizeIs(10));
  EXPECT_THAT(outputs<UpdateContainer>(), SizeIs(1));
  EXPECT_THAT(outputs<Event>(), IsEmpty());
}

TEST_F(ManyTasks, that_end_at_once_are_told_and_forgotten_in_a_few_messages) {
  launch_flood();
  from_peer(peer_, ExecutorUpdates{all(TaskState::finished)});
  EXPECT_THAT(to_master<AgentUpdates>(), SizeIs(5));
  EXPECT_THAT(to_peers<ExecutorAcknowledgements>(), SizeIs(1));
  EXPECT_THAT(outputs<UpdateContainer>(), IsEmpty());
  ASSERT_THAT(updates(), SizeIs(flood));
  from_master(all_acknowledged());
  EXPECT_THAT(outbox, SizeIs(outputs<Checkpoint>().size())) << "nobody hears of it";
  EXPECT_THAT(agent->snapshot(now).tasks, SizeIs(1)) << "the first one alone";
}

TEST_F(ManyTasks, that_are_killed_before_their_executor_is_back_end_in_a_few_messages) {
  turn({PeerLost{peer_}});
  launch_flood();
  std::vector<Input> kills;
  for (std::size_t i = 0; i < flood; ++i) {
    kills.push_back(ReceivedFromMaster{kill("T" + std::to_string(i))});
  }
  turn(std::move(kills));
  EXPECT_THAT(to_master<AgentUpdates>(), SizeIs(5));
  EXPECT_THAT(updates(), SizeIs(flood));
  EXPECT_THAT(outputs<SendToPeer>(), IsEmpty());
}

}  // namespace
}  // namespace mesolite::agent
