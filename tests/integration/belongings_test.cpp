// What comes with a command task besides its command: checks, files, secrets; from end to end.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/integration/recording_scheduler.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

using testing::HasSubstr;

class Belongings : public testing::Test {
 protected:
  void run(std::vector<TaskInfo> tasks) {
    scheduler_.emplace(std::move(tasks));
    driver_ = std::make_unique<MesosSchedulerDriver>(
        *scheduler_, scheduler_options(cluster_.master(), "belongings"));
    ASSERT_TRUE(driver_->start());
  }
  bool ended(const std::string& task) {
    return eventually([&] { return is_terminal(scheduler_->last(task).state); });
  }

  Cluster cluster_;
  Scratch scratch_;
  std::optional<RecordingScheduler> scheduler_;
  std::unique_ptr<MesosSchedulerDriver> driver_;
};

Check quick_check(const std::string& line) {
  Check check;
  check.kind = CheckKind::command;
  check.command.value = line;
  check.delay = check.grace_period = Duration(0);
  check.interval = 20ms;
  return check;
}

TEST_F(Belongings, a_health_check_that_fails_in_a_row_ends_its_task_and_says_so) {
  TaskInfo task = shell_task("t", "touch well; sleep 1000");
  task.health_check = quick_check("test -e well");
  run({task});
  EXPECT_TRUE(eventually([&] { return scheduler_->last("t").healthy == true; }));
  const auto sandboxes = cluster_.agent_directory(0) / "agents";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(sandboxes)) {
    if (entry.path().filename() == "well") std::filesystem::remove(entry.path());
  }
  EXPECT_TRUE(ended("t"));
  const TaskStatus last = scheduler_->last("t");
  EXPECT_EQ(last.state, TaskState::failed);
  EXPECT_EQ(last.reason, UpdateReason::health_check_failed);
  EXPECT_THAT(last.message, HasSubstr("its health check failed 3 times in a row"));
}

TEST_F(Belongings, a_check_tells_what_it_finds_and_leaves_its_task_alone) {
  TaskInfo task = shell_task("t", "sleep 1000");
  task.check = quick_check("exit 3");
  run({task});
  EXPECT_TRUE(
      eventually([&] { return scheduler_->last("t").message == "check: exited with status 3"; }));
  EXPECT_EQ(scheduler_->last("t").state, TaskState::running);
}

TEST_F(Belongings, files_and_secrets_are_there_when_the_program_begins) {
  std::ofstream(scratch_ / "note") << "fetched";
  TaskInfo task = shell_task("t", "test \"$(cat note)\" = fetched && test \"$(cat key)\" = hush");
  task.command->uris.emplace_back();
  task.command->uris[0].value = "file://" + (scratch_ / "note").string();
  task.secret_files = {{"key", "hush"}};
  run({task});
  EXPECT_TRUE(ended("t"));
  EXPECT_EQ(scheduler_->last("t").state, TaskState::finished) << scheduler_->last("t").message;
  const auto meta = cluster_.agent_directory(0) / "meta";
  for (const auto& entry : std::filesystem::directory_iterator(meta)) {
    EXPECT_THAT(read_file(entry.path()), testing::Not(HasSubstr("\xa4hush")))
        << "a secret in " << entry.path();
  }
}

TEST_F(Belongings, what_cannot_be_fetched_fails_the_task_with_a_sentence) {
  TaskInfo task = shell_task("t", "true");
  task.command->uris.emplace_back();
  task.command->uris[0].value = "/does/not/exist";
  run({task});
  EXPECT_TRUE(ended("t"));
  EXPECT_EQ(scheduler_->last("t").state, TaskState::failed);
  EXPECT_EQ(scheduler_->last("t").message,
            "cannot fetch '/does/not/exist': No such file or directory");
}

}  // namespace
}  // namespace mesolite::harness
