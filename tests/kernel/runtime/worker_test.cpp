#include "kernel/runtime/worker.hpp"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace mesolite::runtime {
namespace {

TEST(Worker, does_its_work_in_order_and_all_of_it_before_it_ends) {
  std::vector<int> done;
  {
    Worker worker("test", 100);
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(worker.post([&, i] { done.push_back(i); }));
  }
  ASSERT_EQ(done.size(), 50u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)], i);
}

TEST(Worker, refuses_what_comes_when_too_much_waits) {
  std::promise<void> begun;
  std::promise<void> go_on;
  Worker worker("test", 2);
  EXPECT_TRUE(worker.post([&] {
    begun.set_value();
    go_on.get_future().wait();
  }));
  begun.get_future().wait();
  EXPECT_TRUE(worker.post([] {}));
  EXPECT_TRUE(worker.post([] {}));
  EXPECT_FALSE(worker.post([] {}));
  go_on.set_value();
}

}  // namespace
}  // namespace mesolite::runtime
