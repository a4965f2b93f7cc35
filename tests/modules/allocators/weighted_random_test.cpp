#include "modules/allocators/weighted-random/weighted_random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "tests/modules/allocators/cluster.hpp"

namespace mesolite::weighted_random {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class WeightedRandom : public ::testing::Test {
 protected:
  std::unique_ptr<Allocator> make() {
    return local_module<Allocator, WeightedRandomAllocator>(Nothing{}, host_).value();
  }
  void TearDown() override { EXPECT_THAT(host_.lines, IsEmpty()); }

  // How often each framework is drawn for the one agent.
  std::map<std::string, double> frequencies(int draws) {
    std::map<std::string, double> counts;
    cluster_.agent("A1", "cpus:1;mem:100");
    for (int i = 0; i < draws; ++i) {
      const auto offers = cluster_.offers();
      if (offers.size() != 1) break;
      counts[offers[0].substr(6)] += 1.0 / draws;
      cluster_.release(offers[0].substr(6), "A1");
    }
    return counts;
  }

  testing::RecordingHost host_;
  Cluster cluster_{make()};
};

TEST_F(WeightedRandom, conforms_through_the_border) {
  EXPECT_THAT(testing::allocator_violations([&] { return make(); }), IsEmpty());
}

// mesos-inventory.md, 5.3.
TEST_F(WeightedRandom, case_51_weights_1_to_5_are_drawn_as_often_as_they_weigh) {
  for (int weight = 1; weight <= 5; ++weight) {
    cluster_.role("r" + std::to_string(weight), weight);
    cluster_.framework("F" + std::to_string(weight), {"r" + std::to_string(weight)});
  }
  const auto found = frequencies(1000);
  EXPECT_NEAR(found.at("F1"), 0.07, 0.05);
  EXPECT_NEAR(found.at("F2"), 0.13, 0.05);
  EXPECT_NEAR(found.at("F3"), 0.20, 0.05);
  EXPECT_NEAR(found.at("F4"), 0.27, 0.05);
  EXPECT_NEAR(found.at("F5"), 0.33, 0.05);
}

TEST_F(WeightedRandom, children_share_the_chances_of_their_parent) {
  cluster_.framework("E1", {"eng/web"});
  cluster_.framework("E2", {"eng/db"});
  cluster_.framework("O", {"ops"});
  const auto found = frequencies(1000);
  EXPECT_NEAR(found.at("E1"), 0.25, 0.05);
  EXPECT_NEAR(found.at("E2"), 0.25, 0.05);
  EXPECT_NEAR(found.at("O"), 0.50, 0.05);
}

TEST_F(WeightedRandom, who_wants_nothing_takes_no_part_in_the_draw) {
  cluster_.framework("F1", {"r1"}).active = false;
  cluster_.framework("F2", {"r2"});
  EXPECT_DOUBLE_EQ(frequencies(10).at("F2"), 1.0);
}

}  // namespace
}  // namespace mesolite::weighted_random
