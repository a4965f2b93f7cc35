#include "kernel/runtime/durable_order.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mesolite::runtime {
namespace {

class DurableOrderTest : public ::testing::Test {
 protected:
  std::vector<std::string> passed_;
  DurableOrder<std::string> order_{[this](std::string item) { passed_.push_back(item); }};
};

using Items = std::vector<std::string>;

TEST_F(DurableOrderTest, passes_on_at_once_what_rests_on_nothing) {
  order_.add("a");
  EXPECT_EQ(passed_, Items{"a"});
}

TEST_F(DurableOrderTest, holds_back_what_follows_a_persist_until_that_is_durable) {
  order_.add("before");
  order_.persisting(1);
  order_.add("after one");
  order_.persisting(2);
  order_.add("after two");
  EXPECT_EQ(passed_, Items{"before"});
  order_.durable(1);
  EXPECT_EQ(passed_, (Items{"before", "after one"}));
  order_.durable(2);
  EXPECT_EQ(passed_, (Items{"before", "after one", "after two"}));
  EXPECT_EQ(order_.held(), 0u);
}

TEST_F(DurableOrderTest, keeps_the_order_of_what_is_held_and_what_comes_later) {
  order_.persisting(1);
  order_.add("a");
  order_.add("b");
  order_.durable(1);
  order_.add("c");
  EXPECT_EQ(passed_, (Items{"a", "b", "c"}));
}

TEST_F(DurableOrderTest, one_answer_may_cover_several_persists) {
  order_.persisting(1);
  order_.persisting(2);
  order_.add("a");
  order_.persisting(3);
  order_.add("b");
  order_.durable(3);
  EXPECT_EQ(passed_, (Items{"a", "b"}));
}

}  // namespace
}  // namespace mesolite::runtime
