// Checks of running containers, by the real mesolite-check; and what else a launch brings along.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <future>

#include "tests/kernel/container/containers.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Listens at a free port of this host; answers one connection after the other.
class WebServer {
 public:
  WebServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }

  std::uint16_t port() const { return port_; }
  void listen() { EXPECT_EQ(::listen(listener_.get(), 4), 0); }
  // The request that one connection brings.
  std::string serve(const std::string& answer) {
    const Descriptor connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::string request;
    std::array<char, 512> piece;
    while (!request.ends_with("\r\n\r\n")) {
      const ssize_t count = ::recv(connection.get(), piece.data(), piece.size(), 0);
      if (count <= 0) break;
      request.append(piece.data(), static_cast<std::size_t>(count));
    }
    ::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    return request;
  }

 private:
  Descriptor listener_;
  std::uint16_t port_ = 0;
};

class Checks : public Containers {
 protected:
  void SetUp() override {
    Containers::SetUp();
    launch("c", "export SECRET=told; echo $$ > ready; exec sleep 1000");
    ASSERT_TRUE(next<Launched>("c"));
    ASSERT_GT(pid_in("c", "ready"), 0);
  }
};

TEST_F(Checks, run_a_command_beside_the_task_and_tell_how_it_ends) {
  const Checked good = check_by_command("c", "test -e ready && test \"$MESOS_CONTAINER_ID\" = c");
  EXPECT_TRUE(good.passed) << good.message
                           << ": it runs in the sandbox, with the task's environment";
  EXPECT_EQ(good.message, "exited with status 0");
  const Checked bad = check_by_command("c", "exit 3");
  EXPECT_FALSE(bad.passed);
  EXPECT_EQ(bad.message, "exited with status 3");
}

TEST_F(Checks, that_take_too_long_are_ended_with_all_that_they_have_started) {
  const Checked slow = check_by_command("c", "sleep 1001 & echo $! > child; sleep 1000", 200ms);
  EXPECT_FALSE(slow.passed);
  EXPECT_EQ(slow.message, "took longer than 200ms");
  const pid_t child = pid_in("c", "child");
  EXPECT_TRUE(wait_until([&] { return !lives(child); }));
}

TEST_F(Checks, of_a_port_tell_whether_it_takes_connections) {
  WebServer server;
  Check tcp;
  tcp.kind = CheckKind::tcp;
  tcp.port = server.port();
  const Checked closed = check("c", tcp);
  EXPECT_FALSE(closed.passed);
  EXPECT_THAT(closed.message, HasSubstr("cannot connect to port"));
  server.listen();
  const Checked open = check("c", tcp);
  EXPECT_TRUE(open.passed) << open.message;
}

TEST_F(Checks, of_an_http_server_go_by_its_status) {
  WebServer server;
  server.listen();
  Check http;
  http.kind = CheckKind::http;
  http.port = server.port();
  http.path = "/health";
  const auto answered = [&](const std::string& answer) {
    auto request = std::async(std::launch::async, [&] { return server.serve(answer); });
    Checked checked = check("c", http);
    EXPECT_THAT(request.get(), testing::StartsWith("GET /health HTTP/1.1\r\nHost: localhost:"));
    return checked;
  };
  const Checked good = answered("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_TRUE(good.passed);
  EXPECT_EQ(good.message, "HTTP status 204");
  EXPECT_TRUE(answered("HTTP/1.1 302 Found\r\nLocation: /other\r\n\r\n").passed);
  const Checked bad = answered("HTTP/1.1 503 Service Unavailable\r\n\r\n");
  EXPECT_FALSE(bad.passed);
  EXPECT_EQ(bad.message, "HTTP status 503");
  EXPECT_EQ(answered("220 mail.example ESMTP\r\n").message,
            "the answer is not that of an HTTP server");
  http.timeout = 200ms;
  EXPECT_EQ(check("c", http).message, "took longer than 200ms") << "nobody answers";
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
