// network/ports: sockets of this process stand for a container's.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "modules/isolators/network-ports/network_ports.hpp"

namespace mesolite::network_ports {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Listener {
 public:
  explicit Listener(int family = AF_INET) : socket_(::socket(family, SOCK_STREAM, 0)) {
    ::listen(socket_, 1);  // on any free port
    sockaddr_in6 address{};
    socklen_t size = sizeof(address);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin6_port);  // in the same place as of IPv4
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

class Ports : public ::testing::Test {
 protected:
  std::unique_ptr<Isolator> make(Parameters parameters = {}) {
    return local_module<Isolator, NetworkPortsIsolator>(parameters, host_).value();
  }
  ContainerContext container(const std::string& resources) {
    ContainerContext context;
    context.id = ContainerId("c1");
    context.pid = ::getpid();
    context.requests = *Resources::parse(resources);
    return context;
  }
  testing::RecordingHost host_;
};

TEST_F(Ports, a_listener_outside_what_was_granted_is_named) {
  const Listener listener;
  const auto limitation = make()->check(container("cpus:1")).value().limitation;
  ASSERT_TRUE(limitation);
  EXPECT_EQ(limitation->message, "the container listens on TCP port " +
                                     std::to_string(listener.port()) + ", which it was not given");
  EXPECT_EQ(limitation->reason, UpdateReason::container_limitation);
}

TEST_F(Ports, listeners_that_were_granted_are_fine_on_both_versions_of_ip) {
  const Listener first;
  const Listener second(AF_INET6);
  const auto ports = [](std::uint16_t a, std::uint16_t b) {
    return "ports:[" + std::to_string(a) + "-" + std::to_string(a) + "," + std::to_string(b) + "-" +
           std::to_string(b) + "]";
  };
  EXPECT_FALSE(make()->check(container(ports(first.port(), second.port()))).value().limitation);
  const auto limitation = make()->check(container(ports(first.port(), 1))).value().limitation;
  ASSERT_TRUE(limitation);
  EXPECT_THAT(limitation->message, HasSubstr(std::to_string(second.port())));
}

TEST_F(Ports, without_enforcement_it_is_only_said) {
  const Listener listener;
  EXPECT_FALSE(make({.enforce = false})->check(container("cpus:1")).value().limitation);
  ASSERT_EQ(host_.lines.size(), 1u);
  EXPECT_THAT(host_.lines[0], HasSubstr("container c1 listens on TCP port"));
}

TEST_F(Ports, a_container_that_has_ended_listens_nowhere) {
  auto context = container("cpus:1");
  context.pid = 0;
  EXPECT_FALSE(make()->check(context).value().limitation);
  EXPECT_THAT(open_sockets("/proc", 999'999'999), IsEmpty());
}

TEST_F(Ports, conforms_through_the_border) {
  EXPECT_THAT(testing::isolator_violations([&] { return make(); }), IsEmpty());
}

}  // namespace
}  // namespace mesolite::network_ports
