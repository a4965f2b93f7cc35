// Strangers who cost more than they are worth: those who say nothing, and those who never stop.
#include <gtest/gtest.h>

#include <fstream>
#include <list>

#include "sdk/net/frame.hpp"
#include "tests/sdk/net/bus_peers.hpp"
#include "tests/support/raw_peer.hpp"

namespace mesolite::net {
namespace {

using harness::RawPeer;

std::string hello() {
  FrameBuilder builder;
  EXPECT_TRUE(builder.add(Hello{}));
  return builder.take();
}

std::size_t resident_megabytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) >> 20;
}

class Guarded : public testing::Test {
 protected:
  void serve(BusLimits limits) {
    server_.emplace("tcp://127.0.0.1:0", ServerThread::React{}, limits);
    const std::string& endpoint = server_->endpoint;
    port_ = static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
  }

  std::string reason(std::size_t index) { return server_->record.get().cut_off.at(index); }

  std::optional<ServerThread> server_;
  std::uint16_t port_ = 0;
};

TEST_F(Guarded, who_says_nothing_is_cut_off_after_a_while_hands_shaken_or_not) {
  serve({.silence_max = 100ms});
  RawPeer half_open(port_);
  RawPeer silent(port_);
  ASSERT_TRUE(silent.shake_hands());
  EXPECT_TRUE(half_open.wait_closed(patience));
  EXPECT_TRUE(silent.wait_closed(patience));
  EXPECT_EQ(server_->counters().silent, 2u);
  EXPECT_EQ(reason(0), "it has not said anything for 100ms");
}

TEST_F(Guarded, who_has_said_something_may_be_silent_for_as_long_as_it_likes) {
  serve({.silence_max = 50ms});
  RawPeer talking(port_);
  ASSERT_TRUE(talking.shake_hands());
  ASSERT_TRUE(talking.write(RawPeer::part(hello(), false)));
  ASSERT_TRUE(server_->wait_received(1));
  EXPECT_FALSE(talking.wait_closed(300ms));
}

TEST_F(Guarded, of_too_many_that_say_nothing_the_oldest_go) {
  serve({.silent_max = 10});
  std::list<RawPeer> peers;
  for (int i = 0; i < 30; ++i) peers.emplace_back(port_);
  ASSERT_TRUE(server_->wait_cut_off(20));
  EXPECT_TRUE(peers.front().wait_closed(patience));
  EXPECT_FALSE(peers.back().wait_closed(100ms));
  EXPECT_EQ(server_->counters().silent, 20u);
}

TEST_F(Guarded, more_connections_than_there_is_room_for_are_cut_off_at_once) {
  serve({.connections_max = 3});
  std::list<RawPeer> peers;
  for (int i = 0; i < 3; ++i) {
    peers.emplace_back(port_);
    ASSERT_TRUE(peers.back().shake_hands());
    ASSERT_TRUE(peers.back().write(RawPeer::part(hello(), false)));
  }
  ASSERT_TRUE(server_->wait_received(3));
  RawPeer fourth(port_);
  EXPECT_TRUE(fourth.wait_closed(patience));
  EXPECT_EQ(server_->counters().crowding, 1u);
  EXPECT_FALSE(peers.front().wait_closed(50ms));
}

// Writes an endless message until it is cut off, or has written `most`.
std::size_t write_without_end(RawPeer& peer, std::size_t part_bytes, std::size_t most) {
  const std::string part = RawPeer::part(std::string(part_bytes, 'x'), true);
  std::string parts;
  while (parts.size() < 64u << 10) parts += part;
  std::size_t written = 0;
  while (written < most && peer.write(parts)) written += parts.size();
  return written;
}

TEST_F(Guarded, a_first_message_without_an_end_is_cut_short) {
  serve({.first_frame_bytes_max = 64u << 10});
  RawPeer flooding(port_);
  ASSERT_TRUE(flooding.shake_hands());
  EXPECT_LT(write_without_end(flooding, 100, 1u << 30), 1u << 30);
  EXPECT_EQ(server_->counters().flooding, 1u);
  EXPECT_EQ(reason(0), "a message of it has no end: more than 1 MiB have come");
}

TEST_F(Guarded, a_message_of_endless_empty_parts_is_cut_short_before_it_fills_the_memory) {
  serve({});
  RawPeer flooding(port_);
  ASSERT_TRUE(flooding.shake_hands());
  ASSERT_TRUE(flooding.write(RawPeer::part(hello(), false)));
  ASSERT_TRUE(server_->wait_received(1));
  const std::size_t before = resident_megabytes();
  EXPECT_LT(write_without_end(flooding, 0, 64u << 20), 64u << 20);
  EXPECT_LT(resident_megabytes(), before + 300);
  EXPECT_EQ(server_->counters().flooding, 1u);
}

TEST_F(Guarded, the_largest_message_there_is_arrives_however_slowly) {
  serve({});
  RawPeer slow(port_);
  ASSERT_TRUE(slow.shake_hands());
  FrameBuilder builder;
  ASSERT_TRUE(builder.add(ExecutorData{.data = Bytes(std::string(message_bytes_max - 16, 'x'))}));
  const std::string frame = RawPeer::part(builder.take(), false);
  for (std::size_t begin = 0; begin < frame.size(); begin += 1u << 20) {
    ASSERT_TRUE(slow.write(std::string_view(frame).substr(begin, 1u << 20)));
    EXPECT_FALSE(slow.wait_closed(20ms));
  }
  EXPECT_TRUE(server_->wait_received(1));
  EXPECT_EQ(server_->counters().cut_off, 0u);
}

}  // namespace
}  // namespace mesolite::net
