#include "tests/kernel/agent/agent_fixture.hpp"

namespace mesolite::agent {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class Groups : public AgentFixture {
 protected:
  void SetUp() override { start_registered(); }

  // Launches the tasks as a group and says that each runs.
  std::vector<Launch> launch_group(std::vector<TaskInfo> tasks) {
    RunTasks request = run(std::move(tasks));
    request.group = true;
    from_master(request);
    const auto launches = outputs<Launch>();
    std::vector<Input> inputs;
    for (const auto& launch : launches) inputs.push_back(Launched{launch.context.id, 100});
    turn(std::move(inputs));
    for (const auto& sent : updates()) acknowledge(sent.status);
    return launches;
  }
};

TEST_F(Groups, end_together_when_one_fails) {
  const auto launches = launch_group({command_task("T1"), command_task("T2"), command_task("T3")});
  turn({Exited{launches[1].context.id, 1 << 8, {}}});
  EXPECT_EQ(update().task_id, TaskId("T2"));
  ASSERT_THAT(outputs<Terminate>(), SizeIs(2));
  turn({Exited{launches[0].context.id, 15, {}}, Exited{launches[2].context.id, 0, {}}});
  ASSERT_THAT(updates(), SizeIs(2));
  for (const auto& sent : updates()) {
    EXPECT_EQ(sent.status.state, TaskState::killed);
    EXPECT_EQ(sent.status.reason, UpdateReason::task_group_failed);
  }
}

TEST_F(Groups, end_together_when_one_is_killed) {
  const auto launches = launch_group({command_task("T1"), command_task("T2")});
  from_master(kill("T1"));
  EXPECT_THAT(outputs<Terminate>(), SizeIs(1)) << "the others when it has ended";
  turn({Exited{launches[0].context.id, 15, {}}});
  EXPECT_THAT(outputs<Terminate>(), SizeIs(1));
}

TEST_F(Groups, go_on_when_one_finishes_well) {
  const auto launches = launch_group({command_task("T1"), command_task("T2")});
  turn({Exited{launches[0].context.id, 0, {}}});
  EXPECT_EQ(update().state, TaskState::finished);
  EXPECT_THAT(outputs<Terminate>(), IsEmpty());
  turn({Exited{launches[1].context.id, 0, {}}});
  EXPECT_EQ(update().state, TaskState::finished);
}

TEST_F(Groups, do_not_start_in_part) {
  TaskInfo invalid = command_task("T2");
  invalid.command.reset();
  const auto launches = launch_group({command_task("T1"), invalid});
  ASSERT_THAT(launches, SizeIs(1));
  turn({Exited{launches[0].context.id, 9, {}}});
  EXPECT_EQ(update().task_id, TaskId("T1"));
  EXPECT_EQ(update().reason, UpdateReason::task_group_failed);
}

TEST_F(Groups, of_an_executor_are_ended_by_it) {
  const Launch made = launch_group({executor_task("T1", "E"), executor_task("T2", "E")})[0];
  register_executor(made, PeerId(7));
  from_peer(PeerId(7), ExecutorUpdates{{status("T1", TaskState::failed, 1)}});
  ASSERT_THAT(to_peers<KillExecutorTask>(), SizeIs(1));
  EXPECT_EQ(to_peers<KillExecutorTask>()[0].task_id, TaskId("T2"));
}

TEST_F(Groups, that_wait_for_their_executor_end_at_once) {
  launch_group({executor_task("T1", "E"), executor_task("T2", "E")});
  from_master(kill("T1"));
  ASSERT_THAT(updates(), SizeIs(2));
  EXPECT_EQ(updates()[0].status.reason, UpdateReason::task_killed_during_launch);
  EXPECT_EQ(updates()[1].status.reason, UpdateReason::task_group_failed);
}

TEST_F(Groups, are_no_matter_to_tasks_outside_of_them) {
  launch_running(command_task("alone"));
  const auto launches = launch_group({command_task("T1"), command_task("T2")});
  turn({Exited{launches[0].context.id, 1 << 8, {}}});
  ASSERT_THAT(outputs<Terminate>(), SizeIs(1));
  EXPECT_EQ(outputs<Terminate>()[0].container, launches[1].context.id);
}

}  // namespace
}  // namespace mesolite::agent
