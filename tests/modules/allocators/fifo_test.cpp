#include "modules/allocators/fifo/fifo.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "tests/modules/allocators/cluster.hpp"

namespace mesolite::fifo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Fifo : public ::testing::Test {
 protected:
  std::unique_ptr<Allocator> make() {
    const Parameters parameters{{{"prod", 10}, {"prod/urgent", 20}, {"scratch", -1}}};
    return local_module<Allocator, FifoAllocator>(parameters, host_).value();
  }
  void TearDown() override { EXPECT_THAT(host_.lines, IsEmpty()); }

  testing::RecordingHost host_;
  Cluster cluster_{make()};
};

TEST_F(Fifo, conforms_through_the_border) {
  EXPECT_THAT(testing::allocator_violations([&] { return make(); }), IsEmpty());
}

TEST_F(Fifo, who_came_first_gets_everything_until_it_declines) {
  cluster_.framework("F1", {"a"});
  cluster_.framework("F2", {"b"});
  cluster_.agent("A1", "cpus:1;mem:100");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  cluster_.agent("A2", "cpus:1;mem:100");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A2 -> F1"));
  cluster_.release("F1", "A2", 5s);
  EXPECT_THAT(cluster_.offers(), ElementsAre("A2 -> F2"));
}

TEST_F(Fifo, the_higher_priority_goes_before_who_came_first) {
  cluster_.framework("S", {"scratch"});
  cluster_.framework("N", {"other"});
  cluster_.framework("P", {"prod"});
  cluster_.framework("U", {"prod/urgent"});
  std::string order;
  cluster_.agent("A1", "cpus:1;mem:100");
  for (auto offers = cluster_.offers(); !offers.empty(); offers = cluster_.offers()) {
    order += offers[0].substr(6);
    cluster_.release(offers[0].substr(6), "A1", 1h);
  }
  EXPECT_EQ(order, "UPNS");
}

TEST_F(Fifo, a_priority_holds_for_all_roles_below) {
  cluster_.framework("N", {"production"});
  cluster_.framework("B", {"prod/batch"});
  cluster_.agent("A1", "cpus:1;mem:100");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> B"));
}

TEST_F(Fifo, a_guarantee_goes_before_all_priorities) {
  cluster_.quota("q", "cpus:1;mem:100");
  cluster_.framework("U", {"prod/urgent"});
  cluster_.framework("Q", {"q"});
  cluster_.agent("A1", "cpus:2;mem:200");
  EXPECT_THAT(cluster_.full_offers(),
              ElementsAre("A1 -> Q q: cpus:1;mem:100", "A1 -> U prod/urgent: cpus:1;mem:100"));
}

}  // namespace
}  // namespace mesolite::fifo
