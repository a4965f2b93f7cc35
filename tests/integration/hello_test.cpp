// The framework that the templates show, end to end.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

TEST(Hello, runs_its_tasks_to_their_end_and_says_so) {
  Cluster cluster;
  const Ended ended = run({built("tests/hello"), cluster.master(), "5"});
  EXPECT_EQ(ended.status, 0) << ended.errors;
  std::size_t finished = 0;
  for (std::size_t at = 0; (at = ended.output.find("TASK_FINISHED", at)) != std::string::npos; ++at)
    ++finished;
  EXPECT_EQ(finished, 5u) << ended.output;
  EXPECT_TRUE(eventually([&] { return cluster.idle(); }));
}

}  // namespace
}  // namespace mesolite::harness
