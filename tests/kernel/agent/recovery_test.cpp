#include "kernel/agent/recovery.hpp"

#include <algorithm>

#include "mesolite/base/reservations.hpp"
#include "tests/kernel/agent/agent_fixture.hpp"

namespace mesolite::agent {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Agents that follow one another, and what each has left behind.
class RecoveryTest : public AgentFixture {
 protected:
  void SetUp() override { start_registered(); }

  // The store: what every outbox says is to be kept.
  void carry_out() override {
    for (const auto& checkpoint : outputs<Checkpoint>()) {
      if (checkpoint.number <= number_) continue;
      EXPECT_EQ(checkpoint.number, ++number_);
      if (!checkpoint.value.empty()) {
        records_[checkpoint.key] = checkpoint.value.data;
      } else {
        std::erase_if(records_, [&](const auto& record) {
          return checkpoint.key.empty() || record.first == checkpoint.key ||
                 record.first.starts_with(checkpoint.key + "/");
        });
      }
    }
  }

  Durable durable() const {
    Durable left;
    for (const auto& [key, value] : records_) EXPECT_TRUE(left.add(key, value)) << key;
    EXPECT_THAT(left.drop_strays(), IsEmpty());
    return left;
  }

  // What an executor says when it finds back, one task with it.
  static std::vector<Input> coming_back(const Launch& executor, const char* task) {
    RegisterExecutor request = registration(executor);
    request.tasks.emplace_back();
    request.tasks[0].id = TaskId(task);
    Hello hello;
    hello.role = PeerRole::executor;
    return {ReceivedFromPeer{PeerId(9), hello}, ReceivedFromPeer{PeerId(9), request}};
  }

  // The agent dies and another one begins.
  void restart(RecoveryMode mode = RecoveryMode::reconnect) {
    Durable left = durable();
    ++configuration.incarnation;
    start();
    number_ = 0;
    outbox.clear();
    agent->recover(now, std::move(left), mode, outbox);
    agent->advance(now, outbox);
    agent->check_invariants();
    carry_out();
  }
  // … and is registered with its master.
  RegisterAgent register_again() {
    turn({MasterConnected{}, ReceivedFromMaster{Welcome{"", agent->state().link.master}}});
    for (int i = 0; i < 100 && to_master<RegisterAgent>().empty(); ++i) pass(100ms);
    const auto requests = to_master<RegisterAgent>();
    EXPECT_THAT(requests, testing::Not(IsEmpty()));
    turn({ReceivedFromMaster{
        AgentRegistered{AgentId("A"), agent->state().link.master, Duration(75s)}}});
    return requests.empty() ? RegisterAgent() : requests.back();
  }

  std::vector<ContainerId> recovered() const {
    std::vector<ContainerId> ids;
    for (const auto& output : outputs<RecoverContainers>()) {
      for (const auto& context : output.known) ids.push_back(context.id);
    }
    return ids;
  }

  std::map<std::string, std::string> records_;
  std::uint64_t number_ = 0;
};

TEST_F(RecoveryTest, an_agent_keeps_its_id_and_what_was_made_of_its_resources) {
  const Resources reserved = with_reservation(*Resources::parse("cpus:3"), {"web", true, "", {}});
  turn({ReceivedFromMaster{CheckpointResources{reserved}}});
  ASSERT_TRUE(said("resources_converted"));
  restart();
  EXPECT_EQ(agent->state().info.id, AgentId("A"));
  EXPECT_EQ(made_at_run_time(agent->state().info.resources), reserved);
  EXPECT_EQ(register_again().agent.id, AgentId("A"));
}

TEST_F(RecoveryTest, what_rests_on_a_checkpoint_comes_after_it) {
  from_master(run({command_task("T")}));
  const auto first_of = [&](auto matches) {
    return std::find_if(outbox.begin(), outbox.end(), matches) - outbox.begin();
  };
  const auto checkpoint = first_of([](const Output& output) {
    const auto* written = std::get_if<Checkpoint>(&output);
    return written != nullptr && written->key == "frameworks/F/tasks/T";
  });
  const auto launched =
      first_of([](const Output& output) { return std::holds_alternative<Launch>(output); });
  EXPECT_LT(checkpoint, launched);
  EXPECT_LT(launched, static_cast<std::ptrdiff_t>(outbox.size()));
}

TEST_F(RecoveryTest, a_running_command_task_runs_on_and_ends_with_its_true_status) {
  const Launch launched = launch_running(command_task("T"));
  restart();
  EXPECT_THAT(recovered(), ElementsAre(launched.context.id));
  turn({ContainerRecovered{launched.context.id, 100}});
  EXPECT_THAT(outputs<Launch>(), IsEmpty());
  const RegisterAgent request = register_again();
  ASSERT_THAT(request.tasks, SizeIs(1));
  EXPECT_EQ(request.tasks[0].state, TaskState::running);
  EXPECT_THAT(updates(), IsEmpty()) << "RUNNING was acknowledged";

  turn({Exited{launched.context.id, 3 << 8, {}}});
  EXPECT_EQ(update().state, TaskState::failed);
  EXPECT_EQ(update().exit_status, 3 << 8);
}

TEST_F(RecoveryTest, an_end_that_nobody_heard_of_is_reported_and_never_again_once_acknowledged) {
  const Launch launched = launch_running(command_task("T"));
  restart();
  turn({ContainerRecovered{launched.context.id, {}}, Exited{launched.context.id, 0, {}}});
  register_again();
  const TaskStatus end = update();
  EXPECT_EQ(end.state, TaskState::finished);
  restart();
  register_again();
  EXPECT_EQ(update().update_id, end.update_id) << "the same update, not another one";
  acknowledge(end);
  restart();
  EXPECT_THAT(register_again().tasks, IsEmpty());
  EXPECT_THAT(updates(), IsEmpty());
  EXPECT_THAT(records_, ElementsAre(testing::Pair("agent", testing::_))) << "nothing is left";
}

TEST_F(RecoveryTest, unacknowledged_updates_are_sent_again_in_their_order) {
  const Launch executor = start_executor("T", "E");
  register_executor(executor, PeerId(7));
  turn({ReceivedFromPeer{PeerId(7), ExecutorUpdates{{status("T", TaskState::starting, 1),
                                                     status("T", TaskState::running, 2),
                                                     status("T", TaskState::finished, 3)}}}});
  restart();
  register_again();
  for (const TaskState expected : {TaskState::starting, TaskState::running, TaskState::finished}) {
    const TaskStatus next = update();
    EXPECT_EQ(next.state, expected);
    acknowledge(next);
  }
  EXPECT_THAT(updates(), IsEmpty());
}

TEST_F(RecoveryTest, a_task_that_was_being_launched_runs_or_ends_as_its_container_does) {
  const Launch runs = launch(command_task("runs"));
  const Launch never = launch(command_task("never"));
  restart();
  EXPECT_THAT(recovered(), SizeIs(2));
  turn({ContainerRecovered{runs.context.id, 100}, ContainerRecovered{never.context.id, {}},
        Exited{never.context.id, 9,
               Limitation{UpdateReason::agent_restarted, "the agent was restarted", {}}}});
  register_again();
  const auto all = updates();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].status.state, TaskState::running);
  EXPECT_EQ(all[1].status.state, TaskState::failed);
  EXPECT_EQ(all[1].status.reason, UpdateReason::agent_restarted);
}

TEST_F(RecoveryTest, an_executor_comes_back_with_its_token_and_gets_the_tasks_that_it_has_not) {
  const Launch executor = start_executor("known", "E");
  register_executor(executor, PeerId(7));
  from_master(run({executor_task("under_way", "E")}));
  ASSERT_THAT(to_peers<LaunchTasks>(), SizeIs(1));
  restart();
  EXPECT_THAT(recovered(), ElementsAre(executor.context.id));
  turn({ContainerRecovered{executor.context.id, 100}});
  turn(coming_back(executor, "known"));
  ASSERT_THAT(to_peers<ExecutorRegistered>(), SizeIs(1));
  EXPECT_TRUE(to_peers<ExecutorRegistered>()[0].returning);
  ASSERT_THAT(to_peers<LaunchTasks>(), SizeIs(1));
  ASSERT_THAT(to_peers<LaunchTasks>()[0].tasks, SizeIs(1));
  const TaskLaunch again = to_peers<LaunchTasks>()[0].tasks[0];
  EXPECT_EQ(again.id, TaskId("under_way"));
  EXPECT_EQ(unpack(again)->data.view(), "for the executor");
}

TEST_F(RecoveryTest, an_executor_that_does_not_come_back_in_time_is_destroyed) {
  const Launch executor = start_executor("T", "E");
  register_executor(executor, PeerId(7));
  restart();
  turn({ContainerRecovered{executor.context.id, 100}});
  pass(configuration.executor_registration_timeout);
  ASSERT_THAT(outputs<Destroy>(), SizeIs(1));
  register_again();
  turn({Exited{executor.context.id, 9, {}}});
  EXPECT_EQ(update().state, TaskState::failed);
  EXPECT_THAT(update().message, HasSubstr("did not come back within"));
}

TEST_F(RecoveryTest, a_kill_goes_on_wherever_it_had_come_to) {
  const Launch command = launch_running(command_task("command"));
  const Launch executor = start_executor("task", "E");
  register_executor(executor, PeerId(7));
  turn({ReceivedFromMaster{kill("command")}, ReceivedFromMaster{kill("task")}});
  restart();
  EXPECT_THAT(outputs<Terminate>(), ElementsAre(Field(&Terminate::container, command.context.id)));
  std::vector<Input> inputs = coming_back(executor, "task");
  inputs.insert(inputs.begin(), ContainerRecovered{executor.context.id, 100});
  turn(std::move(inputs));
  EXPECT_THAT(to_peers<KillExecutorTask>(), SizeIs(1));
  register_again();
  turn({Exited{command.context.id, 15, {}}});
  EXPECT_EQ(update().reason, UpdateReason::task_kill_requested);
}

TEST_F(RecoveryTest, a_kill_before_the_executor_is_back_waits_for_what_it_says_of_the_task) {
  const Launch executor = start_executor("had", "E");
  register_executor(executor, PeerId(7));
  from_master(run({executor_task("had_not", "E")}));
  restart();
  turn({ContainerRecovered{executor.context.id, 100}});
  register_again();
  from_master(kill("had"));
  from_master(kill("had_not"));
  EXPECT_THAT(updates(), IsEmpty());
  turn(coming_back(executor, "had"));
  EXPECT_THAT(to_peers<KillExecutorTask>(),
              ElementsAre(Field(&KillExecutorTask::task_id, TaskId("had"))));
  EXPECT_EQ(update().task_id, TaskId("had_not"));
  EXPECT_EQ(update().state, TaskState::killed);
}

TEST_F(RecoveryTest, a_group_lives_and_dies_together_after_it_too) {
  RunTasks request = run({command_task("a"), command_task("b")});
  request.group = true;
  turn({ReceivedFromMaster{request}});
  const auto launches = outputs<Launch>();
  ASSERT_THAT(launches, SizeIs(2));
  restart();
  turn({ContainerRecovered{launches[0].context.id, 1},
        ContainerRecovered{launches[1].context.id, 2}});
  turn({Exited{launches[0].context.id, 1 << 8, {}}});
  EXPECT_THAT(outputs<Terminate>(),
              ElementsAre(Field(&Terminate::container, launches[1].context.id)));
}

TEST_F(RecoveryTest, a_group_that_its_executor_had_not_got_is_killed_as_one) {
  const Launch executor = start_executor("known", "E");
  register_executor(executor, PeerId(7));
  RunTasks group = run({executor_task("a", "E"), executor_task("b", "E")});
  group.group = true;
  turn({ReceivedFromMaster{group}});
  restart();
  turn({ContainerRecovered{executor.context.id, 100}});
  register_again();
  turn({ReceivedFromMaster{kill("a")}, ReceivedFromMaster{kill("b")}});
  turn(coming_back(executor, "known"));
  EXPECT_THAT(updates(), SizeIs(2));
  for (const AgentUpdate& sent : updates()) EXPECT_EQ(sent.status.state, TaskState::killed);
}

TEST_F(RecoveryTest, a_group_whose_executor_is_not_found_again_ends_task_by_task) {
  const Launch executor = start_executor("known", "E");
  register_executor(executor, PeerId(7));
  RunTasks group = run({executor_task("a", "E"), executor_task("b", "E")});
  group.group = true;
  turn({ReceivedFromMaster{group}});
  records_.erase("frameworks/F/executors/E");
  restart();
  register_again();
  EXPECT_THAT(updates(), SizeIs(3));
  for (const AgentUpdate& sent : updates()) {
    EXPECT_EQ(sent.status.reason, UpdateReason::agent_restarted);
  }
}

TEST_F(RecoveryTest, a_completion_time_counts_from_the_arrival_of_the_task) {
  TaskInfo task = command_task("T");
  task.max_completion_time = 100s;
  const Launch launched = launch_running(task);
  pass(60s);
  restart();
  turn({ContainerRecovered{launched.context.id, 1}});
  pass(39s);
  EXPECT_THAT(outputs<Terminate>(), IsEmpty());
  pass(1s);
  EXPECT_THAT(outputs<Terminate>(), SizeIs(1));
}

TEST_F(RecoveryTest, nothing_is_kept_of_a_framework_that_wants_no_checkpoints) {
  RunTasks request = run({command_task("T")});
  request.framework.checkpoint = false;
  turn({ReceivedFromMaster{request}});
  ASSERT_THAT(outputs<Launch>(), SizeIs(1));
  restart();
  EXPECT_THAT(recovered(), IsEmpty());
  EXPECT_THAT(outputs<RecoverContainers>(), SizeIs(1)) << "its container is an orphan now";
}

TEST_F(RecoveryTest, a_framework_that_was_shut_down_goes_on_being_so) {
  const Launch command = launch_running(command_task("command"));
  const Launch executor = start_executor("task", "E");
  turn({ReceivedFromMaster{ShutdownFramework{framework_id}}});
  restart();
  EXPECT_THAT(outputs<Terminate>(), SizeIs(2));
  turn({Exited{command.context.id, 15, {}}, Exited{executor.context.id, 15, {}}});
  EXPECT_THAT(agent->state().frameworks, testing::SizeIs(0));
  EXPECT_THAT(records_, SizeIs(1));
}

TEST_F(RecoveryTest, cleanup_ends_all_that_ran_and_the_agent) {
  const Launch launched = launch_running(command_task("T"));
  restart(RecoveryMode::cleanup);
  EXPECT_THAT(outputs<Terminate>(), SizeIs(1));
  turn({Exited{launched.context.id, 15, {}}});
  ASSERT_THAT(outputs<Finished>(), SizeIs(1));
  restart();
  register_again();
  EXPECT_EQ(update().state, TaskState::killed) << "the next agent tells of the end";
}

TEST_F(RecoveryTest, as_new_hands_all_to_the_wreckers_and_forgets_who_it_was) {
  const Launch launched = launch_running(command_task("T"));
  restart(RecoveryMode::as_new);
  ASSERT_THAT(outputs<RecoverContainers>(), SizeIs(1));
  EXPECT_THAT(outputs<RecoverContainers>()[0].orphans, ElementsAre(launched.context.id));
  EXPECT_TRUE(agent->state().info.id.empty());
  EXPECT_THAT(records_, IsEmpty());
}

TEST_F(RecoveryTest, an_agent_that_has_left_its_master_leaves_nothing_to_go_on_from) {
  turn({ShutdownRequested{}});
  EXPECT_THAT(records_, IsEmpty());
}

// ---- records that are not as they should be -----------------------------------------------------

TEST_F(RecoveryTest, after_any_prefix_of_what_was_written_an_agent_starts_and_is_whole) {
  std::vector<Checkpoint> written;
  const auto note_written = [&] {
    for (auto& checkpoint : outputs<Checkpoint>()) written.push_back(std::move(checkpoint));
  };
  RunTasks group = run({command_task("a"), command_task("b"), executor_task("c", "E")});
  group.group = true;
  number_ = 0;
  start_registered();
  note_written();
  turn({ReceivedFromMaster{group}});
  note_written();
  const auto launches = outputs<Launch>();
  ASSERT_THAT(launches, SizeIs(3));
  for (const auto& launched : launches) {
    turn({Launched{launched.context.id, 1}});
    note_written();
  }
  turn({ReceivedFromMaster{kill("b")}});
  note_written();
  for (const auto& launched : launches) {
    turn({Exited{launched.context.id, 15, {}}});
    note_written();
  }
  for (std::size_t count = 0; count <= written.size(); ++count) {
    records_.clear();
    outbox.assign(written.begin(), written.begin() + static_cast<std::ptrdiff_t>(count));
    number_ = 0;
    carry_out();
    restart();
    for (const ContainerId& container : recovered()) {
      turn({ContainerRecovered{container, {}}, Exited{container, 9, {}}});
    }
    EXPECT_THAT(agent->state().containers, SizeIs(0)) << count;
  }
}

TEST(Durable, names_the_record_and_the_field_that_cannot_be_read) {
  Durable durable;
  const auto garbage = durable.add("frameworks/F/tasks/T", "\x01");
  ASSERT_FALSE(garbage);
  EXPECT_THAT(garbage.error().message, HasSubstr("checkpoint 'frameworks/F/tasks/T': "));
  DurableTask other;
  other.launch.id = TaskId("U");
  const auto misplaced = durable.add("frameworks/F/tasks/T", encode(other));
  ASSERT_FALSE(misplaced);
  EXPECT_THAT(misplaced.error().message, HasSubstr("is of 'U'"));
  EXPECT_TRUE(durable.add("something/of/a/newer/release", "\x01"));
}

TEST(Durable, what_has_lost_what_it_belongs_to_is_dropped_and_named) {
  Durable durable;
  ASSERT_TRUE(durable.add("frameworks/F/tasks/T/updates", encode(DurableUpdates{})));
  ASSERT_TRUE(durable.add("agent", encode(DurableAgent{})));
  EXPECT_THAT(durable.drop_strays(), ElementsAre(HasSubstr("'frameworks/F': is missing")));
  EXPECT_THAT(durable.frameworks, IsEmpty());
}

TEST(Durable, an_agent_may_have_more_than_before_and_nothing_else_may_change) {
  AgentInfo before;
  before.hostname = "host";
  before.resources = *Resources::parse("cpus:4;mem:100");
  before.attributes = *parse_attributes("rack:a;ssd:true");
  AgentInfo now = before;
  EXPECT_TRUE(check_compatible(before, now));
  now.resources = *Resources::parse("cpus:8;mem:100;disk:5");
  now.attributes = *parse_attributes("ssd:true;rack:a;row:1");
  EXPECT_TRUE(check_compatible(before, now));

  now.resources = *Resources::parse("cpus:2;mem:100");
  EXPECT_THAT(check_compatible(before, now).error().message,
              AllOf(HasSubstr("--resources was 'cpus:4"), HasSubstr("and is now 'cpus:2")));
  now = before;
  now.attributes = *parse_attributes("rack:b;ssd:true");
  EXPECT_THAT(check_compatible(before, now).error().message, HasSubstr("--attributes was 'rack:a"));
  now = before;
  now.hostname = "other";
  EXPECT_EQ(check_compatible(before, now).error().message,
            "--hostname was 'host' and is now 'other'");
}

}  // namespace
}  // namespace mesolite::agent
