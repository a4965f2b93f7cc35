// Defends: a running reduce takes each map's output once, the newest there is, and says again what
// it could not get.
#include "frameworks/mini-hadoop/worker/live_feed.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mesolite::hadoop {
namespace {

class Feed : public testing::Test {
 protected:
  static MapOutputInfo output(std::uint32_t map, std::uint32_t attempt = 0) {
    return {map, attempt, "host" + std::to_string(attempt) + ":1", 10, 1};
  }
  // The attempt whose output comes next.
  std::uint32_t take() {
    taken_ = feed_.next({}).value();
    return taken_.attempt;
  }
  void lose() { feed_.report_lost(taken_, {data::FetchCause::unreachable, "host", "block", ""}); }

  std::vector<std::uint32_t> lost_;  // attempts, as they were told
  MapOutputRef taken_;
  LiveFeed feed_{{0, TaskKind::reduce, 7, 0},
                 3,
                 [this](std::uint32_t, std::uint32_t attempt, const std::string&) {
                   lost_.push_back(attempt);
                 }};
};

TEST_F(Feed, gives_each_output_once_however_often_it_is_announced) {
  feed_.add({output(1)});
  feed_.add({output(1), output(2), output(99)});
  EXPECT_EQ(feed_.known(), 2U);
  take();
  EXPECT_EQ(taken_.map, 1U);
  EXPECT_EQ(taken_.block, block_name(AttemptId{0, TaskKind::map, 1, 0}, 7));
  take();
  EXPECT_EQ(taken_.map, 2U);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(feed_.next(stop.get_token())) << "there is no third";
}

TEST_F(Feed, gives_the_newer_of_two_outputs_if_the_older_was_not_taken_yet) {
  feed_.add({output(0), output(1)});
  feed_.add({output(1, 2)});
  feed_.add({output(1, 1)});
  EXPECT_EQ(take(), 0U);
  EXPECT_EQ(take(), 2U);
  EXPECT_EQ(feed_.known(), 2U);
}

TEST_F(Feed, waits_for_a_newer_output_than_the_one_that_was_lost_and_says_so_again) {
  feed_.add({output(0, 1)});
  take();
  lose();
  EXPECT_EQ(feed_.known(), 0U);
  feed_.add({output(0, 1)});
  feed_.add({output(0, 0)});
  EXPECT_EQ(lost_, (std::vector<std::uint32_t>{1, 1, 0}));
  feed_.add({output(0, 2)});
  EXPECT_EQ(take(), 2U);
}

}  // namespace
}  // namespace mesolite::hadoop
