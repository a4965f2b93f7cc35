// Why is there no offer: each reason in words, with the number of its agents, and never none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "modules/allocators/hierarchical/hierarchical.hpp"
#include "tests/modules/allocators/cluster.hpp"

namespace mesolite::hierarchical {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class Explain : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_THAT(host_.lines, IsEmpty()); }
  void add_agents(const std::string& prefix, int count, const std::string& resources) {
    for (int i = 1; i <= count; ++i) cluster_.agent(prefix + std::to_string(i), resources);
  }

  testing::RecordingHost host_;
  Cluster cluster_{local_module<Allocator, HierarchicalAllocator>(Nothing{}, host_).value()};
};

TEST_F(Explain, an_empty_cluster_has_no_agents) {
  cluster_.framework("F1", {"eng"});
  cluster_.offers();
  EXPECT_THAT(cluster_.explain("F1"), ElementsAre("0 are registered"));
}

TEST_F(Explain, what_was_declined_is_filtered_until_a_time) {
  add_agents("A", 2, "cpus:4;mem:4096");
  cluster_.framework("F1", {"eng"});
  cluster_.offers();
  cluster_.release("F1", "A1", 1h);
  cluster_.release("F1", "A2", 2h);
  cluster_.offers();
  EXPECT_THAT(cluster_.explain("F1", "cpus:1"),
              ElementsAre("2 filtered by the framework until 1970-01-01T02:16:40.000Z"));
}

TEST_F(Explain, too_small_agents_lack_something_and_the_best_is_told) {
  add_agents("A", 3, "cpus:4;mem:2048");
  add_agents("B", 1, "cpus:4;mem:3100");
  add_agents("C", 2, "cpus:1;mem:100");
  cluster_.framework("F1", {"eng"});
  cluster_.offers();
  EXPECT_THAT(
      cluster_.explain("F1", "cpus:2;mem:4096"),
      ElementsAre("4 lack mem: wants 4096, best has 3100", "2 lack cpus: wants 2, best has 1"));
}

TEST_F(Explain, a_role_at_its_limit_is_told_with_the_limit_that_binds) {
  cluster_.role("eng").limit = Resources::parse("cpus:40").value();
  add_agents("A", 11, "cpus:4;mem:4096");
  cluster_.framework("F1", {"eng/web"});
  cluster_.offers();
  EXPECT_THAT(cluster_.explain("F1", "cpus:1"),
              ElementsAre("11 are beyond quota: role eng is at its limit of 40 cpus"));
}

TEST_F(Explain, what_is_held_is_told_apart_by_who_holds_it) {
  add_agents("A", 3, "cpus:4;mem:4096");
  cluster_.framework("F1", {"eng"});
  cluster_.framework("F2", {"ops"});
  cluster_.offers();
  EXPECT_THAT(cluster_.explain("F2", "cpus:1"),
              UnorderedElementsAre(
                  "1 are offered to or used by the framework itself: wants 1, best has 0 free",
                  "2 are offered to or used by others: wants 1, best has 0 free"));
}

TEST_F(Explain, gpus_reservations_guarantees_and_inactive_agents_are_told) {
  cluster_.settings().minimum_allocatable = {};
  add_agents("G", 1, "cpus:4;gpus:1");
  add_agents("R", 1, "cpus(ops):4");
  add_agents("H", 1, "cpus:2");
  cluster_.agent("I1", "cpus:4").active = false;
  cluster_.role("q").guarantee = Resources::parse("cpus:6").value();
  cluster_.framework("F1", {"eng"});
  cluster_.offers();
  EXPECT_THAT(cluster_.explain("F1", "cpus:1"),
              UnorderedElementsAre(
                  "1 have gpus, which are kept for frameworks with the capability gpu_resources",
                  "1 have cpus reserved to other roles: wants 1, best has 0 for this one",
                  "1 are kept free: cpus is guaranteed to other roles that lack it",
                  "1 are not active: disconnected, deactivated or draining"));
}

TEST_F(Explain, what_keeps_all_agents_away_comes_alone) {
  add_agents("A", 5, "cpus:4;mem:4096");
  cluster_.framework("F1", {"eng"});
  cluster_.interest("F1", "eng", false);
  cluster_.offers();
  EXPECT_THAT(cluster_.explain("F1"), ElementsAre("5 wait: the framework has suppressed role eng"));
  cluster_.framework("F1", {"eng"}).active = false;
  cluster_.offers();
  EXPECT_THAT(cluster_.explain("F1"), ElementsAre("5 wait: the framework is not connected"));
}

TEST_F(Explain, too_little_for_an_offer_is_told) {
  add_agents("A", 1, "cpus:0.001;mem:1");
  cluster_.framework("F1", {"eng"});
  cluster_.offers();
  EXPECT_THAT(cluster_.explain("F1"), ElementsAre("1 lack a part worth an offer"));
}

TEST_F(Explain, each_role_is_explained) {
  add_agents("A", 1, "cpus:4;mem:4096");
  cluster_.framework("F1", {"eng", "ops"});
  cluster_.interest("F1", "ops", false);
  cluster_.offers();
  EXPECT_THAT(cluster_.explain("F1"),
              ElementsAre("1 are offered to or used by the framework itself",
                          "1 wait: the framework has suppressed role ops"));
}

}  // namespace
}  // namespace mesolite::hierarchical
