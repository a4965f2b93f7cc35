#include "tests/kernel/agent/agent_fixture.hpp"

namespace mesolite::agent {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class CommandTask : public AgentFixture {
 protected:
  void SetUp() override { start_registered(); }
};

TEST_F(CommandTask, is_launched_in_a_sandbox_of_its_own_with_a_clean_environment) {
  TaskInfo task = command_task("T", "echo hello");
  task.command->environment["MINE"] = "1";
  task.limits.mem = 200;
  const Launch made = launch(task);
  const std::string id = made.context.id.value;
  EXPECT_EQ(id, "0000000000000abc-1");
  EXPECT_EQ(made.context.sandbox, "/work/agents/A/frameworks/F/executors/T/runs/" + id);
  EXPECT_EQ(made.context.runtime_dir, "/run/agent/containers/" + id);
  EXPECT_EQ(made.context.task_id, TaskId("T"));
  EXPECT_TRUE(made.context.executor_id.empty());
  EXPECT_EQ(made.context.user, "nobody");
  EXPECT_EQ(made.context.requests, task.resources);
  EXPECT_EQ(made.context.limits.mem, 200);
  EXPECT_EQ(made.command.value, "echo hello");
  EXPECT_EQ(made.command.environment.at("MINE"), "1");
  EXPECT_EQ(made.environment.at("MESOS_SANDBOX"), made.context.sandbox);
  EXPECT_EQ(made.environment.at("MESOS_FRAMEWORK_ID"), "F");
  EXPECT_EQ(made.environment.at("MESOS_TASK_ID"), "T");
  EXPECT_EQ(made.environment.count("MESOS_EXECUTOR_AUTHENTICATION_TOKEN"), 0u);
  EXPECT_TRUE(made.environment.contains("PATH"));
  EXPECT_THAT(updates(), IsEmpty()) << "nothing is said before it runs";
}

TEST_F(CommandTask, runs_as_the_user_of_its_command) {
  TaskInfo task = command_task("T");
  task.command->user = "alice";
  EXPECT_EQ(launch(task).context.user, "alice");
}

TEST_F(CommandTask, is_running_once_its_process_is) {
  const Launch made = launch(command_task("T"));
  turn({Launched{made.context.id, 100}});
  const TaskStatus said = update();
  EXPECT_EQ(said.state, TaskState::running);
  EXPECT_EQ(said.source, UpdateSource::agent);
  EXPECT_EQ(said.agent_id, AgentId("A"));
  EXPECT_FALSE(said.update_id.empty());
  EXPECT_EQ(said.timestamp, now);
}

struct End {
  std::int32_t exit_status;
  TaskState state;
  UpdateReason reason;
  std::string message;
};

TEST_F(CommandTask, ends_as_its_process_does) {
  const std::vector<End> ends = {
      {0, TaskState::finished, UpdateReason::none, "exited with status 0"},
      {3 << 8, TaskState::failed, UpdateReason::command_executor_failed, "exited with status 3"},
      {9, TaskState::failed, UpdateReason::command_executor_failed, "killed by signal 9 (SIGKILL)"},
  };
  for (const End& end : ends) {
    const Launch made = launch_running(command_task("T"));
    turn({Exited{made.context.id, end.exit_status, {}}});
    const TaskStatus said = update();
    EXPECT_EQ(said.state, end.state);
    EXPECT_EQ(said.reason, end.reason);
    EXPECT_EQ(said.message, end.message);
    EXPECT_EQ(said.exit_status, end.exit_status);
    EXPECT_THAT(outputs<RetireSandbox>(), SizeIs(1));
    acknowledge(said);
    EXPECT_THAT(agent->snapshot(now).tasks, IsEmpty()) << "and is forgotten";
    EXPECT_THAT(agent->snapshot(now).frameworks, IsEmpty());
    EXPECT_THAT(agent->snapshot(now).containers, IsEmpty());
  }
}

TEST_F(CommandTask, that_cannot_be_launched_has_failed_with_the_reason) {
  const Launch made = launch(command_task("T"));
  turn({Launched{made.context.id, failure("cannot execute 'x': No such file or directory")}});
  const TaskStatus said = update();
  EXPECT_EQ(said.state, TaskState::failed);
  EXPECT_EQ(said.reason, UpdateReason::container_launch_failed);
  EXPECT_EQ(said.message, "cannot execute 'x': No such file or directory");
  EXPECT_FALSE(said.exit_status);
  EXPECT_THAT(outputs<RetireSandbox>(), SizeIs(1));
}

TEST_F(CommandTask, that_ran_into_a_limit_says_which) {
  const Launch made = launch_running(command_task("T"));
  Limitation limitation;
  limitation.reason = UpdateReason::container_limitation_memory;
  limitation.message = "out of memory: 100 MB";
  turn({Exited{made.context.id, 9, limitation}});
  EXPECT_EQ(update().state, TaskState::failed);
  EXPECT_EQ(update().reason, UpdateReason::container_limitation_memory);
  EXPECT_EQ(update().message, "out of memory: 100 MB");
}

TEST_F(CommandTask, is_asked_to_end_and_ended_when_its_grace_is_over) {
  TaskInfo task = command_task("T");
  task.kill_policy.grace_period = 10s;
  const Launch made = launch_running(task);
  from_master(kill("T"));
  EXPECT_THAT(outputs<Terminate>(), SizeIs(1));
  EXPECT_THAT(outputs<Destroy>(), IsEmpty());
  EXPECT_THAT(updates(), IsEmpty()) << "KILLING is for frameworks that know it";
  pass(9s);
  EXPECT_THAT(outputs<Destroy>(), IsEmpty());
  pass(1s);
  ASSERT_THAT(outputs<Destroy>(), SizeIs(1));
  EXPECT_EQ(outputs<Destroy>()[0].container, made.context.id);
  turn({Exited{made.context.id, 9, {}}});
  EXPECT_EQ(update().state, TaskState::killed);
  EXPECT_EQ(update().reason, UpdateReason::task_kill_requested);
  EXPECT_EQ(update().message, "killed on request; killed by signal 9 (SIGKILL)");
}

TEST_F(CommandTask, killed_again_ends_after_the_shorter_grace) {
  launch_running(command_task("T"));
  from_master(kill("T", 100s));
  from_master(kill("T", 1s));
  EXPECT_THAT(outputs<Terminate>(), IsEmpty()) << "asked once";
  from_master(kill("T", 50s));
  pass(1s);
  EXPECT_THAT(outputs<Destroy>(), SizeIs(1));
}

TEST_F(CommandTask, says_killing_to_a_framework_that_knows_the_state) {
  RunTasks request = run({command_task("T")});
  request.framework.capabilities = {FrameworkCapability::task_killing_state};
  from_master(request);
  turn({Launched{outputs<Launch>()[0].context.id, 100}});
  acknowledge(update());
  from_master(kill("T"));
  EXPECT_EQ(update().state, TaskState::killing);
}

TEST_F(CommandTask, killed_while_it_is_launched_never_seems_to_run) {
  const Launch made = launch(command_task("T"));
  from_master(kill("T"));
  EXPECT_THAT(outputs<Destroy>(), IsEmpty()) << "there is nothing to destroy yet";
  turn({Launched{made.context.id, 100}});
  EXPECT_THAT(outputs<Destroy>(), SizeIs(1));
  EXPECT_THAT(updates(), IsEmpty());
  turn({Exited{made.context.id, 9, {}}});
  EXPECT_EQ(update().state, TaskState::killed);
  EXPECT_EQ(update().reason, UpdateReason::task_killed_during_launch);
}

TEST_F(CommandTask, killed_before_a_launch_that_fails_was_killed) {
  const Launch made = launch(command_task("T"));
  from_master(kill("T"));
  turn({Launched{made.context.id, failure("no")}});
  EXPECT_EQ(update().state, TaskState::killed);
}

TEST_F(CommandTask, is_ended_when_its_completion_time_is_over) {
  TaskInfo task = command_task("T");
  task.max_completion_time = 60s;
  const Launch made = launch_running(task);
  pass(60s);
  EXPECT_THAT(outputs<Terminate>(), SizeIs(1));
  turn({Exited{made.context.id, 15, {}}});
  EXPECT_EQ(update().state, TaskState::failed);
  EXPECT_EQ(update().reason, UpdateReason::max_completion_time_reached);
}

TEST_F(CommandTask, unknown_to_the_agent_is_dropped_when_killed) {
  from_master(kill("unknown"));
  const TaskStatus said = update();
  EXPECT_EQ(said.state, TaskState::dropped);
  EXPECT_EQ(said.reason, UpdateReason::task_unknown);
  EXPECT_TRUE(said.update_id.empty()) << "it is neither acknowledged nor repeated";
}

TEST_F(CommandTask, killed_after_its_end_is_left_alone) {
  const Launch made = launch_running(command_task("T"));
  turn({Exited{made.context.id, 0, {}}});
  from_master(kill("T"));
  EXPECT_THAT(outputs<Terminate>(), IsEmpty());
  EXPECT_THAT(updates(), IsEmpty());
}

TEST_F(CommandTask, without_a_command_is_an_error) {
  TaskInfo task = command_task("T");
  task.command.reset();
  from_master(run({task}));
  EXPECT_THAT(outputs<Launch>(), IsEmpty());
  EXPECT_EQ(update().state, TaskState::error);
  EXPECT_THAT(update().message, HasSubstr("neither a command nor an executor"));
}

TEST_F(CommandTask, that_cannot_be_read_is_an_error) {
  RunTasks request = run({command_task("T")});
  request.tasks[0].detail = Bytes("\xff nonsense");
  from_master(request);
  EXPECT_EQ(update().state, TaskState::error);
  EXPECT_THAT(update().message, HasSubstr("cannot read the task"));
}

TEST_F(CommandTask, that_comes_twice_runs_once) {
  launch(command_task("T"));
  from_master(run({command_task("T")}));
  EXPECT_THAT(outputs<Launch>(), IsEmpty());
  EXPECT_TRUE(said("task_ignored"));
}

TEST_F(CommandTask, with_an_id_that_is_no_directory_name_is_ignored) {
  RunTasks request = run({command_task("T")});
  request.tasks[0].id = TaskId("../T");
  from_master(request);
  EXPECT_THAT(outputs<Launch>(), IsEmpty());
  EXPECT_THAT(agent->snapshot(now).frameworks, IsEmpty());
}

TEST_F(CommandTask, above_the_limit_is_dropped_and_the_limit_frees_up_again) {
  configuration.tasks_max = 1;
  start_registered();
  const Launch made = launch_running(command_task("T1"));
  from_master(run({command_task("T2")}));
  EXPECT_THAT(outputs<Launch>(), IsEmpty());
  EXPECT_EQ(update().state, TaskState::dropped);
  EXPECT_EQ(update().message, "the agent runs 1 tasks already (tasks_max)");
  turn({Exited{made.context.id, 0, {}}});
  launch(command_task("T3"));
}

TEST_F(CommandTask, ten_thousand_of_them_start_in_one_turn_and_end_in_another) {
  std::vector<TaskInfo> tasks;
  for (int i = 0; i < 10'000; ++i) tasks.push_back(command_task("T" + std::to_string(i)));
  from_master(run(tasks));
  const auto launches = outputs<Launch>();
  ASSERT_THAT(launches, SizeIs(10'000));
  std::vector<Input> inputs;
  for (const auto& launch : launches) inputs.push_back(Launched{launch.context.id, 1});
  turn(std::move(inputs));
  EXPECT_THAT(updates(), SizeIs(10'000));
  EXPECT_THAT(to_master<AgentUpdates>(), SizeIs(testing::Le(10u))) << "batched";
  inputs.clear();
  for (const auto& launch : launches) inputs.push_back(Exited{launch.context.id, 0, {}});
  turn(std::move(inputs));
  EXPECT_THAT(agent->snapshot(now).containers, IsEmpty());
}

// ---- the end of a framework ---------------------------------------------------------------------

TEST_F(CommandTask, of_a_framework_that_is_removed_ends_without_a_word) {
  const Launch runs = launch_running(command_task("runs"));
  const Launch ended = launch_running(command_task("ended"));
  turn({Exited{ended.context.id, 0, {}}});
  from_master(ShutdownFramework{framework_id});
  EXPECT_THAT(outputs<Terminate>(), SizeIs(1));
  pass(3s);
  EXPECT_THAT(outputs<Destroy>(), SizeIs(1));
  turn({Exited{runs.context.id, 9, {}}});
  EXPECT_THAT(updates(), IsEmpty());
  EXPECT_THAT(outputs<RetireSandbox>(), SizeIs(1));
  EXPECT_THAT(agent->snapshot(now).frameworks, IsEmpty());
  pass(1h);
  EXPECT_THAT(updates(), IsEmpty());
}

TEST_F(CommandTask, of_a_removed_framework_is_not_taken_in) {
  launch_running(command_task("T"));
  from_master(ShutdownFramework{framework_id});
  from_master(run({command_task("late")}));
  EXPECT_THAT(outputs<Launch>(), IsEmpty());
}

// ---- usage --------------------------------------------------------------------------------------

TEST_F(CommandTask, is_measured_while_it_runs_and_once_at_a_time) {
  const Launch made = launch_running(command_task("T"));
  pass(5s);
  EXPECT_THAT(outputs<MeasureUsage>(), SizeIs(1));
  pass(20s);
  EXPECT_THAT(outputs<MeasureUsage>(), IsEmpty()) << "the first is not answered yet";
  turn({UsageMeasured{{{made.context.id, {{"mem_rss_bytes", 42}}}}}});
  EXPECT_EQ(agent->snapshot(now).containers[0].statistics.at("mem_rss_bytes"), 42);
  EXPECT_EQ(agent->snapshot(now).metrics.at("slave/containers/mem_rss_bytes"), 42);
  pass(5s);
  EXPECT_THAT(outputs<MeasureUsage>(), SizeIs(1));
  turn({Exited{made.context.id, 0, {}}});
  acknowledge(update());
  pass(75s);
  EXPECT_THAT(outputs<MeasureUsage>(), IsEmpty());
}

}  // namespace
}  // namespace mesolite::agent
