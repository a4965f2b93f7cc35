#include "tests/kernel/agent/agent_fixture.hpp"

namespace mesolite::agent {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class EndingTest : public AgentFixture {
 protected:
  void SetUp() override { start_registered(); }
};

TEST_F(EndingTest, of_an_idle_agent_is_at_once) {
  turn({ShutdownRequested{}});
  EXPECT_THAT(to_master<UnregisterAgent>(), SizeIs(1));
  ASSERT_THAT(outputs<Finished>(), SizeIs(1));
  EXPECT_EQ(outputs<Finished>()[0].reason, "asked to end");
  EXPECT_EQ(agent->next_deadline(), std::nullopt);
}

TEST_F(EndingTest, asks_all_that_runs_to_end_and_tells_the_master_last) {
  const Launch command = launch_running(command_task("command"));
  const Launch executor = start_executor("task", "E");
  register_executor(executor, PeerId(7));
  turn({ShutdownRequested{}});
  ASSERT_THAT(outputs<Terminate>(), SizeIs(1));
  EXPECT_EQ(outputs<Terminate>()[0].container, command.context.id);
  EXPECT_THAT(to_peers<ExecutorShutdown>(), SizeIs(1));
  EXPECT_THAT(outputs<Finished>(), IsEmpty());

  turn({Exited{command.context.id, 15, {}}});
  EXPECT_EQ(update().state, TaskState::killed);
  EXPECT_EQ(update().reason, UpdateReason::agent_removed);
  EXPECT_THAT(outputs<Finished>(), IsEmpty());

  turn({Exited{executor.context.id, 0, {}}});
  const auto sent = outputs<SendToMaster>();
  ASSERT_FALSE(sent.empty());
  EXPECT_TRUE(std::holds_alternative<UnregisterAgent>(sent.back().message));
  EXPECT_EQ(updates().size(), 1u) << "the ends of tasks come before";
  EXPECT_THAT(outputs<Finished>(), SizeIs(1));
}

TEST_F(EndingTest, ends_by_force_when_the_grace_is_over_however_long_tasks_want) {
  TaskInfo patient = command_task("T");
  patient.kill_policy.grace_period = 1h;
  launch_running(patient);
  turn({ShutdownRequested{}});
  pass(5s);
  EXPECT_THAT(outputs<Destroy>(), SizeIs(1));
}

TEST_F(EndingTest, does_not_wait_for_ever_for_what_cannot_be_ended) {
  launch_running(command_task("T"));
  turn({ShutdownRequested{}});
  pass(15s);
  ASSERT_THAT(outputs<Finished>(), SizeIs(1));
  EXPECT_THAT(outputs<Finished>()[0].reason, HasSubstr("1 containers could not be ended"));
}

TEST_F(EndingTest, takes_nothing_more_in) {
  launch_running(command_task("T"));
  turn({ShutdownRequested{}});
  from_master(run({command_task("late")}));
  EXPECT_THAT(outputs<Launch>(), IsEmpty());
  EXPECT_EQ(update().state, TaskState::dropped);
  EXPECT_EQ(update().message, "the agent is shutting down");
}

TEST_F(EndingTest, waits_for_a_container_that_is_being_launched) {
  const Launch made = launch(command_task("T"));
  turn({ShutdownRequested{}});
  EXPECT_THAT(outputs<Finished>(), IsEmpty());
  turn({Launched{made.context.id, 100}});
  EXPECT_THAT(outputs<Destroy>(), SizeIs(1));
  turn({Exited{made.context.id, 9, {}}});
  EXPECT_THAT(outputs<Finished>(), SizeIs(1));
}

TEST_F(EndingTest, told_by_the_master_gives_its_reason) {
  from_master(ShutdownAgent{"it was removed"});
  EXPECT_THAT(to_master<UnregisterAgent>(), IsEmpty()) << "the master knows";
  ASSERT_THAT(outputs<Finished>(), SizeIs(1));
  EXPECT_EQ(outputs<Finished>()[0].reason, "told by the master: it was removed");
}

TEST_F(EndingTest, without_a_master_needs_none) {
  turn({MasterDisconnected{}, ShutdownRequested{}});
  EXPECT_THAT(outputs<SendToMaster>(), IsEmpty());
  EXPECT_THAT(outputs<Finished>(), SizeIs(1));
}

}  // namespace
}  // namespace mesolite::agent
