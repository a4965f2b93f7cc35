#include "tests/kernel/agent/agent_fixture.hpp"

namespace mesolite::agent {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Executors : public AgentFixture {
 protected:
  void SetUp() override { start_registered(); }

  std::vector<std::string> tasks_handed_over() const {
    std::vector<std::string> ids;
    for (const auto& batch : to_peers<LaunchTasks>()) {
      for (const auto& task : batch.tasks) ids.push_back(task.id.value);
    }
    return ids;
  }

  const PeerId peer_{7};
};

TEST_F(Executors, are_started_once_with_what_they_need_to_find_the_agent) {
  RunTasks request = run({executor_task("T1", "E"), executor_task("T2", "E")});
  from_master(request);
  ASSERT_THAT(outputs<Launch>(), SizeIs(1));
  const Launch made = outputs<Launch>()[0];
  EXPECT_EQ(made.command.value, "./executor");
  EXPECT_EQ(made.context.executor_id, ExecutorId("E"));
  EXPECT_TRUE(made.context.task_id.empty());
  const auto& environment = made.environment;
  EXPECT_EQ(environment.at("MESOS_FRAMEWORK_ID"), "F");
  EXPECT_EQ(environment.at("MESOS_EXECUTOR_ID"), "E");
  EXPECT_EQ(environment.at("MESOS_AGENT_ID"), "A");
  EXPECT_EQ(environment.at("MESOS_SLAVE_ID"), "A");
  EXPECT_EQ(environment.at("MESOS_DIRECTORY"), made.context.sandbox);
  EXPECT_EQ(environment.at("MESOS_SANDBOX"), made.context.sandbox);
  EXPECT_EQ(environment.at("MESOS_AGENT_ENDPOINT"), "ipc:///run/agent/executors");
  EXPECT_EQ(environment.at("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD"), "5secs");
  EXPECT_EQ(environment.at("MESOS_RECOVERY_TIMEOUT"), "15mins");
  EXPECT_THAT(environment.at("MESOS_EXECUTOR_AUTHENTICATION_TOKEN"), SizeIs(32));
}

TEST_F(Executors, are_handed_their_tasks_once_they_have_registered) {
  const Launch made = start_executor("T1", "E");
  from_master(run({executor_task("T2", "E")}));
  EXPECT_THAT(tasks_handed_over(), IsEmpty());
  register_executor(made, peer_);
  ASSERT_THAT(to_peers<ExecutorRegistered>(), SizeIs(1));
  const ExecutorRegistered registered = to_peers<ExecutorRegistered>()[0];
  EXPECT_EQ(registered.executor.id, ExecutorId("E"));
  EXPECT_EQ(registered.framework.id, framework_id);
  EXPECT_EQ(registered.agent.id, AgentId("A"));
  EXPECT_FALSE(registered.returning);
  EXPECT_THAT(tasks_handed_over(), testing::ElementsAre("T1", "T2"));
  const auto task = unpack(to_peers<LaunchTasks>()[0].tasks[0]);
  ASSERT_TRUE(task);
  EXPECT_EQ(task->data, Bytes("for the executor"));
  from_master(run({executor_task("T3", "E")}));
  EXPECT_THAT(tasks_handed_over(), testing::ElementsAre("T3"));
}

TEST_F(Executors, may_register_before_the_agent_knows_that_they_run) {
  const Launch made = launch(executor_task("T", "E"));
  register_executor(made, peer_);
  EXPECT_THAT(tasks_handed_over(), SizeIs(1));
  turn({Launched{made.context.id, 100}});
  EXPECT_THAT(outputs<UpdateContainer>(), SizeIs(1));
}

TEST_F(Executors, are_known_by_their_token_alone) {
  const Launch made = start_executor("T", "E");
  Hello hello;
  hello.role = PeerRole::executor;
  auto wrong_token = registration(made);
  wrong_token.token[0] = wrong_token.token[0] == '0' ? '1' : '0';
  auto wrong_executor = registration(made);
  wrong_executor.executor_id = ExecutorId("other");
  std::uint64_t number = 100;
  for (const auto& request : {wrong_token, wrong_executor}) {
    const PeerId stranger{++number};
    turn({ReceivedFromPeer{stranger, hello}, ReceivedFromPeer{stranger, request}});
    ASSERT_THAT(to_peers<Refused>(), SizeIs(1));
    EXPECT_EQ(to_peers<Refused>()[0].reason,
              "no executor of this framework, name and token is expected");
    EXPECT_THAT(outputs<DisconnectPeer>(), SizeIs(1));
    EXPECT_THAT(tasks_handed_over(), IsEmpty());
  }
}

TEST_F(Executors, are_not_impersonated_while_they_are_connected) {
  const Launch made = start_executor("T", "E");
  register_executor(made, peer_);
  register_executor(made, PeerId(8));
  ASSERT_THAT(to_peers<Refused>(), SizeIs(1));
  EXPECT_EQ(to_peers<Refused>()[0].reason, "executor 'E' is connected already");
}

TEST_F(Executors, that_do_not_register_in_time_are_ended_with_their_tasks) {
  const Launch made = start_executor("T", "E");
  pass(60s);
  EXPECT_THAT(outputs<Destroy>(), SizeIs(1));
  turn({Exited{made.context.id, 9, {}}});
  EXPECT_EQ(update().state, TaskState::failed);
  EXPECT_EQ(update().reason, UpdateReason::executor_registration_timeout);
  EXPECT_EQ(update().message, "executor 'E' did not register within 1mins");
}

TEST_F(Executors, that_end_take_their_tasks_along) {
  const Launch made = start_executor("T1", "E");
  from_master(run({executor_task("T2", "E")}));
  register_executor(made, peer_);
  turn({PeerLost{peer_}, Exited{made.context.id, 3 << 8, {}}});
  ASSERT_THAT(updates(), SizeIs(2));
  for (const auto& sent : updates()) {
    EXPECT_EQ(sent.status.state, TaskState::failed);
    EXPECT_EQ(sent.status.reason, UpdateReason::executor_terminated);
    EXPECT_EQ(sent.status.message, "executor 'E' exited with status 3");
    EXPECT_EQ(sent.status.executor_id, ExecutorId("E"));
  }
  ASSERT_THAT(to_master<ExecutorExited>(), SizeIs(1));
  EXPECT_EQ(to_master<ExecutorExited>()[0].exit_status, 3 << 8);
  EXPECT_THAT(outputs<RetireSandbox>(), SizeIs(1));
  EXPECT_THAT(agent->snapshot(now).executors, IsEmpty());
  EXPECT_THAT(agent->snapshot(now).tasks, SizeIs(2)) << "until their ends are acknowledged";
}

TEST_F(Executors, that_cannot_be_started_say_why_to_their_tasks) {
  const Launch made = launch(executor_task("T", "E"));
  turn({Launched{made.context.id, failure("cannot execute './executor'")}});
  EXPECT_EQ(update().state, TaskState::failed);
  EXPECT_EQ(update().reason, UpdateReason::container_launch_failed);
  EXPECT_EQ(update().message, "executor 'E' could not be started: cannot execute './executor'");
  EXPECT_THAT(to_master<ExecutorExited>(), SizeIs(1));
  from_master(run({executor_task("T2", "E")}));
  EXPECT_THAT(outputs<Launch>(), SizeIs(1)) << "the next task gives it another try";
}

TEST_F(Executors, that_ran_into_a_limit_say_which) {
  const Launch made = start_executor("T", "E");
  Limitation limitation;
  limitation.reason = UpdateReason::container_limitation_memory;
  limitation.message = "out of memory";
  turn({Exited{made.context.id, 9, limitation}});
  EXPECT_EQ(update().reason, UpdateReason::container_limitation_memory);
  EXPECT_EQ(to_master<ExecutorExited>()[0].reason, "out of memory");
}

TEST_F(Executors, stay_when_they_have_nothing_to_do) {
  const Launch made = start_executor("T", "E");
  register_executor(made, peer_);
  from_peer(peer_, ExecutorUpdates{{status("T", TaskState::finished, 1)}});
  acknowledge(update());
  pass(70s);
  EXPECT_THAT(outputs<Destroy>(), IsEmpty());
  EXPECT_THAT(agent->snapshot(now).executors, SizeIs(1));
}

TEST_F(Executors, have_what_they_and_their_tasks_need) {
  const Launch made = start_executor("T1", "E");
  const auto initial = outputs<UpdateContainer>();
  ASSERT_THAT(initial, SizeIs(1));
  EXPECT_EQ(initial[0].context.requests.to_text(), "cpus:1.5;mem:132");
  register_executor(made, peer_);
  from_master(run({executor_task("T2", "E"), executor_task("T3", "E")}));
  ASSERT_THAT(outputs<UpdateContainer>(), SizeIs(1)) << "once a turn";
  EXPECT_EQ(outputs<UpdateContainer>()[0].context.requests.to_text(), "cpus:3.5;mem:332");
  from_peer(peer_, ExecutorUpdates{{status("T2", TaskState::finished, 1)}});
  EXPECT_THAT(outputs<UpdateContainer>(), IsEmpty());
  pass(1s);
  ASSERT_THAT(outputs<UpdateContainer>(), SizeIs(1));
  EXPECT_EQ(outputs<UpdateContainer>()[0].context.requests.to_text(), "cpus:2.5;mem:232");
}

TEST_F(Executors, are_left_as_they_are_by_a_task_that_takes_the_place_of_another) {
  const Launch made = start_executor("T1", "E");
  register_executor(made, peer_);
  from_peer(peer_, ExecutorUpdates{{status("T1", TaskState::finished, 1)}});
  from_master(run({executor_task("T2", "E")}));
  pass(900ms);
  EXPECT_THAT(outputs<UpdateContainer>(), IsEmpty());
  from_master(run({executor_task("T3", "E")}));
  ASSERT_THAT(outputs<UpdateContainer>(), SizeIs(1)) << "what more is needed is given at once";
  EXPECT_EQ(outputs<UpdateContainer>()[0].context.requests.to_text(), "cpus:2.5;mem:232");
}

TEST_F(Executors, are_told_to_kill_a_task) {
  const Launch made = start_executor("T", "E");
  register_executor(made, peer_);
  from_master(kill("T", 7s));
  ASSERT_THAT(to_peers<KillExecutorTask>(), SizeIs(1));
  EXPECT_EQ(to_peers<KillExecutorTask>()[0].task_id, TaskId("T"));
  EXPECT_EQ(to_peers<KillExecutorTask>()[0].policy->grace_period, 7s);
  EXPECT_THAT(outputs<Terminate>(), IsEmpty());
}

TEST_F(Executors, never_hear_of_a_task_killed_before_they_registered) {
  const Launch made = start_executor("T1", "E");
  from_master(run({executor_task("T2", "E")}));
  from_master(kill("T1"));
  EXPECT_EQ(update().state, TaskState::killed);
  EXPECT_EQ(update().reason, UpdateReason::task_killed_during_launch);
  register_executor(made, peer_);
  EXPECT_THAT(tasks_handed_over(), testing::ElementsAre("T2"));
}

TEST_F(Executors, that_come_back_are_told_what_they_missed) {
  const Launch made = start_executor("T", "E");
  register_executor(made, peer_);
  from_peer(peer_, ExecutorUpdates{{status("T", TaskState::running, 1)}});
  acknowledge(update());
  turn({PeerLost{peer_}});
  from_master(kill("T"));
  EXPECT_THAT(to_peers<KillExecutorTask>(), IsEmpty());
  from_master(run({executor_task("T2", "E")}));
  const PeerId again{8};
  register_executor(made, again);
  ASSERT_THAT(to_peers<ExecutorRegistered>(), SizeIs(1));
  EXPECT_TRUE(to_peers<ExecutorRegistered>()[0].returning);
  EXPECT_THAT(to_peers<KillExecutorTask>(), SizeIs(1));
  EXPECT_THAT(tasks_handed_over(), testing::ElementsAre("T2"));
}

TEST_F(Executors, that_come_back_say_which_tasks_never_reached_them) {
  const Launch made = start_executor("lost", "E");
  from_master(run({executor_task("known", "E"), executor_task("ended", "E")}));
  register_executor(made, peer_);
  turn({PeerLost{peer_}});
  auto request = registration(made);
  request.tasks.push_back(pack(executor_task("known", "E")));
  request.updates.push_back(status("ended", TaskState::finished, 1));
  Hello hello;
  hello.role = PeerRole::executor;
  turn({ReceivedFromPeer{PeerId(8), hello}, ReceivedFromPeer{PeerId(8), request}});
  ASSERT_THAT(updates(), SizeIs(2));
  EXPECT_EQ(updates()[0].status.task_id, TaskId("lost"));
  EXPECT_EQ(updates()[0].status.state, TaskState::dropped);
  EXPECT_EQ(updates()[1].status.task_id, TaskId("ended"));
  EXPECT_EQ(updates()[1].status.state, TaskState::finished);
}

TEST_F(Executors, that_lose_their_connection_and_do_not_come_back_are_ended) {
  const Launch made = start_executor("T", "E");
  register_executor(made, peer_);
  turn({PeerLost{peer_}});
  EXPECT_THAT(outputs<Destroy>(), IsEmpty());
  pass(60s);
  EXPECT_THAT(outputs<Destroy>(), SizeIs(1));
}

TEST_F(Executors, are_shut_down_with_grace_on_request) {
  const Launch made = start_executor("T", "E");
  register_executor(made, peer_);
  from_master(ShutdownFrameworkExecutor{framework_id, ExecutorId("E")});
  ASSERT_THAT(to_peers<ExecutorShutdown>(), SizeIs(1));
  EXPECT_EQ(to_peers<ExecutorShutdown>()[0].grace_period, 5s);
  EXPECT_THAT(outputs<Terminate>(), IsEmpty()) << "it was asked in its own words";
  from_master(run({executor_task("late", "E")}));
  EXPECT_EQ(update().state, TaskState::dropped);
  EXPECT_EQ(update().reason, UpdateReason::executor_terminated);
  pass(5s);
  EXPECT_THAT(outputs<Destroy>(), SizeIs(1));
  turn({Exited{made.context.id, 9, {}}});
  EXPECT_EQ(update().task_id, TaskId("T"));
  EXPECT_EQ(update().state, TaskState::killed);
}

TEST_F(Executors, may_report_while_they_shut_down) {
  const Launch made = start_executor("T", "E");
  register_executor(made, peer_);
  from_master(ShutdownFrameworkExecutor{framework_id, ExecutorId("E")});
  from_peer(peer_, ExecutorUpdates{{status("T", TaskState::killed, 1)}});
  EXPECT_EQ(update().state, TaskState::killed);
  turn({PeerLost{peer_}, Exited{made.context.id, 0, {}}});
  EXPECT_THAT(updates(), IsEmpty());
  EXPECT_THAT(to_master<ExecutorExited>(), SizeIs(1));
}

TEST_F(Executors, not_yet_connected_are_shut_down_by_signal) {
  start_executor("T", "E");
  from_master(ShutdownFrameworkExecutor{framework_id, ExecutorId("E")});
  EXPECT_THAT(outputs<Terminate>(), SizeIs(1));
}

TEST_F(Executors, of_a_removed_framework_end_without_a_word) {
  const Launch made = start_executor("T", "E");
  register_executor(made, peer_);
  from_master(ShutdownFramework{framework_id});
  EXPECT_THAT(to_peers<ExecutorShutdown>(), SizeIs(1));
  from_peer(peer_, ExecutorUpdates{{status("T", TaskState::killed, 1)}});
  EXPECT_THAT(updates(), IsEmpty());
  turn({PeerLost{peer_}, Exited{made.context.id, 0, {}}});
  EXPECT_THAT(outputs<SendToMaster>(), IsEmpty());
  EXPECT_THAT(agent->snapshot(now).frameworks, IsEmpty());
}

TEST_F(Executors, and_their_framework_exchange_messages) {
  const Launch made = start_executor("T", "E");
  from_master(ExecutorMessage{framework_id, ExecutorId("E"), Bytes("early")});
  EXPECT_THAT(to_peers<ExecutorData>(), IsEmpty());
  register_executor(made, peer_);
  from_master(ExecutorMessage{framework_id, ExecutorId("E"), Bytes("down")});
  ASSERT_THAT(to_peers<ExecutorData>(), SizeIs(1));
  EXPECT_EQ(to_peers<ExecutorData>()[0].data, Bytes("down"));
  from_peer(peer_, ExecutorData{Bytes("up")});
  ASSERT_THAT(to_master<ExecutorMessage>(), SizeIs(1));
  EXPECT_EQ(to_master<ExecutorMessage>()[0].executor_id, ExecutorId("E"));
  EXPECT_EQ(to_master<ExecutorMessage>()[0].data, Bytes("up"));
}

TEST_F(Executors, that_ended_while_a_task_was_on_its_way_drop_it) {
  RunTasks request = run({executor_task("T", "E")});
  request.executors.clear();
  from_master(request);
  EXPECT_EQ(update().state, TaskState::dropped);
  EXPECT_EQ(update().message, "executor 'E' does not run here any more");
}

TEST_F(Executors, above_the_limit_are_not_started) {
  configuration.executors_max = 1;
  start_registered();
  start_executor("T1", "E1");
  from_master(run({executor_task("T2", "E2")}));
  EXPECT_THAT(outputs<Launch>(), IsEmpty());
  EXPECT_EQ(update().state, TaskState::dropped);
  EXPECT_THAT(update().message, HasSubstr("executors_max"));
}

TEST_F(Executors, take_a_burst_of_ten_thousand_tasks_in_few_messages) {
  const Launch made = start_executor("first", "E");
  register_executor(made, peer_);
  RunTasks request = run({executor_task("first", "E")});
  request.tasks.clear();
  for (int i = 0; i < 10'000; ++i) {
    request.tasks.push_back(pack(executor_task("T" + std::to_string(i), "E")));
  }
  from_master(request);
  EXPECT_THAT(tasks_handed_over(), SizeIs(10'000));
  EXPECT_THAT(to_peers<LaunchTasks>(), SizeIs(10));
  std::vector<TaskStatus> ends;
  for (int i = 0; i < 10'000; ++i) {
    ends.push_back(status("T" + std::to_string(i), TaskState::finished, 1));
  }
  from_peer(peer_, ExecutorUpdates{ends});
  EXPECT_THAT(updates(), SizeIs(10'000));
  AcknowledgeUpdates all;
  for (const auto& sent : updates()) {
    all.updates.push_back({framework_id, sent.status.task_id, sent.status.update_id});
  }
  from_master(all);
  EXPECT_THAT(agent->snapshot(now).tasks, SizeIs(1));
}

}  // namespace
}  // namespace mesolite::agent
