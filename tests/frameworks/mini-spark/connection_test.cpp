// Defends: frames arrive whole and in order, and a peer that is not known yet cannot make us hold
// what it sends.
#include "frameworks/mini-spark/cluster/connection.hpp"

#include <gtest/gtest.h>

#include "frameworks/mini-spark/engine/listener.hpp"

namespace mesolite::spark {
namespace {

class Connected : public ::testing::Test {
 protected:
  std::unique_ptr<Listener> listener_ = std::move(*Listener::listen("127.0.0.1"));
  std::unique_ptr<Connection> theirs_ =
      std::move(*Connection::connect("127.0.0.1:" + std::to_string(listener_->port())));
  Connection ours_{listener_->accept()};
};

TEST_F(Connected, frames_of_any_size_arrive_whole_and_in_order) {
  const std::string large(3'000'000, 'x');
  theirs_->send("first");
  theirs_->send("second", large);
  theirs_->send("", "only a body");
  auto frame = ours_.receive();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->header, "first");
  frame = ours_.receive();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->header, "second");
  EXPECT_TRUE(frame->body == large);
  frame = ours_.receive();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->body, "only a body");
  theirs_.reset();
  EXPECT_FALSE(ours_.receive()) << "the other end is gone";
}

TEST_F(Connected, a_hello_is_small_and_has_no_body) {
  theirs_->send("hello");
  const auto hello = ours_.receive_hello();
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->header, "hello");
  theirs_->send("hello", "and a body");
  EXPECT_FALSE(ours_.receive_hello());
}

TEST_F(Connected, a_hello_that_is_too_long_is_not_read) {
  theirs_->send(std::string(Connection::hello_max + 1, 'h'));
  EXPECT_FALSE(ours_.receive_hello());
}

TEST(Addresses, that_cannot_be_meant_are_refused_by_name) {
  EXPECT_EQ(Connection::connect("nowhere").error().message, "'nowhere' is not HOST:PORT");
  EXPECT_EQ(Listener::listen("1.2.3").error().message, "'1.2.3' is not an IPv4 address");
  EXPECT_EQ(*ip_towards("127.0.0.1:1"), "127.0.0.1");
}

}  // namespace
}  // namespace mesolite::spark
