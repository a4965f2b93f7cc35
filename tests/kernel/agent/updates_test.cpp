#include "tests/kernel/agent/agent_fixture.hpp"

namespace mesolite::agent {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class Updates : public AgentFixture {
 protected:
  void SetUp() override {
    start_registered();
    launched_ = start_executor("T", "E");
    register_executor(launched_, peer_);
  }

  void executor_says(std::vector<TaskStatus> statuses) {
    from_peer(peer_, ExecutorUpdates{std::move(statuses)});
  }

  void come_back() {
    turn({MasterDisconnected{}, MasterConnected{},
          ReceivedFromMaster{Welcome{"", agent->snapshot(now).master}}});
    from_master(AgentRegistered{AgentId("A"), agent->snapshot(now).master, Duration(0)});
  }

  const PeerId peer_{7};
  Launch launched_;
};

TEST_F(Updates, of_an_executor_carry_who_they_are_from_whatever_it_says) {
  TaskStatus claimed = status("T", TaskState::running, 1);
  claimed.agent_id = AgentId("somebody else");
  claimed.executor_id = ExecutorId("somebody else");
  claimed.source = UpdateSource::master;
  claimed.data = Bytes("data");
  executor_says({claimed});
  const TaskStatus said = update();
  EXPECT_EQ(said.agent_id, AgentId("A"));
  EXPECT_EQ(said.executor_id, ExecutorId("E"));
  EXPECT_EQ(said.source, UpdateSource::executor);
  EXPECT_EQ(said.data, Bytes("data"));
  EXPECT_EQ(said.timestamp, now);
  ASSERT_THAT(to_peers<ExecutorAcknowledgements>(), SizeIs(1));
  EXPECT_EQ(to_peers<ExecutorAcknowledgements>()[0].updates[0].update_id, claimed.update_id);
}

TEST_F(Updates, leave_in_order_one_at_a_time) {
  executor_says({status("T", TaskState::starting, 1), status("T", TaskState::running, 2)});
  const TaskStatus first = update();
  EXPECT_EQ(first.state, TaskState::starting);
  executor_says({status("T", TaskState::finished, 3)});
  EXPECT_THAT(updates(), IsEmpty());
  acknowledge(first);
  const TaskStatus second = update();
  EXPECT_EQ(second.state, TaskState::running);
  acknowledge(second);
  const TaskStatus third = update();
  EXPECT_EQ(third.state, TaskState::finished);
  acknowledge(third);
  EXPECT_THAT(agent->snapshot(now).tasks, IsEmpty());
}

TEST_F(Updates, tell_the_newest_state_beside_an_older_one) {
  executor_says({status("T", TaskState::running, 1), status("T", TaskState::finished, 2)});
  ASSERT_THAT(updates(), SizeIs(1));
  EXPECT_EQ(updates()[0].status.state, TaskState::running);
  EXPECT_EQ(updates()[0].latest_state, TaskState::finished);
  acknowledge(update());
  EXPECT_EQ(updates()[0].latest_state, TaskState::unknown) << "it is the newest";
}

TEST_F(Updates, are_sent_again_with_doubling_pauses_until_acknowledged) {
  come_back();  // to a master that does not ping
  executor_says({status("T", TaskState::running, 1)});
  const TaskStatus said = update();
  pass(9s);
  EXPECT_THAT(updates(), IsEmpty());
  pass(1s);
  EXPECT_THAT(updates(), SizeIs(1));
  pass(19s);
  EXPECT_THAT(updates(), IsEmpty());
  pass(1s);
  EXPECT_THAT(updates(), SizeIs(1));
  pass(24h);
  const auto all_day = updates().size();
  EXPECT_GE(all_day, 24u * 6u) << "at least every ten minutes";
  EXPECT_LE(all_day, 24u * 6u + 10u);
  acknowledge(said);
  pass(24h);
  EXPECT_THAT(updates(), IsEmpty());
}

TEST_F(Updates, are_sent_again_at_once_when_the_scheduler_is_back) {
  executor_says({status("T", TaskState::running, 1)});
  const TaskStatus said = update();
  pass(1s);
  EXPECT_THAT(updates(), IsEmpty());
  from_master(run({}));
  EXPECT_EQ(update(), said);
  pass(9s);
  EXPECT_THAT(updates(), IsEmpty()) << "and then after the first pause again";
  pass(1s);
  acknowledge(said);
  from_master(run({}));
  EXPECT_THAT(updates(), IsEmpty()) << "it knows";
}

TEST_F(Updates, that_come_twice_are_acknowledged_twice_and_sent_once) {
  executor_says({status("T", TaskState::running, 1)});
  acknowledge(update());
  executor_says({status("T", TaskState::running, 1)});
  EXPECT_THAT(updates(), IsEmpty());
  EXPECT_THAT(to_peers<ExecutorAcknowledgements>(), SizeIs(1));
}

TEST_F(Updates, without_an_id_are_given_one) {
  TaskStatus nameless = status("T", TaskState::running, 0);
  nameless.update_id = {};
  executor_says({nameless});
  EXPECT_FALSE(update().update_id.empty());
  acknowledge(update());
  executor_says({nameless});
  EXPECT_THAT(updates(), SizeIs(1)) << "two without a name are two";
}

TEST_F(Updates, are_not_taken_for_another_when_acknowledged_late) {
  executor_says({status("T", TaskState::starting, 1), status("T", TaskState::running, 2)});
  const TaskStatus first = update();
  acknowledge(first);
  acknowledge(first);
  EXPECT_THAT(updates(), IsEmpty());
  EXPECT_THAT(agent->snapshot(now).tasks[0].statuses, SizeIs(1)) << "the second still waits";
}

TEST_F(Updates, after_the_end_of_a_task_mean_nothing) {
  executor_says({status("T", TaskState::failed, 1), status("T", TaskState::running, 2)});
  EXPECT_EQ(update().state, TaskState::failed);
  acknowledge(update());
  EXPECT_THAT(updates(), IsEmpty());
  executor_says({status("T", TaskState::running, 3)});
  EXPECT_THAT(updates(), IsEmpty());
  EXPECT_THAT(to_peers<ExecutorAcknowledgements>(), SizeIs(1)) << "it need not say it again";
}

TEST_F(Updates, of_states_that_are_not_the_executors_to_say_are_refused) {
  executor_says({status("T", TaskState::unreachable, 1), status("T", TaskState::unknown, 2)});
  EXPECT_THAT(updates(), IsEmpty());
  EXPECT_TRUE(said("update_refused"));
}

TEST_F(Updates, wait_while_the_master_is_away_and_go_out_when_it_is_back) {
  turn({MasterDisconnected{}});
  executor_says({status("T", TaskState::running, 1)});
  EXPECT_THAT(updates(), IsEmpty());
  EXPECT_THAT(to_peers<ExecutorAcknowledgements>(), SizeIs(1)) << "the agent has it";
  come_back();
  EXPECT_EQ(update().state, TaskState::running);
}

TEST_F(Updates, that_were_under_way_when_the_master_went_are_sent_again) {
  executor_says({status("T", TaskState::running, 1)});
  come_back();
  EXPECT_EQ(update().state, TaskState::running);
  EXPECT_EQ(update().update_id, (UpdateId{0xe, 1}));
}

TEST_F(Updates, of_one_turn_travel_together_and_before_what_follows) {
  from_master(run({executor_task("T2", "E"), executor_task("T3", "E")}));
  std::vector<Input> inputs;
  for (const char* task : {"T", "T2", "T3"}) {
    inputs.push_back(
        ReceivedFromPeer{peer_, ExecutorUpdates{{status(task, TaskState::running, 1)}}});
  }
  inputs.push_back(ReceivedFromPeer{peer_, ExecutorData{Bytes("message")}});
  turn(std::move(inputs));
  const auto sent = outputs<SendToMaster>();
  ASSERT_THAT(sent, SizeIs(2));
  ASSERT_TRUE(std::holds_alternative<AgentUpdates>(sent[0].message));
  EXPECT_THAT(std::get<AgentUpdates>(sent[0].message).updates, SizeIs(3));
  EXPECT_TRUE(std::holds_alternative<ExecutorMessage>(sent[1].message));
}

TEST_F(Updates, keep_their_number_in_bounds) {
  std::vector<TaskStatus> flood;
  for (std::uint64_t i = 1; i <= 3'000; ++i) flood.push_back(status("T", TaskState::running, i));
  flood.push_back(status("T", TaskState::finished, 3'001));
  executor_says(std::move(flood));
  EXPECT_TRUE(said("update_replaced"));
  const auto kept = agent->snapshot(now).tasks[0].statuses;
  EXPECT_THAT(kept, SizeIs(1'000));
  EXPECT_EQ(kept.back().state, TaskState::finished) << "the end is never lost";
}

TEST_F(Updates, remember_how_healthy_the_task_is) {
  TaskStatus well = status("T", TaskState::running, 1);
  well.healthy = false;
  executor_says({well});
  turn({MasterDisconnected{}, MasterConnected{},
        ReceivedFromMaster{Welcome{"", agent->snapshot(now).master}}});
  pass(1s);
  EXPECT_EQ(to_master<RegisterAgent>()[0].tasks[0].healthy, false);
}

}  // namespace
}  // namespace mesolite::agent
