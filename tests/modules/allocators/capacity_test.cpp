#include "modules/allocators/capacity/capacity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "tests/modules/allocators/cluster.hpp"

namespace mesolite::capacity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Capacity : public ::testing::Test {
 protected:
  using Parts = std::map<std::string, double>;

  Cluster& cluster(const Parameters& parameters) {
    return cluster_.emplace(local_module<Allocator, CapacityAllocator>(parameters, host_).value());
  }
  std::string refusal(const Parameters& parameters) {
    const auto made = local_module<Allocator, CapacityAllocator>(parameters, host_);
    return made ? "" : made.error().message;
  }
  void TearDown() override { EXPECT_THAT(host_.lines, IsEmpty()); }

  static void add_agents(Cluster& cluster, int count) {
    for (int i = 1; i <= count; ++i) {
      cluster.agent("A" + std::to_string(i / 10) + std::to_string(i % 10), "cpus:1;mem:100");
    }
  }
  static std::map<std::string, int> count(const std::vector<std::string>& offers) {
    std::map<std::string, int> counts;
    for (const std::string& offer : offers) ++counts[offer.substr(offer.find("-> ") + 3)];
    return counts;
  }
  using Counts = std::map<std::string, int>;

  testing::RecordingHost host_;
  std::optional<Cluster> cluster_;
};

TEST_F(Capacity, conforms_through_the_border) {
  const Parameters parameters{{{"eng", 60}, {"ops", 30}}, {}, {{"ops", 1}}, "fair"};
  EXPECT_THAT(testing::allocator_violations([&] {
                return local_module<Allocator, CapacityAllocator>(parameters, host_).value();
              }),
              IsEmpty());
}

TEST_F(Capacity, queues_get_their_shares) {
  Cluster& world = cluster({Parts{{"prod", 60}, {"batch", 40}}, {}, {}, "fifo"});
  world.framework("B", {"batch"});
  world.framework("P", {"prod"});
  add_agents(world, 10);
  EXPECT_EQ(count(world.offers()), (Counts{{"P", 6}, {"B", 4}}));
}

TEST_F(Capacity, what_a_queue_does_not_use_others_may_up_to_their_maximum) {
  Cluster& world = cluster({Parts{{"prod", 60}, {"batch", 40}}, Parts{{"batch", 70}}, {}, "fifo"});
  world.framework("B", {"batch"});
  add_agents(world, 10);
  EXPECT_EQ(count(world.offers()), (Counts{{"B", 7}}));
  world.framework("P", {"prod"});
  EXPECT_EQ(count(world.offers()), (Counts{{"P", 3}}));
}

TEST_F(Capacity, a_maximum_grows_with_the_cluster) {
  Cluster& world = cluster({{}, Parts{{"batch", 50}}, {}, "fifo"});
  world.framework("B", {"batch"});
  add_agents(world, 4);
  EXPECT_EQ(count(world.offers()), (Counts{{"B", 2}}));
  add_agents(world, 8);
  EXPECT_EQ(count(world.offers()), (Counts{{"B", 2}}));
}

TEST_F(Capacity, a_queue_below_its_share_goes_before_a_higher_priority_that_has_its_own) {
  Cluster& world =
      cluster({Parts{{"prod", 20}, {"batch", 50}}, {}, {{"prod", 5}, {"batch", 1}}, "fifo"});
  world.framework("B", {"batch"});
  world.framework("P", {"prod"});
  add_agents(world, 10);
  EXPECT_EQ(count(world.offers()), (Counts{{"P", 5}, {"B", 5}}));
}

TEST_F(Capacity, queues_below_share_what_their_parent_has) {
  Cluster& world = cluster(
      {Parts{{"prod", 80}, {"prod/web", 75}, {"prod/db", 25}, {"batch", 20}}, {}, {}, "fifo"});
  world.framework("W", {"prod/web"});
  world.framework("D", {"prod/db"});
  world.framework("B", {"batch"});
  add_agents(world, 20);
  EXPECT_EQ(count(world.offers()), (Counts{{"W", 12}, {"D", 4}, {"B", 4}}));
}

TEST_F(Capacity, a_queue_is_first_come_first_served_or_fair) {
  Cluster& first = cluster({Parts{{"prod", 100}}, {}, {}, "fifo"});
  first.framework("F1", {"prod"});
  first.framework("F2", {"prod"});
  add_agents(first, 4);
  EXPECT_EQ(count(first.offers()), (Counts{{"F1", 4}}));
  Cluster& fair = cluster({Parts{{"prod", 100}}, {}, {}, "fair"});
  fair.framework("F1", {"prod"});
  fair.framework("F2", {"prod"});
  add_agents(fair, 4);
  EXPECT_EQ(count(fair.offers()), (Counts{{"F1", 2}, {"F2", 2}}));
}

TEST_F(Capacity, shares_that_cannot_be_are_refused_by_name) {
  EXPECT_THAT(refusal({Parts{{"a", 60}, {"b", 50}}, {}, {}, "fifo"}),
              HasSubstr("capacity: the queues directly in the cluster together have 110, which is "
                        "more than 100"));
  EXPECT_THAT(refusal({Parts{{"a/x", 60}, {"a/y", 50}}, {}, {}, "fifo"}),
              HasSubstr("the queues directly in 'a' together have 110"));
  EXPECT_THAT(refusal({Parts{{"a", -1}}, {}, {}, "fifo"}),
              HasSubstr("capacity: queue 'a' has -1, which is not 0 to 100"));
  EXPECT_THAT(refusal({Parts{{"a", 50}}, Parts{{"a", 40}}, {}, "fifo"}),
              HasSubstr("maximum: queue 'a' has 40, less than its capacity of 50"));
  EXPECT_THAT(refusal({{}, {}, {{"a//b", 1}}, "fifo"}),
              HasSubstr("priority: queue 'a//b' has an empty name between slashes"));
  EXPECT_THAT(refusal({{}, {}, {}, "lifo"}),
              HasSubstr("ordering is 'lifo' and should be 'fifo' or 'fair'"));
}

}  // namespace
}  // namespace mesolite::capacity
