// Runs in a network namespace of its own, so that the machine's is left alone.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include "kernel/container/descriptor.hpp"
#include "modules/isolators/network-namespace/netlink.hpp"
#include "modules/isolators/network-namespace/network_namespace.hpp"
#include "tests/isolation/isolated.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::uint16_t published = 31'000;

class Network : public Isolated {
 protected:
  void SetUp() override {
    Isolated::SetUp();
    if (IsSkipped()) return;
    own_ = Descriptor(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
    if (::unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs network namespaces";
    ASSERT_TRUE(network_namespace::Netlink::open()->set_up("lo"));
    network_namespace::Parameters parameters;
    parameters.subnet = "10.77.0.0/24";
    add<network_namespace::NetworkIsolator>("network/namespace", parameters);
    start();
  }
  void TearDown() override {
    Isolated::TearDown();
    if (own_) ::setns(own_.get(), CLONE_NEWNET);
  }

  // What whoever listens at a port of this host says; "" if nobody does.
  static std::string talk_to(std::uint16_t port, const std::string& text) {
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      return "";
    }
    ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    ::shutdown(socket.get(), SHUT_WR);
    std::string said;
    char piece[4096];
    for (ssize_t count = 0; (count = ::recv(socket.get(), piece, sizeof piece, 0)) > 0;) {
      said.append(piece, static_cast<std::size_t>(count));
    }
    return said;
  }

  Descriptor own_;
};

TEST_F(Network, a_container_has_interfaces_of_its_own) {
  EXPECT_EQ(
      ask("c", "ls /sys/class/net > /dev/null; grep -c : /proc/net/dev; echo $MESOS_CONTAINER_IP"),
      "2\n10.77.0.2");
  EXPECT_THAT(read("/proc/net/dev"), testing::Not(HasSubstr("meso")))
      << "of a container that has ended nothing is left";
}

TEST_F(Network, a_published_port_reaches_the_container) {
  auto asked =
      request("c",
              "exec perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalPort => 31000, "
              "Listen => 5, ReuseAddr => 1); print \"ready\\n\"; $| = 1; while ($c = $s->accept) { "
              "print $c uc <$c>; close $c }' > ready");
  asked.context.requests = Resources::parse("ports:[31000-31000]").value();
  asked.context.spec.published_ports = {published};
  containerizer_->launch(asked);
  const auto launched = next<Launched>("c");
  ASSERT_TRUE(launched && launched->pid) << launched->pid.error().message;
  std::string said;
  EXPECT_TRUE(wait_until([&] { return !(said = talk_to(published, "hello\n")).empty(); }));
  EXPECT_EQ(said, "HELLO\n");
  const std::string long_line(1u << 20, 'x');
  EXPECT_EQ(talk_to(published, long_line + "\n").size(), long_line.size() + 1);

  containerizer_->destroy(ContainerId("c"));
  ASSERT_TRUE(next<Exited>("c"));
  EXPECT_TRUE(wait_until([&] { return talk_to(published, "hello\n").empty(); }));
}

TEST_F(Network, checks_reach_what_only_the_container_reaches) {
  launch("c",
         "exec perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalPort => 8080, Listen => "
         "5); print \"ready\\n\"; $| = 1; while ($c = $s->accept) { $l = <$c>; print $c "
         "\"HTTP/1.1 200 OK\\r\\n\\r\\n\"; close $c }' > ready");
  ASSERT_TRUE(next<Launched>("c"));
  Check http;
  http.kind = CheckKind::http;
  http.port = 8080;
  EXPECT_TRUE(wait_until([&] { return check("c", http).passed; }));
  EXPECT_EQ(talk_to(http.port, "GET / HTTP/1.1\r\n"), "") << "from outside nobody does";
}

TEST_F(Network, a_port_that_was_not_granted_is_not_published) {
  auto asked = request("c", "true");
  asked.context.spec.published_ports = {published};
  EXPECT_THAT(refusal(asked), HasSubstr("not among the task's resources"));
}

TEST_F(Network, containers_do_not_share_ports) {
  const std::string line =
      "exec perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(LocalPort => 5050, Listen => "
      "1) ? \"taken\" : \"refused\"; sleep 1000 if @ARGV' ";
  launch("one", line + "stay");
  ASSERT_TRUE(next<Launched>("one"));
  EXPECT_EQ(ask("two", line), "taken");
}

}  // namespace
}  // namespace mesolite::container
