#include "modules/allocators/hierarchical/hierarchical.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "tests/modules/allocators/cluster.hpp"

namespace mesolite::hierarchical {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// Case numbers are those of the conformance cases in mesos-inventory.md, 5.3.
class Hierarchical : public ::testing::Test {
 protected:
  std::unique_ptr<Allocator> make() {
    return local_module<Allocator, HierarchicalAllocator>(Nothing{}, host_).value();
  }
  void TearDown() override { EXPECT_THAT(host_.lines, IsEmpty()); }

  testing::RecordingHost host_;
  Cluster cluster_{make()};
};

TEST_F(Hierarchical, conforms_through_the_border) {
  EXPECT_THAT(testing::allocator_violations([&] { return make(); }), IsEmpty());
}

TEST_F(Hierarchical, case_1_lowest_role_then_lowest_framework_gets_the_agent) {
  cluster_.agent("A1", "cpus:2;mem:1024");
  cluster_.framework("F1", {"role1"});
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  cluster_.framework("F2", {"role2"});
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.agent("A2", "cpus:1;mem:512");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A2 -> F2"));
  cluster_.agent("A3", "cpus:3;mem:2048");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A3 -> F2"));
  cluster_.framework("F3", {"role1"});
  cluster_.agent("A4", "cpus:4;mem:4096");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A4 -> F3"));
  cluster_.framework("F4", {"role1"});
  cluster_.agent("A5", "cpus:1;mem:512");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A5 -> F2"));
}

TEST_F(Hierarchical, case_3_an_excluded_resource_counts_in_no_share) {
  cluster_.settings().fair_sharing_excluded = {"gpus"};
  cluster_.agent("A1", "cpus:2;mem:1024;gpus:1");
  cluster_.framework("F1", {"role1"}).capabilities = {FrameworkCapability::gpu_resources};
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  cluster_.framework("F2", {"role2"});
  cluster_.agent("A2", "cpus:1;mem:512");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A2 -> F2"));
  cluster_.agent("A3", "cpus:3;mem:2048");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A3 -> F2"));
}

TEST_F(Hierarchical, case_5_a_filter_holds_until_its_end_and_no_longer) {
  cluster_.agent("A1", "cpus:1;mem:512");
  cluster_.framework("F1", {"role1"});
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  cluster_.release("F1", "A1", 2s);
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  EXPECT_EQ(cluster_.until_deadline(), 2s);
  cluster_.wait(1s);
  cluster_.everything();
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.wait(1s);
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  EXPECT_EQ(cluster_.until_deadline(), std::nullopt);
}

TEST_F(Hierarchical, case_7_two_frameworks_share_two_whole_agents) {
  cluster_.agent("A1", "cpus:2;mem:1024");
  cluster_.agent("A2", "cpus:2;mem:1024");
  cluster_.framework("F1", {"role1"});
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1", "A2 -> F1"));
  cluster_.release("F1", "A1");
  cluster_.release("F1", "A2");
  cluster_.framework("F2", {"role2"});
  const auto offers = cluster_.offers();
  ASSERT_THAT(offers, SizeIs(2));
  EXPECT_NE(offers[0].substr(6), offers[1].substr(6));
}

TEST_F(Hierarchical, case_9_what_is_given_back_is_offered_again_and_nothing_else) {
  cluster_.agent("A1", "cpus(role1):1;mem(role1):200;cpus:1;mem:200");
  cluster_.framework("F1", {"role1"});
  EXPECT_THAT(cluster_.full_offers(),
              ElementsAre("A1 -> F1 role1: cpus:1;mem:200;cpus(role1):1;mem(role1):200"));
  cluster_.release("F1", "A1", 0s, "cpus(role1):1;mem(role1):200");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F1 role1: cpus(role1):1;mem(role1):200"));
}

TEST_F(Hierarchical, case_11_nothing_below_the_minimum_is_offered) {
  cluster_.agent("A1", "cpus:0.005;mem:16;disk:128");
  cluster_.framework("F1", {"role1"});
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.settings().minimum_allocatable = {};
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
}

TEST_F(Hierarchical, case_15_what_is_held_counts_once_whatever_came_first) {
  cluster_.framework("F1", {"r"});
  cluster_.agent("A1", "cpus:1;mem:100");
  cluster_.agent("A2", "cpus:1;mem:100");
  cluster_.framework("F2", {"r"});
  cluster_.hold("F1", "r", "A1", "cpus:1;mem:100");
  cluster_.hold("F2", "r", "A2", "cpus:1;mem:100");
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.agent("A3", "cpus:1;mem:100");
  cluster_.agent("A4", "cpus:1;mem:100");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A3 -> F1", "A4 -> F2"));
}

TEST_F(Hierarchical, case_17_weights_divide_shares_and_changing_one_offers_nothing) {
  for (const char* name : {"A1", "A2", "A3", "A4", "A5", "A6"}) {
    cluster_.agent(name, "cpus:2;mem:1024");
  }
  const std::map<std::string, std::string> role_of = {
      {"F1", "role1"}, {"F2", "role2"}, {"F3", "role3"}};
  const auto count = [&](const std::vector<std::string>& offers) {
    std::map<std::string, int> counts;
    for (const std::string& offer : offers) ++counts[role_of.at(offer.substr(6))];
    return counts;
  };
  const auto release_all = [&](const std::vector<std::string>& offers) {
    for (const std::string& offer : offers) cluster_.release(offer.substr(6), offer.substr(0, 2));
  };
  using Counts = std::map<std::string, int>;
  cluster_.framework("F1", {"role1"});
  cluster_.framework("F2", {"role2"});
  auto offers = cluster_.offers();
  EXPECT_EQ(count(offers), (Counts{{"role1", 3}, {"role2", 3}}));
  cluster_.role("role2", 2);
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  release_all(offers);
  offers = cluster_.offers();
  EXPECT_EQ(count(offers), (Counts{{"role1", 2}, {"role2", 4}}));
  cluster_.role("role3", 3);
  release_all(offers);
  cluster_.framework("F3", {"role3"});
  EXPECT_EQ(count(cluster_.offers()), (Counts{{"role1", 1}, {"role2", 2}, {"role3", 3}}));
}

TEST_F(Hierarchical, case_19_suppression_and_revival_are_by_role) {
  cluster_.agent("A1", "cpus:2;mem:1024");
  cluster_.framework("F1", {"role1", "role2"});
  cluster_.interest("F1", "role1", false);
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F1 role2: cpus:2;mem:1024"));
  cluster_.release("F1", "A1", 24h);
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.interest("F1", "role1", true);
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F1 role1: cpus:2;mem:1024"));
  cluster_.release("F1", "A1", 24h);
  EXPECT_THAT(cluster_.offers(), IsEmpty());  // the filter of role2 was kept
}

TEST_F(Hierarchical, case_43_what_is_reserved_to_an_ancestor_is_offered_below_it) {
  cluster_.agent("A1", "cpus(a):1;mem(a):512");
  cluster_.framework("F1", {"a/b/c"});
  cluster_.framework("F2", {"other"});
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F1 a/b/c: cpus(a):1;mem(a):512"));
}

// The order in which all frameworks are asked about one small agent.
std::string asked(Cluster& cluster, const std::string& probe) {
  std::string order;
  cluster.agent(probe, "cpus:0.01");
  for (auto offers = cluster.offers(); !offers.empty(); offers = cluster.offers()) {
    order += offers[0].back();
    cluster.release(std::string(1, offers[0].back()), probe, 1h);
  }
  cluster.remove_agent(probe);
  return order;
}

TEST_F(Hierarchical, case_49_roles_are_asked_in_the_order_of_their_weighted_shares) {
  cluster_.agent("M", "cpus:100;mem:100").active = false;
  const auto join = [&](const std::string& name, double weight, const std::string& holds) {
    cluster_.role(name, weight);
    cluster_.framework(name, {name});
    cluster_.hold(name, name, "M", holds);
  };
  join("a", 1, "cpus:5;mem:5");
  join("b", 2, "cpus:6;mem:6");
  EXPECT_EQ(asked(cluster_, "P1"), "ba");
  join("c", 1, "cpus:4;mem:4");
  EXPECT_EQ(asked(cluster_, "P2"), "bca");
  join("d", 10, "cpus:10;mem:20");
  EXPECT_EQ(asked(cluster_, "P3"), "dbca");
  cluster_.framework("b", {"b"}).active = false;
  EXPECT_EQ(asked(cluster_, "P4"), "dca");
  cluster_.hold("d", "d", "M", "cpus:10;mem:25");
  EXPECT_EQ(asked(cluster_, "P5"), "cda");
  join("e", 0.1, "cpus:1;mem:1");
  EXPECT_EQ(asked(cluster_, "P6"), "cdae");
  cluster_.framework("a", {"a"}).active = false;
  EXPECT_EQ(asked(cluster_, "P7"), "cde");
}

// Ghodsi et al., NSDI 2011, section 4.1: 9 CPUs and 18 GB, A's tasks want <1, 4>, B's <3, 1>.
TEST_F(Hierarchical, the_example_of_the_paper_gives_three_and_two_tasks) {
  cluster_.settings().minimum_allocatable = {};
  cluster_.agent("M", "cpus:9;mem:18432");
  cluster_.framework("A", {"*"});
  cluster_.framework("B", {"*"});
  const std::map<std::string, Resources> demand = {{"A", *Resources::parse("cpus:1;mem:4096")},
                                                   {"B", *Resources::parse("cpus:3;mem:1024")}};
  std::map<std::string, int> tasks;
  for (int round = 0; round < 20; ++round) {
    const auto offers = cluster_.full_offers();
    if (offers.empty()) break;
    const std::string who = offers[0].substr(5, 1);
    const auto offered = Resources::parse(offers[0].substr(offers[0].find(": ") + 2)).value();
    if (offered.contains(demand.at(who))) {
      ++tasks[who];
      const Resources left = offered - demand.at(who);
      if (!left.empty()) cluster_.release(who, "M", 0s, left.to_text());
    } else {
      cluster_.release(who, "M", 1h);
    }
  }
  EXPECT_EQ(tasks["A"], 3);
  EXPECT_EQ(tasks["B"], 2);
}

TEST_F(Hierarchical, children_share_what_their_parent_gets) {
  for (const char* name : {"A1", "A2", "A3", "A4"}) cluster_.agent(name, "cpus:1;mem:100");
  cluster_.framework("E1", {"eng/web"});
  cluster_.framework("E2", {"eng/db"});
  cluster_.framework("O", {"ops"});
  const auto offers = cluster_.offers();
  EXPECT_EQ(std::count_if(offers.begin(), offers.end(),
                          [](const std::string& offer) { return offer.ends_with("O"); }),
            2);
}

TEST_F(Hierarchical, frameworks_in_a_role_together_weigh_as_one_of_its_children) {
  for (const char* name : {"A1", "A2", "A3", "A4"}) cluster_.agent(name, "cpus:1;mem:100");
  cluster_.framework("D1", {"eng"});
  cluster_.framework("D2", {"eng"});
  cluster_.framework("W", {"eng/web"});
  EXPECT_THAT(cluster_.offers(),
              UnorderedElementsAre(::testing::EndsWith("D1"), ::testing::EndsWith("D2"),
                                   ::testing::EndsWith("W"), ::testing::EndsWith("W")));
}

TEST_F(Hierarchical, what_one_declines_goes_to_the_next_in_the_same_call) {
  cluster_.agent("A1", "cpus:1;mem:100");
  cluster_.framework("F1", {"*"});
  cluster_.framework("F2", {"*"});
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  cluster_.release("F1", "A1", 5s);
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F2"));
}

TEST_F(Hierarchical, more_than_was_declined_is_offered_before_the_filter_ends) {
  cluster_.agent("A1", "cpus:2;mem:1024");
  cluster_.framework("F1", {"*"});
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  cluster_.release("F1", "A1", 1h, "cpus:1;mem:512");
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.release("F1", "A1", 0s, "cpus:1;mem:512");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F1 *: cpus:2;mem:1024"));
}

TEST_F(Hierarchical, an_inactive_agent_and_an_inactive_framework_get_no_offers) {
  cluster_.agent("A1", "cpus:1;mem:100").active = false;
  cluster_.framework("F1", {"*"});
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.framework("F1", {"*"}).active = false;
  cluster_.agent("A1", "cpus:1;mem:100").active = true;
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.framework("F1", {"*"}).active = true;
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
}

TEST_F(Hierarchical, agents_with_gpus_are_kept_for_those_who_can_use_them) {
  cluster_.agent("A1", "cpus:1;mem:100;gpus:1");
  cluster_.framework("F1", {"*"});
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.framework("F2", {"*"}).capabilities = {FrameworkCapability::gpu_resources};
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F2"));
}

TEST_F(Hierarchical, agents_with_gpus_are_anybodys_when_the_master_says_so) {
  cluster_.settings().filter_gpu_resources = false;
  cluster_.agent("A1", "cpus:1;mem:100;gpus:1");
  cluster_.framework("F1", {"*"});
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F1 *: cpus:1;mem:100;gpus:1"));
}

TEST_F(Hierarchical, a_lost_agent_takes_what_was_held_on_it_out_of_the_shares) {
  cluster_.agent("A1", "cpus:4;mem:400");
  cluster_.framework("F1", {"*"});
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  cluster_.framework("F2", {"*"});
  cluster_.agent("A2", "cpus:1;mem:100");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A2 -> F2"));
  cluster_.remove_agent("A1");
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.agent("A3", "cpus:1;mem:100");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A3 -> F1"));
}

TEST_F(Hierarchical, a_thousand_frameworks_that_want_nothing_do_not_hold_up_the_rest) {
  cluster_.agent("A1", "cpus:1;mem:100");
  for (int i = 0; i < 1000; ++i) cluster_.framework("idle" + std::to_string(i), {"*"});
  for (auto offers = cluster_.offers(); !offers.empty(); offers = cluster_.offers()) {
    cluster_.release(offers[0].substr(6), "A1", 24h);
  }
  cluster_.framework("busy", {"*"});
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> busy"));
}

}  // namespace
}  // namespace mesolite::hierarchical
