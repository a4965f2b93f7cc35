// Quota as the inventory's conformance cases have it (mesos-inventory.md, 5.3; the numbers are
// theirs), and what Mesos refuses: quota on nested roles.
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
using ::testing::SizeIs;

class Quota : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_THAT(host_.lines, IsEmpty()); }

  testing::RecordingHost host_;
  Cluster cluster_{local_module<Allocator, HierarchicalAllocator>(Nothing{}, host_).value()};
};

TEST_F(Quota, case_23_what_is_guaranteed_waits_for_its_role) {
  cluster_.quota("q", "cpus:2;mem:1024");
  cluster_.framework("F1", {"q"});
  cluster_.framework("F2", {"n"});
  cluster_.agent("A1", "cpus:1;mem:512");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  cluster_.agent("A2", "cpus:1;mem:512");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A2 -> F1"));
  cluster_.release("F1", "A2", 2s);
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.wait(2s);
  EXPECT_THAT(cluster_.offers(), ElementsAre("A2 -> F1"));
}

TEST_F(Quota, case_25_without_quota_fairness_is_back) {
  cluster_.quota("q", "cpus:2;mem:1024");
  cluster_.framework("F1", {"q"});
  cluster_.agent("A1", "cpus:1;mem:512");
  cluster_.agent("A2", "cpus:1;mem:512");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1", "A2 -> F1"));
  cluster_.framework("F2", {"n"});
  cluster_.role("q").guarantee = {};
  cluster_.role("q").limit.reset();
  cluster_.release("F1", "A1");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F2"));
}

TEST_F(Quota, case_27_an_agent_is_cut_to_what_is_guaranteed) {
  cluster_.quota("q", "cpus:0.5;mem:200");
  cluster_.framework("F1", {"q"});
  cluster_.framework("F2", {"n"});
  cluster_.agent("A1", "cpus:1;mem:512");
  EXPECT_THAT(cluster_.full_offers(),
              ElementsAre("A1 -> F1 q: cpus:0.5;mem:200", "A1 -> F2 n: cpus:0.5;mem:312"));
}

TEST_F(Quota, case_29_the_whole_guarantee_comes_in_one_offer) {
  cluster_.quota("q", "cpus:1;mem:512;disk:100");
  cluster_.framework("F1", {"q"});
  cluster_.agent("A1", "cpus:1;mem:512;disk:100");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F1 q: cpus:1;mem:512;disk:100"));
}

TEST_F(Quota, case_31_a_role_that_has_its_quota_leaves_the_rest_to_others) {
  cluster_.quota("q", "cpus:0.25;mem:128");
  cluster_.framework("F1", {"q"});
  cluster_.agent("A1", "cpus:1;mem:512");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F1 q: cpus:0.25;mem:128"));
  cluster_.framework("F2", {"n"});
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F2 n: cpus:0.75;mem:384"));
  cluster_.agent("A2", "cpus:1;mem:512");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A2 -> F2 n: cpus:1;mem:512"));
}

TEST_F(Quota, case_33_a_guarantee_is_kept_free_for_a_role_that_nobody_is_in) {
  cluster_.quota("q", "cpus:2;mem:1024");
  cluster_.framework("F1", {"n"});
  cluster_.agent("A1", "cpus:2;mem:1024");
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.agent("A2", "cpus:2;mem:1024");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F1 n: cpus:2;mem:1024"));
  cluster_.framework("F2", {"q"});
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A2 -> F2 q: cpus:2;mem:1024"));
}

TEST_F(Quota, case_35_two_quotas_and_each_gets_what_it_lacks) {
  cluster_.quota("q1", "cpus:1;mem:200");
  cluster_.quota("q2", "cpus:2;mem:2000");
  cluster_.framework("F1", {"q1"});
  cluster_.framework("F2", {"q2"});
  cluster_.agent("A1", "cpus:1;mem:200");
  cluster_.hold("F1", "q1", "A1", "cpus:1;mem:200");
  cluster_.agent("A2", "cpus:1;mem:1024");
  cluster_.hold("F2", "q2", "A2", "cpus:1;mem:1024");
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.agent("A3", "cpus:2;mem:2048");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A3 -> F2 q2: cpus:1;mem:976"));
}

TEST_F(Quota, case_37_reserved_resources_that_are_held_count_once) {
  cluster_.quota("q", "cpus:2;mem:2048");
  cluster_.framework("F1", {"q"});
  cluster_.agent("A1", "cpus(q):1;mem(q):1024");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  cluster_.agent("A2", "cpus:1;mem:1024");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A2 -> F1"));
  cluster_.agent("A3", "cpus:1;mem:1024");
  EXPECT_THAT(cluster_.offers(), IsEmpty());
}

TEST_F(Quota, case_39_a_reservation_counts_before_anybody_holds_it) {
  cluster_.quota("q", "cpus:2;mem:256");
  cluster_.framework("F1", {"q"});
  cluster_.agent("A1", "cpus:8;mem(q):256");
  cluster_.hold("F1", "q", "A1", "cpus:2;mem(q):256");
  cluster_.framework("F2", {"n"});
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F2 n: cpus:6"));
  cluster_.agent("A2", "cpus:4");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A2 -> F2 n: cpus:4"));
}

TEST_F(Quota, case_45_a_reservation_below_counts_above) {
  cluster_.quota("a", "cpus:2;mem:200");
  cluster_.framework("F1", {"a"});
  cluster_.agent("A1", "cpus(a/b):1;mem(a/b):100");
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.agent("A2", "cpus:10;mem:1000");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A2 -> F1 a: cpus:1;mem:100"));
}

TEST_F(Quota, case_47_what_nested_roles_hold_does_not_disturb_the_headroom) {
  cluster_.framework("F1", {"a/b"});
  cluster_.agent("A1", "cpus:1;mem:100");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  cluster_.framework("F2", {"a"});
  cluster_.agent("A2", "cpus:1;mem:100");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A2 -> F2"));
  cluster_.quota("other", "cpus:1;mem:100");
  cluster_.agent("A3", "cpus:1;mem:100");
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.agent("A4", "cpus:1;mem:100");
  EXPECT_THAT(cluster_.offers(), SizeIs(1));
}

TEST_F(Quota, a_limit_binds_all_below_it_and_is_never_exceeded) {
  cluster_.role("eng").limit = Resources::parse("cpus:3").value();
  cluster_.role("eng/web").limit = Resources::parse("cpus:2").value();
  cluster_.framework("W", {"eng/web"});
  cluster_.agent("A1", "cpus:4;mem:400");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> W eng/web: cpus:2;mem:400"));
  cluster_.framework("D", {"eng/db"});
  cluster_.agent("A2", "cpus:4;mem:400");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> D eng/db: cpus:1"));
  cluster_.framework("O", {"ops"});
  EXPECT_THAT(cluster_.full_offers(),
              ElementsAre("A1 -> O ops: cpus:1", "A2 -> O ops: cpus:4;mem:400"));
}

// Mesos offers the memory alone then, and so takes it from those who could use it with the CPUs.
TEST_F(Quota, a_role_at_its_limit_of_cpus_is_not_offered_memory_alone) {
  cluster_.role("eng").limit = Resources::parse("cpus:2").value();
  cluster_.framework("F1", {"eng"});
  cluster_.framework("F2", {"ops"});
  cluster_.agent("A1", "cpus:2;mem:200");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  cluster_.agent("A2", "cpus:2;mem:200");
  cluster_.agent("A3", "cpus:2;mem:200;cpus(eng):1;mem(eng):50");
  EXPECT_THAT(cluster_.full_offers(),
              ElementsAre("A2 -> F2 ops: cpus:2;mem:200", "A3 -> F1 eng: cpus(eng):1;mem(eng):50",
                          "A3 -> F2 ops: cpus:2;mem:200"));
}

TEST_F(Quota, what_a_limit_held_back_is_offered_when_the_limit_gives_way) {
  cluster_.role("eng").limit = Resources::parse("cpus:2;mem:200").value();
  cluster_.framework("F1", {"eng"});
  cluster_.agent("A1", "cpus:2;mem:200");
  cluster_.agent("A2", "cpus:2;mem:200");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  cluster_.release("F1", "A1", 1h);
  EXPECT_THAT(cluster_.offers(), ElementsAre("A2 -> F1"));
  cluster_.role("eng").limit.reset();
  EXPECT_THAT(cluster_.offers(), IsEmpty());  // A1 is filtered
  cluster_.interest("F1", "eng", true);
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
}

TEST_F(Quota, what_a_guarantee_held_back_is_offered_when_it_is_not_needed_any_more) {
  cluster_.quota("q", "cpus:2;mem:200");
  cluster_.framework("F1", {"n"});
  cluster_.agent("A1", "cpus:2;mem:200");
  EXPECT_THAT(cluster_.offers(), IsEmpty());
  cluster_.role("q").guarantee = {};
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
}

TEST_F(Quota, a_childs_guarantee_is_kept_although_its_parent_has_its_own) {
  cluster_.role("eng").guarantee = Resources::parse("cpus:4").value();
  cluster_.role("eng/web").guarantee = Resources::parse("cpus:2").value();
  cluster_.settings().minimum_allocatable = {Resources::parse("cpus:0.01").value()};
  cluster_.framework("D", {"eng/db"});
  cluster_.agent("A1", "cpus:4");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> D eng/db: cpus:2"));
  cluster_.framework("W", {"eng/web"});
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> W eng/web: cpus:2"));
}

TEST_F(Quota, a_limited_role_gets_whole_gpus_or_none) {
  cluster_.role("ml").limit = Resources::parse("gpus:1;cpus:1").value();
  cluster_.framework("F1", {"ml"}).capabilities = {FrameworkCapability::gpu_resources};
  cluster_.agent("A1", "cpus:4;mem:100;gpus:4");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F1 ml: cpus:1;mem:100;gpus:1"));
}

// Case 13: revocable resources come and go; they count for no quota and no other offer.
TEST_F(Quota, case_13_revocable_resources_follow_their_estimate) {
  const auto total = [](std::int64_t revocable) {
    Resource extra;
    extra.key.name = "cpus";
    extra.key.revocable = true;
    extra.amount = revocable * 1000;
    Resources resources = Resources::parse("cpus:100;mem:100;disk:100").value();
    resources.add(extra);
    return resources;
  };
  cluster_.role("r").limit = Resources::parse("cpus:100").value();
  cluster_.framework("F1", {"r"}).capabilities = {FrameworkCapability::revocable_resources};
  cluster_.agent("A1", "cpus:100;mem:100;disk:100");
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F1 r: cpus:100;mem:100;disk:100"));
  cluster_.agent("A1", "").total = total(10);
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F1 r: cpus{REV}:10"));
  cluster_.agent("A1", "").total = total(12);
  EXPECT_THAT(cluster_.full_offers(), ElementsAre("A1 -> F1 r: cpus{REV}:2"));
  cluster_.agent("A1", "").total = total(5);
  EXPECT_THAT(cluster_.offers(), IsEmpty());
}

}  // namespace
}  // namespace mesolite::hierarchical
