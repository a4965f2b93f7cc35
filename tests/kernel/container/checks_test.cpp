// Checks of running containers, by the real mesolite-check; and what else a launch brings along.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/kernel/container/containers.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Checks : public Containers {
 protected:
  void SetUp() override {
    Containers::SetUp();
    launch("c", "export SECRET=told; echo $$ > ready; exec sleep 1000");
    ASSERT_TRUE(next<Launched>("c"));
    ASSERT_GT(pid_in("c", "ready"), 0);
  }

  Checked check(Check check) {
    containerizer_->check(ContainerId("c"), ++last_, std::move(check));
    const auto checked = next<Checked>("c");
    EXPECT_TRUE(checked);
    if (!checked) return {};
    EXPECT_EQ(checked->number, last_);
    return *checked;
  }
  Checked run_command(const std::string& line, Duration timeout = 20s) {
    Check command;
    command.kind = CheckKind::command;
    command.command.value = line;
    command.timeout = timeout;
    return check(command);
  }

  std::uint64_t last_ = 0;
};

TEST_F(Checks, run_a_command_beside_the_task_and_tell_how_it_ends) {
  const Checked good = run_command("test -e ready && test \"$MESOS_CONTAINER_ID\" = c");
  EXPECT_TRUE(good.passed) << good.message
                           << ": it runs in the sandbox, with the task's environment";
  EXPECT_EQ(good.message, "exited with status 0");
  const Checked bad = run_command("exit 3");
  EXPECT_FALSE(bad.passed);
  EXPECT_EQ(bad.message, "exited with status 3");
}

TEST_F(Checks, that_take_too_long_are_ended_with_all_that_they_have_started) {
  const Checked slow = run_command("sleep 1001 & echo $! > child; sleep 1000", 200ms);
  EXPECT_FALSE(slow.passed);
  EXPECT_EQ(slow.message, "took longer than 200ms");
  const pid_t child = pid_in("c", "child");
  EXPECT_TRUE(wait_until([&] { return !lives(child); }));
}

TEST_F(Checks, of_a_port_tell_whether_it_takes_connections) {
  const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  socklen_t size = sizeof address;
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  Check tcp;
  tcp.kind = CheckKind::tcp;
  tcp.port = ntohs(address.sin_port);
  const Checked closed = check(tcp);
  EXPECT_FALSE(closed.passed);
  EXPECT_THAT(closed.message, HasSubstr("cannot connect to port"));
  ASSERT_EQ(::listen(listener.get(), 4), 0);
  const Checked open = check(tcp);
  EXPECT_TRUE(open.passed) << open.message;

  Check http = tcp;
  http.kind = CheckKind::http;
  http.path = "/health";
  http.timeout = 200ms;
  EXPECT_EQ(check(http).message, "took longer than 200ms") << "nobody answers";
}

TEST_F(Checks, of_a_container_that_has_ended_are_not_answered) {
  containerizer_->destroy(ContainerId("c"));
  ASSERT_TRUE(next<Exited>("c"));
  Check tcp;
  tcp.kind = CheckKind::tcp;
  tcp.port = 1;
  containerizer_->check(ContainerId("c"), 1, tcp);
  EXPECT_EQ(run("d", "true"), 0) << "what comes after it is served";
  EXPECT_TRUE(waiting_.empty());
}

// ---- what a launch brings along -----------------------------------------------------------------

using Belongings = Containers;

TEST_F(Belongings, secret_files_are_the_tasks_alone_and_gone_when_it_has_ended) {
  LaunchRequest request = this->request("c", "stat -c %a key; cat key; echo $$ > ready; read x");
  request.secret_files = {{"key", "hush"}};
  containerizer_->launch(request);
  ASSERT_TRUE(next<Launched>("c"));
  ASSERT_TRUE(next<Exited>("c"));
  EXPECT_EQ(output("c"), "400\nhush");
  EXPECT_FALSE(fs::exists(work_.sandbox("c") + "/key"));
}

TEST_F(Belongings, a_secret_file_of_another_place_is_refused) {
  LaunchRequest request = this->request("c", "true");
  request.secret_files = {{"../key", "hush"}};
  containerizer_->launch(request);
  const auto launched = next<Launched>("c");
  ASSERT_TRUE(launched && !launched->pid);
  EXPECT_EQ(launched->pid.error().message, "'../key' is not the name of a sandbox file");
}

TEST_F(Belongings, files_are_fetched_before_the_program_begins) {
  LaunchRequest request = this->request("c", "cat note");
  Uri uri;
  uri.value = work_.path() + "/source";
  uri.output_file = "note";
  request.command.uris = {uri};
  std::ofstream(uri.value) << "fetched";
  containerizer_->launch(request);
  const auto launched = next<Launched>("c");
  ASSERT_TRUE(launched && launched->pid) << launched->pid.error().message;
  ASSERT_TRUE(next<Exited>("c"));
  EXPECT_EQ(output("c"), "fetched");
}

TEST_F(Belongings, what_cannot_be_fetched_is_why_nothing_is_launched) {
  LaunchRequest request = this->request("c", "true");
  request.command.uris.emplace_back();
  request.command.uris[0].value = "/does/not/exist";
  containerizer_->launch(request);
  const auto launched = next<Launched>("c");
  ASSERT_TRUE(launched && !launched->pid);
  EXPECT_EQ(launched->pid.error().message,
            "cannot fetch '/does/not/exist': No such file or directory");
  EXPECT_EQ(run("d", "true"), 0);
}

class Talkative : public Containers {
 protected:
  Talkative() { logs_ = {64u << 10, 1}; }
};

TEST_F(Talkative, tasks_leave_no_more_output_than_the_limits_allow) {
  EXPECT_EQ(run("c", "head -c 1000000 /dev/zero; echo end"), 0);
  containerizer_->retire_sandbox(work_.sandbox("c"));
  EXPECT_TRUE(wait_until([&] {
    std::error_code error;
    return fs::file_size(work_.sandbox("c") + "/stdout", error) <= logs_.bytes_max && !error;
  }));
  EXPECT_TRUE(output("c").ends_with("end\n"));
  EXPECT_LE(fs::file_size(work_.sandbox("c") + "/stdout.1"), logs_.bytes_max);
}

}  // namespace
}  // namespace mesolite::container
