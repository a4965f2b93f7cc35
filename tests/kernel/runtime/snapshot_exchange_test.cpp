#include "kernel/runtime/snapshot_exchange.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace mesolite::runtime {
namespace {

// The kernel thread is played by the test: what is posted runs when run_posted() is called. Readers
// are told by the worker; ending it waits for them.
class SnapshotExchangeTest : public ::testing::Test {
 protected:
  void run_posted() {
    auto posted = std::exchange(posted_, {});
    for (auto& work : posted) work();
  }

  int taken_ = 0;
  Time now_{};
  Duration taking_{0};
  std::vector<std::function<void()>> posted_;
  std::optional<Worker> worker_{std::in_place, "test", 100};
  SnapshotExchange<int> exchange_{{.now = [this] { return now_; },
                                   .post = [this](auto work) { posted_.push_back(work); },
                                   .take =
                                       [this] {
                                         now_ += taking_;
                                         return ++taken_;
                                       }},
                                  *worker_,
                                  100ms};
};

TEST_F(SnapshotExchangeTest, has_nothing_before_the_first) {
  EXPECT_EQ(exchange_.latest(), nullptr);
}

TEST_F(SnapshotExchangeTest, all_who_wait_are_answered_by_one_snapshot) {
  std::vector<int> seen;
  for (int i = 0; i < 3; ++i) exchange_.refresh([&] { seen.push_back(*exchange_.latest()); });
  EXPECT_EQ(posted_.size(), 1u);
  run_posted();
  worker_.reset();
  EXPECT_EQ(seen, (std::vector<int>{1, 1, 1}));
}

TEST_F(SnapshotExchangeTest, a_young_snapshot_answers_at_once_and_an_old_one_does_not) {
  exchange_.take();
  now_ += 99ms;
  int answered = 0;
  exchange_.refresh([&] { ++answered; });
  EXPECT_EQ(answered, 1);
  EXPECT_TRUE(posted_.empty());
  now_ += 1ms;
  exchange_.refresh([&] { ++answered; });
  EXPECT_EQ(answered, 1);
  run_posted();
  worker_.reset();
  EXPECT_EQ(answered, 2);
  EXPECT_EQ(taken_, 2);
}

TEST_F(SnapshotExchangeTest, one_that_takes_long_to_take_is_handed_out_for_longer) {
  taking_ = 50ms;
  exchange_.take();
  now_ += 449ms;
  exchange_.refresh([] {});
  EXPECT_TRUE(posted_.empty());
  now_ += 1ms;
  exchange_.refresh([] {});
  EXPECT_EQ(posted_.size(), 1u);
  run_posted();
  worker_.reset();
}

TEST_F(SnapshotExchangeTest, a_reader_that_is_never_answered_is_let_go) {
  auto token = std::make_shared<int>(0);
  {
    Worker worker("test", 1);
    SnapshotExchange<int> exchange(
        {.now = [this] { return now_; }, .post = [](auto) {}, .take = [] { return 0; }}, worker,
        100ms);
    exchange.refresh([token] { FAIL(); });
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
}

}  // namespace
}  // namespace mesolite::runtime
