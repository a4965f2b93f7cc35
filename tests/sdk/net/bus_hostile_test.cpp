// Peers that do not behave: none of them may reach the handler with nonsense, harm another peer, or
// be forgotten about.
#include <gtest/gtest.h>
#include <zmq.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "mesolite/base/random.hpp"
#include "sdk/net/frame.hpp"
#include "tests/sdk/net/bus_peers.hpp"
#include "tests/support/raw_peer.hpp"

namespace mesolite::net {
namespace {

using harness::RawPeer;

Message ping(std::uint64_t sequence) {
  return Ping{.sequence = sequence};
}

std::string frame_of(const Message& message) {
  FrameBuilder builder;
  EXPECT_TRUE(builder.add(message));
  return builder.take();
}

// A ZeroMQ client that sends what a BusClient never would.
class RawClient {
 public:
  explicit RawClient(const std::string& endpoint, const std::string& routing_id = "",
                     int receive_queue = 1'000)
      : context_(::zmq_ctx_new()), socket_(::zmq_socket(context_, ZMQ_DEALER)) {
    set(ZMQ_LINGER, 1'000);
    set(ZMQ_RCVHWM, receive_queue);
    set(ZMQ_RECONNECT_IVL, -1);
    set(ZMQ_RCVTIMEO, 20'000);
    if (!routing_id.empty()) {
      ::zmq_setsockopt(socket_, ZMQ_ROUTING_ID, routing_id.data(), routing_id.size());
    }
    EXPECT_EQ(::zmq_connect(socket_, endpoint.c_str()), 0);
  }
  ~RawClient() {
    ::zmq_close(socket_);
    ::zmq_ctx_term(context_);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void set(int option, int value) { ::zmq_setsockopt(socket_, option, &value, sizeof value); }
  void send(const std::string& part, int flags = 0) {
    ::zmq_send(socket_, part.data(), part.size(), flags);
  }
  std::string receive() {
    std::string frame(1'000, '\0');
    const int size = ::zmq_recv(socket_, frame.data(), frame.size(), 0);
    frame.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return frame;
  }

 private:
  void* context_;
  void* socket_;
};

std::uint16_t port_of(const std::string& endpoint) {
  return static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
}

// A well-behaved client that must not be affected by what the others do.
class HostilePeers : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(bystander_.wait_connected());
    bystander_.send(ping(0));
    ASSERT_TRUE(server_.wait_received(1));
    bystander_id_ = server_.record.get().received[0].first;
  }
  void TearDown() override {
    const std::size_t before = server_.record.get().received.size();
    bystander_.send(ping(1));
    EXPECT_TRUE(server_.wait_received(before + 1));
    server_.send(bystander_id_, ping(2));
    EXPECT_TRUE(bystander_.wait_received(1));
    EXPECT_EQ(bystander_.record.get().disconnected, 0);
  }

  ServerThread server_;
  ClientThread bystander_{server_.endpoint};
  PeerId bystander_id_;
};

TEST_F(HostilePeers, a_frame_of_several_parts_is_refused) {
  RawClient raw(server_.endpoint);
  raw.send(frame_of(ping(5)), ZMQ_SNDMORE);
  for (int i = 0; i < 100; ++i) raw.send("more", ZMQ_SNDMORE);
  raw.send("last");
  ASSERT_TRUE(server_.wait_lost(1));
  EXPECT_EQ(server_.counters().cut_off, 1u);
  EXPECT_EQ(server_.record.get().received.size(), 1u);
}

TEST_F(HostilePeers, three_malformed_frames_are_too_many) {
  RawClient raw(server_.endpoint);
  std::string malformed = frame_of(ping(1));
  malformed.pop_back();
  raw.send(frame_of(ping(5)));
  raw.send("garbage");
  raw.send(malformed);
  raw.send(frame_of(ping(6)));
  raw.send("");
  raw.send(frame_of(ping(7)));
  ASSERT_TRUE(server_.wait_lost(1));
  EXPECT_EQ(server_.record.get().received.size(), 3u);  // the bystander's, 5 and 6
  EXPECT_EQ(server_.counters().malformed, 3u);
  EXPECT_EQ(server_.counters().cut_off, 1u);
}

TEST_F(HostilePeers, who_is_cut_off_for_what_it_said_is_told_why) {
  RawClient raw(server_.endpoint);
  for (int i = 0; i < malformed_frames_max; ++i) raw.send("garbage");
  const auto answer = FrameReader::open(raw.receive()).value().next().value();
  ASSERT_TRUE(std::holds_alternative<Refused>(answer.message));
  EXPECT_EQ(std::get<Refused>(answer.message).reason, "not a frame of ours: 7 bytes");
}

TEST_F(HostilePeers, a_routing_id_of_its_own_choice_is_refused) {
  RawClient raw(server_.endpoint, "master");
  raw.send(frame_of(ping(5)));
  ASSERT_TRUE(server_.wait_cut_off(1));
  EXPECT_EQ(server_.record.get().received.size(), 1u);
}

TEST_F(HostilePeers, one_that_does_not_read_is_cut_off_when_its_queue_is_full) {
  RawPeer raw(port_of(server_.endpoint));
  // One frame, and not a byte read after that.
  ASSERT_TRUE(raw.shake_hands());
  ASSERT_TRUE(raw.write(RawPeer::part(frame_of(ping(1)), false)));
  ASSERT_TRUE(server_.wait_received(2));
  const PeerId peer = server_.record.get().received[1].first;
  const Message large = ExecutorData{.data = Bytes(std::string(4u << 20, 'x'))};
  for (std::size_t sent = 0; sent < 2 * backlog_bytes_max; sent += 4u << 20) {
    server_.send(peer, large);
  }
  ASSERT_TRUE(server_.wait_lost(1));
  EXPECT_EQ(server_.record.get().lost[0], peer);
  EXPECT_EQ(server_.counters().cut_off, 1u);
  EXPECT_EQ(server_.counters().slow, 1u);
}

TEST_F(HostilePeers, raw_garbage_is_harmless) {
  Random random(7);
  for (int i = 0; i < 50; ++i) {
    RawPeer raw(port_of(server_.endpoint));
    std::string garbage(1 + random.below(2'000), '\0');
    for (char& byte : garbage) byte = static_cast<char>(random.below(256));
    if (i % 3 == 0) garbage = "GET / HTTP/1.1\r\nHost: x\r\n\r\n" + garbage;
    ASSERT_TRUE(raw.write(garbage));
  }
  // A frame that claims to be of 2^60 bytes, after a proper greeting.
  RawPeer raw(port_of(server_.endpoint));
  EXPECT_TRUE(raw.write(RawPeer::greeting() + std::string("\x02\x10\0\0\0\0\0\0\0", 9)));
}

TEST_F(HostilePeers, ancient_protocols_are_refused) {
  for (const int revision : {0, 1}) {  // ZMTP 1.0 and 2.0
    RawPeer raw(port_of(server_.endpoint));
    const std::string frame = frame_of(ping(1));
    const char size = static_cast<char>(frame.size());
    const std::string signature("\xff\0\0\0\0\0\0\0\1\x7f", 10);
    if (revision == 0) {
      raw.write(std::string("\x01\0", 2) + static_cast<char>(size + 1) + '\0' + frame);
    } else {
      raw.write(signature + std::string("\1\5\0\0", 4) + '\0' + size + frame);
    }
    EXPECT_TRUE(raw.wait_closed(patience));
  }
  EXPECT_EQ(server_.record.get().received.size(), 1u);
}

// Connections come and go as fast as they can while descriptors are reused at once: each peer from
// which something was received is lost exactly once, and the bystander never.
TEST_F(HostilePeers, a_storm_of_reused_descriptors_attributes_every_loss) {
  constexpr int threads = 4;
  constexpr int rounds = 150;
  std::vector<std::thread> storm;
  for (int t = 0; t < threads; ++t) {
    storm.emplace_back([this, t] {
      Random random(static_cast<std::uint64_t>(t) + 1);
      for (int i = 0; i < rounds; ++i) {
        if (random.chance(0.2)) {
          RawPeer raw(port_of(server_.endpoint));  // never a peer
          continue;
        }
        RawClient raw(server_.endpoint);
        raw.send(frame_of(ping(static_cast<std::uint64_t>(t * rounds + i))));
      }
    });
  }
  for (auto& thread : storm) thread.join();
  ASSERT_TRUE(server_.record.wait([&](const ServerRecord& state) {
    std::set<PeerId> peers;
    for (const auto& [peer, message] : state.received) peers.insert(peer);
    return state.lost.size() + 1 == peers.size();
  }));
  const auto record = server_.record.get();
  std::map<PeerId, int> losses;
  for (const PeerId peer : record.lost) ++losses[peer];
  EXPECT_EQ(losses.count(bystander_id_), 0u);
  for (const auto& [peer, count] : losses) EXPECT_EQ(count, 1);
  EXPECT_GT(record.received.size(), static_cast<std::size_t>(threads * rounds / 2));
}

}  // namespace
}  // namespace mesolite::net
