#include "sdk/net/bus.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

#include "tests/sdk/net/bus_peers.hpp"

namespace mesolite::net {
namespace {

Message ping(std::uint64_t sequence) {
  return Ping{.sequence = sequence};
}

std::uint64_t sequence_of(const Message& message) {
  return std::get<Ping>(message).sequence;
}

// A directory for socket files, gone at the end.
struct ScratchDirectory {
  ScratchDirectory() { EXPECT_NE(::mkdtemp(path.data()), nullptr); }
  ~ScratchDirectory() { std::filesystem::remove_all(path); }
  std::string path = "/tmp/mesolite-bus-XXXXXX";
};

// Both transports behave alike.
class Bus : public testing::TestWithParam<const char*> {
 protected:
  std::string endpoint() const {
    return GetParam() == std::string("ipc") ? "ipc://" + scratch_.path + "/bus"
                                            : "tcp://127.0.0.1:0";
  }

 private:
  ScratchDirectory scratch_;
};

INSTANTIATE_TEST_SUITE_P(Transports, Bus, testing::Values("tcp", "ipc"),
                         [](const auto& instance) { return instance.param; });

TEST_P(Bus, carries_thousands_of_messages_both_ways_in_order) {
  constexpr std::uint64_t count = 20'000;
  ServerThread server(endpoint(), [](BusServer& bus, PeerId peer, const Message& message) {
    bus.send(peer, message);
  });
  ClientThread client(server.endpoint);
  ASSERT_TRUE(client.wait_connected());
  client.thread().run([&] {
    for (std::uint64_t i = 0; i < count; ++i) client.client.send(ping(i));
  });
  ASSERT_TRUE(client.wait_received(count));
  const auto server_record = server.record.get();
  const auto client_record = client.record.get();
  for (std::uint64_t i = 0; i < count; ++i) {
    ASSERT_EQ(sequence_of(server_record.received[i].second), i);
    ASSERT_EQ(sequence_of(client_record.received[i]), i);
  }
  // What goes out in one turn shares a frame.
  EXPECT_LE(client.counters().frames_out, 3u);
}

TEST_P(Bus, a_client_that_closes_is_lost_after_all_it_said_was_heard) {
  ServerThread server(endpoint());
  {
    ClientThread client(server.endpoint);
    ASSERT_TRUE(client.wait_connected());
    client.thread().run([&] {
      for (std::uint64_t i = 0; i < 1'000; ++i) client.client.send(ping(i));
      client.client.flush(5s);
    });
  }
  ASSERT_TRUE(server.wait_lost(1));
  const auto record = server.record.get();
  ASSERT_EQ(record.received.size(), 1'000u);
  EXPECT_EQ(record.lost, std::vector<PeerId>{record.received[0].first});
}

// A process of its own that connects to what it is told, says one thing and then hangs.
class HangingProcess {
 public:
  HangingProcess() {
    EXPECT_EQ(::pipe2(pipe_.data(), O_CLOEXEC), 0);
    process_ = ::fork();
    if (process_ == 0) hang();
  }
  ~HangingProcess() {
    kill();
    ::close(pipe_[0]);
    ::close(pipe_[1]);
  }
  void connect(const std::string& endpoint) const {
    const auto size = static_cast<ssize_t>(endpoint.size());
    EXPECT_EQ(::write(pipe_[1], endpoint.data(), endpoint.size()), size);
  }
  void kill() {
    if (process_ > 0) ::kill(process_, SIGKILL);
    if (process_ > 0) ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }

 private:
  [[noreturn]] void hang() const {
    std::string endpoint(200, '\0');
    const ssize_t size = ::read(pipe_[0], endpoint.data(), endpoint.size());
    endpoint.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    ClientThread client(endpoint);
    client.wait_connected();
    client.send(ping(1));
    while (true) ::pause();
  }

  std::array<int, 2> pipe_{};
  pid_t process_ = -1;
};

TEST_P(Bus, a_killed_process_is_noticed_within_a_second) {
  HangingProcess process;  // before there are threads
  ServerThread server(endpoint());
  process.connect(server.endpoint);
  ASSERT_TRUE(server.wait_received(1));
  process.kill();
  EXPECT_TRUE(server.wait_lost(1, 1'000ms));
}

TEST_P(Bus, the_servers_last_word_is_heard_before_it_disconnects) {
  ServerThread server(endpoint(), [](BusServer& bus, PeerId peer, const Message&) {
    bus.send(peer, Refused{.reason = "no", .leader_bus = {}});
    bus.disconnect(peer);
    bus.send(peer, ping(99));  // too late
  });
  ClientThread client(server.endpoint);
  ASSERT_TRUE(client.wait_connected());
  client.thread().run([&] {
    client.client.send(ping(1));
    client.client.send(ping(2));  // not heard any more
  });
  ASSERT_TRUE(client.wait_disconnected());
  const auto record = client.record.get();
  ASSERT_EQ(record.received.size(), 1u);
  EXPECT_EQ(std::get<Refused>(record.received[0]).reason, "no");
  ASSERT_TRUE(server.wait_lost(1));
  EXPECT_EQ(server.record.get().received.size(), 1u);
  EXPECT_EQ(server.counters().cut_off, 0u);
}

TEST_P(Bus, a_client_comes_back_by_itself_as_another_peer) {
  ServerThread server(endpoint());
  ClientThread client(server.endpoint);
  ASSERT_TRUE(client.wait_connected(1));
  client.send(ping(1));
  ASSERT_TRUE(server.wait_received(1));
  server.disconnect(server.record.get().received[0].first);
  ASSERT_TRUE(client.wait_connected(2));
  client.send(ping(2));
  ASSERT_TRUE(server.wait_received(2));
  ASSERT_TRUE(server.wait_lost(1));
  const auto record = server.record.get();
  EXPECT_NE(record.received[0].first, record.received[1].first);
  EXPECT_EQ(record.lost, std::vector<PeerId>{record.received[0].first});
}

TEST_P(Bus, a_client_waits_for_a_server_that_is_not_there_yet) {
  std::string endpoint = this->endpoint();
  { endpoint = ServerThread(endpoint).endpoint; }
  ClientThread client(endpoint);
  ServerThread server(endpoint);
  EXPECT_TRUE(client.wait_connected());
}

TEST_P(Bus, messages_for_a_peer_that_is_gone_are_ignored) {
  ServerThread server(endpoint());
  PeerId peer;
  {
    ClientThread client(server.endpoint);
    ASSERT_TRUE(client.wait_connected());
    client.send(ping(1));
    ASSERT_TRUE(server.wait_received(1));
    peer = server.record.get().received[0].first;
  }
  for (std::uint64_t i = 0; i < 100; ++i) server.send(peer, ping(i));
  ASSERT_TRUE(server.wait_lost(1));
  server.send(peer, ping(1));
  server.disconnect(peer);
  EXPECT_EQ(server.record.get().lost.size(), 1u);
}

TEST_P(Bus, frames_of_a_lower_epoch_are_refused_at_both_ends) {
  ServerThread server(endpoint());
  ClientThread client(server.endpoint);
  ASSERT_TRUE(client.wait_connected());
  server.thread().run([&] { server.server.set_epoch(5); });
  client.send(ping(0));  // knows no epoch yet: welcome
  ASSERT_TRUE(server.wait_received(1));
  client.thread().run([&] { client.client.set_epoch(4); });
  client.send(ping(1));
  client.thread().run([&] { client.client.set_epoch(6); });
  client.send(ping(2));
  ASSERT_TRUE(server.wait_received(2));
  const auto record = server.record.get();
  EXPECT_EQ(sequence_of(record.received[1].second), 2u);
  EXPECT_EQ(server.counters().stale, 1u);
  server.send(record.received[0].first, ping(3));  // still says 5
  server.thread().run([&] { server.server.set_epoch(6); });
  server.send(record.received[0].first, ping(4));
  ASSERT_TRUE(client.wait_received(1));
  EXPECT_EQ(sequence_of(client.record.get().received[0]), 4u);
  EXPECT_EQ(client.counters().stale, 1u);
}

TEST_P(Bus, who_followed_an_earlier_leader_may_greet_the_next_one) {
  ServerThread server(endpoint());
  server.thread().run([&] { server.server.set_epoch(5); });
  ClientThread client(server.endpoint);
  ASSERT_TRUE(client.wait_connected());
  client.thread().run([&] { client.client.set_epoch(4); });
  client.send(ping(1));
  ASSERT_TRUE(server.wait_received(1));
  EXPECT_EQ(server.counters().stale, 0u);
}

TEST(BusServer, an_endpoint_that_cannot_be_had_is_a_sentence) {
  Reactor reactor;
  class : public BusServer::Handler {
    void received(PeerId, Message) override {}
    void peer_lost(PeerId) override {}
  } handler;
  BusServer server(reactor, handler);
  EXPECT_EQ(server.bind("tcp://127.0.0.1:port").error().message,
            "cannot listen on 'tcp://127.0.0.1:port': Invalid argument");
  EXPECT_FALSE(server.bind("ipc:///tmp/" + std::string(200, 'x')));
}

TEST(BusClient, what_is_no_endpoint_is_a_sentence) {
  Reactor reactor;
  class : public BusClient::Handler {
    void connected() override {}
    void disconnected() override {}
    void received(Message, std::uint64_t) override {}
  } handler;
  BusClient client(reactor, handler);
  EXPECT_EQ(client.connect("nonsense").error().message,
            "cannot connect to 'nonsense': Invalid argument");
  EXPECT_FALSE(client.is_connected());
}

}  // namespace
}  // namespace mesolite::net
